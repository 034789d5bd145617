//! The implementation under test: what the LDF says of the node, and what every case does with it.

use std::sync::Arc;

use hil::ldf::{Database, FrameDef, FrameKind, ProductId};
use hil::lin::{ChecksumModel, Data, Frame, FrameId, Header, LinError, Nad, Response, WakePulse};
use hil::model::{BenchTime, Failure, Resource, SourceLocation};
use hil::prelude::*;

/// How long a slave may take to begin its response; generous, for slow adapters.
const RESPONSE: Duration = Duration::from_millis(200);
/// How long the first frame of an answer is waited for after P2_min, which is the shortest time alone (U).
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);
/// How long a node may take from the wake-up to its first answer (hardware reference 1.5, (U)).
pub(crate) const WAKES_WITHIN: Duration = Duration::from_millis(100);
/// How long a node is waited for that should be awake.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(3);

/// A frame of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeFrame {
    pub(crate) name: String,
    /// Its id in the LDF.
    pub(crate) id: FrameId,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// The bits that carry a signal, byte by byte.
    pub(crate) used: Vec<u8>,
    /// Its index for AssignFrameIdRange, if its id can be changed.
    pub(crate) slot: Option<u8>,
}

/// The node under test.
#[derive(Debug)]
pub(crate) struct Iut {
    pub(crate) ctx: Ctx,
    fio: FrameIo,
    lin: Lin,
    ldf: Arc<Database>,
    /// Its name in the LDF.
    name: String,
    /// The address that it has.
    pub(crate) nad: Nad,
    /// The address that it left the factory with.
    pub(crate) initial: Nad,
    product: Option<ProductId>,
    response_error: Option<String>,
    /// The frames that it sends.
    pub(crate) published: Vec<NodeFrame>,
    /// The frames that the master sends and it takes.
    pub(crate) subscribed: Vec<NodeFrame>,
    /// The shortest time from a request to its answer.
    p2: Duration,
    pub(crate) n_as: Duration,
    pub(crate) n_cr: Duration,
}

impl FromBench for Iut {
    /// The supply is not asked for by the cases, but on many benches it is what powers the node.
    const NEEDS: &'static [Resource] = &[Resource::Lin, Resource::Ldf, Resource::Psu];

    fn from_bench(ctx: &Ctx) -> hil::Result<Self> {
        let ldf = Arc::<Database>::from_bench(ctx)?;
        let (fio, lin) = (FrameIo::from_bench(ctx)?, Lin::from_bench(ctx)?);
        Self::described(ctx, Arc::clone(&ldf), fio, lin)
    }
}

impl Iut {
    /// The node that `ldf` describes under the bench's address.
    fn described(ctx: &Ctx, ldf: Arc<Database>, fio: FrameIo, lin: Lin) -> hil::Result<Self> {
        let nad = Nad::new(ctx.config().interface.nad)?;
        let has_it = |found: Option<hil::ldf::Nad>| found.is_some_and(|found| found.get() == nad.get());
        let slaves: Vec<_> = ldf.slaves().collect();
        let slave = match slaves.as_slice() {
            [only] => Some(*only),
            several => several.iter().copied().find(|slave| has_it(slave.nad())),
        };
        let Some(slave) = slave else {
            return Err(skip(format!("no slave of the LDF has the address {nad} of interface.nad")));
        };
        let name = slave.name().to_owned();
        let Some(attributes) = slave.attributes() else {
            return Err(skip(format!("the LDF has no node attributes for {name}")));
        };
        let protocol = attributes.protocol().unwrap_or_else(|| ldf.protocol_version());
        if protocol.starts_with('1') {
            return Err(skip(format!("{name} speaks LIN {protocol}; the suite is for LIN 2.x")));
        }
        // A bench may have given the node another address than the LDF knows.
        let initial = attributes.initial_nad().filter(|_| has_it(slave.nad()));
        let initial = initial.and_then(|initial| Nad::new(initial.get()).ok()).unwrap_or(nad);
        let slots: Vec<&str> = attributes.configurable_frames().map(|frame| frame.frame()).collect();
        let describe = |frame: FrameDef<'_>| {
            let id = frame.id().and_then(|id| FrameId::new(id.get()).ok())?;
            let length = fio.frame_length(frame.name()).ok()?;
            let slot = slots.iter().position(|slot| *slot == frame.name());
            let slot = slot.and_then(|slot| u8::try_from(slot).ok());
            Some(NodeFrame {
                name: frame.name().to_owned(),
                id,
                length,
                used: used_bits(frame, length),
                slot,
            })
        };
        let master = ldf.master().map(|master| master.name());
        let frames = || ldf.frames().filter(|frame| frame.kind() == FrameKind::Unconditional);
        let published = frames().filter(|frame| frame.publisher() == name);
        let subscribed = frames().filter(|frame| {
            Some(frame.publisher()) == master && frame.subscribers().any(|subscriber| subscriber == name)
        });
        Ok(Self {
            nad,
            initial,
            product: attributes.product_id(),
            response_error: attributes.response_error().map(str::to_owned),
            published: published.filter_map(describe).collect(),
            subscribed: subscribed.filter_map(describe).collect(),
            p2: attributes.p2_min(),
            n_as: attributes.n_as_timeout(),
            n_cr: attributes.n_cr_timeout(),
            name,
            ctx: ctx.clone(),
            fio,
            lin,
            ldf: Arc::clone(&ldf),
        })
    }

    /// The frame that carries `response_error`, and the signal's name.
    ///
    /// # Errors
    ///
    /// A skip where the LDF has none.
    pub(crate) fn status(&self) -> hil::Result<(&NodeFrame, &str)> {
        let signal = self.response_error.as_deref();
        let signal =
            signal.ok_or_else(|| skip(format!("the LDF has no response_error for {}", self.name)))?;
        let carriers: Vec<&str> = self.ldf.frames_of(signal).map(|frame| frame.name()).collect();
        let frame = self.published.iter().find(|frame| carriers.contains(&frame.name.as_str()));
        let frame = frame.ok_or_else(|| skip(format!("no frame of {} carries {signal}", self.name)))?;
        Ok((frame, signal))
    }

    /// What it is, by the LDF.
    ///
    /// # Errors
    ///
    /// A skip where the LDF does not say.
    pub(crate) fn product(&self) -> hil::Result<ProductId> {
        self.product.ok_or_else(|| skip(format!("the LDF has no product_id for {}", self.name)))
    }

    /// The frames whose ids the master can change.
    pub(crate) fn configurable(&self) -> impl Iterator<Item = (&NodeFrame, u8)> {
        self.published.iter().chain(&self.subscribed).filter_map(|frame| Some((frame, frame.slot?)))
    }

    /// The ids below the diagnostic ones that no other node of the LDF uses.
    pub(crate) fn free_ids(&self) -> Vec<FrameId> {
        let own: Vec<FrameId> = self.published.iter().chain(&self.subscribed).map(|frame| frame.id).collect();
        let is_free = |id: &FrameId| {
            let event_triggered = self.ldf.event_triggered_frames().any(|frame| frame.id().get() == id.get());
            own.contains(id) || (self.ldf.frame_by_id(id.get()).is_none() && !event_triggered)
        };
        (0x00..0x3C).filter_map(|id| FrameId::new(id).ok()).filter(is_free).collect()
    }

    /// An address that no slave of the LDF has.
    pub(crate) fn free_nad(&self) -> hil::Result<Nad> {
        let taken: Vec<u8> = self.ldf.slaves().filter_map(|slave| slave.nad()).map(|nad| nad.get()).collect();
        let own = [self.nad, self.initial];
        let mut others =
            (0x20..=0x7D).filter(|nad| !taken.contains(nad)).filter_map(|nad| Nad::new(nad).ok());
        others.find(|nad| !own.contains(nad)).ok_or_else(|| skip("every address is taken".to_owned()))
    }

    /// Sends a frame with a checksum of the given model.
    ///
    /// # Errors
    ///
    /// A failure, if somebody answers at the same time; the adapter's troubles.
    #[track_caller]
    pub(crate) fn send(&self, frame: &Frame, checksum: ChecksumModel) -> hil::Result {
        self.fio.stimulated(&frame.to_string());
        match self.lin.send_raw(frame, checksum) {
            Err(error @ LinError::BitError { .. }) => Err(mismatch(
                &format!("the frame {}", frame.id()),
                "nobody else drives the bus",
                &error.to_string(),
            )),
            other => Ok(other?),
        }
    }

    /// Sends one of the master's frames under `id`, with the init values of its signals.
    ///
    /// # Errors
    ///
    /// As [`Self::send`].
    #[track_caller]
    pub(crate) fn send_init(&self, frame: &NodeFrame, id: FrameId, checksum: ChecksumModel) -> hil::Result {
        let data = self.fio.pack(&frame.name, [])?;
        self.send(&Frame::of(id, data), checksum)
    }

    /// Sends the node something that it must report as faulty: a subscribed frame, or if it has none a master
    /// request, with a checksum of the wrong model. No protected id is 00 or FF, so the models always differ.
    ///
    /// # Errors
    ///
    /// As [`Self::send`].
    #[track_caller]
    pub(crate) fn disturb(&self) -> hil::Result {
        self.needs_raw_checksum()?;
        match self.subscribed.first() {
            Some(frame) => self.send_init(frame, frame.id, ChecksumModel::Classic),
            None => {
                let data = Data::new(&[0x7D, 0x01, 0x3E, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])?;
                self.send(&Frame::of(FrameId::MASTER_REQUEST, data), ChecksumModel::Enhanced)
            }
        }
    }

    /// # Errors
    ///
    /// A skip, if the adapter cannot send wrong checksums.
    pub(crate) fn needs_raw_checksum(&self) -> hil::Result {
        if self.lin.capabilities().raw_checksum {
            Ok(())
        } else {
            Err(skip("the adapter cannot send a checksum of the other model".to_owned()))
        }
    }

    /// Reads a frame under `id`.
    ///
    /// # Errors
    ///
    /// A failure for a response that is none; the adapter's troubles.
    #[track_caller]
    pub(crate) fn read(&self, id: FrameId, length: usize) -> hil::Result<Option<Data>> {
        Ok(match self.lin.receive(Header::new(id, length), RESPONSE)? {
            Response::Data(data) => Some(data),
            Response::None => None,
        })
    }

    /// Reads a published frame where the LDF has it; it must answer.
    ///
    /// # Errors
    ///
    /// A failure, if it does not.
    #[track_caller]
    pub(crate) fn read_published(&self, frame: &NodeFrame) -> hil::Result<Data> {
        let want = format!("{} bytes", frame.length);
        let data = self.read(frame.id, frame.length)?;
        data.ok_or_else(|| mismatch(&format!("{} ({})", frame.name, frame.id), &want, "no response"))
    }

    /// Sends a header that nobody may answer, not even with something broken.
    ///
    /// # Errors
    ///
    /// A failure with what came.
    #[track_caller]
    pub(crate) fn expect_nobody(&self, what: &str, id: FrameId, length: usize) -> hil::Result {
        let got = match self.lin.receive(Header::new(id, length), RESPONSE) {
            Ok(Response::None) => return Ok(()),
            Ok(Response::Data(data)) => data.to_string(),
            Err(error) if error.is_adapter() => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        Err(mismatch(&format!("{what} ({id})"), "no response", &got))
    }

    /// The value of `response_error`; reading it is what clears it.
    ///
    /// # Errors
    ///
    /// A failure, if the frame that carries it does not come.
    #[track_caller]
    pub(crate) fn error_flag(&self) -> hil::Result<bool> {
        let (frame, signal) = self.status()?;
        self.error_flag_in(signal, frame, frame.id)
    }

    /// The same, while its frame has another id.
    #[track_caller]
    pub(crate) fn error_flag_at(&self, id: FrameId) -> hil::Result<bool> {
        let (frame, signal) = self.status()?;
        self.error_flag_in(signal, frame, id)
    }

    #[track_caller]
    fn error_flag_in(&self, signal: &str, frame: &NodeFrame, id: FrameId) -> hil::Result<bool> {
        let data = self.read_published(&NodeFrame { id, ..frame.clone() })?;
        Ok(self.fio.unpack(&frame.name, &data)?.raw(signal)? == 1)
    }

    /// `response_error` must have this value.
    ///
    /// # Errors
    ///
    /// A failure, if it has not.
    #[track_caller]
    pub(crate) fn expect_error_flag(&self, when: &str, expected: bool) -> hil::Result {
        self.ctx.expect_eq(&format!("response_error {when}"), self.error_flag()?, expected)
    }

    /// Sends go-to-sleep with `data` as bytes 2 to 8.
    ///
    /// # Errors
    ///
    /// As [`Self::send`].
    #[track_caller]
    pub(crate) fn send_to_sleep(&self, data: [u8; 7]) -> hil::Result {
        let bytes = [&[0x00], data.as_slice()].concat();
        self.send(&Frame::of(FrameId::MASTER_REQUEST, Data::new(&bytes)?), ChecksumModel::Classic)
    }

    /// Sends a wake-up pulse.
    ///
    /// # Errors
    ///
    /// A skip, if the adapter cannot.
    #[track_caller]
    pub(crate) fn wake_up(&self, pulse: WakePulse) -> hil::Result {
        self.fio.stimulated("wake-up pulse");
        Ok(self.lin.wake_up(pulse)?)
    }

    /// Whether the node gives a sign of life, be it a broken one: a frame, or a diagnostic answer.
    fn is_alive(&self) -> hil::Result<bool> {
        let frame = self.published.first().map(|frame| self.read(frame.id, frame.length));
        match frame {
            Some(Ok(Some(_)) | Err(TestError::Failed(_))) => return Ok(true),
            Some(Err(error)) => return Err(error),
            Some(Ok(None)) | None => {}
        }
        match self.ask(self.nad, &self.read_by_identifier(0)) {
            Ok(answer) => Ok(answer.is_some()),
            Err(TestError::Failed(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Brings the node to where every case begins: awake, without an answer that waits, without an error to
    /// report. A header wakes a node as well as a pulse does, only later.
    ///
    /// # Errors
    ///
    /// A failure, if it gives no sign of life.
    #[track_caller]
    pub(crate) fn settle(&self) -> hil::Result {
        if !self.is_alive()? {
            match self.wake_up(WakePulse::DEFAULT) {
                Ok(()) | Err(TestError::Skipped(_)) => {}
                Err(error) => return Err(error),
            }
            let what = format!("a sign of life of {}", self.name);
            self.ctx
                .wait_for(&what, WAKES_WITHIN, COMES_BACK_WITHIN, || Ok(self.is_alive()?.then_some(())))?;
        }
        // What is left of an answer; more than the longest of a case is a finding of that case.
        for _ in 0..8 {
            match self.response() {
                Ok(None) => break,
                Ok(Some(_)) | Err(TestError::Failed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        for _ in 0..2 {
            match self.error_flag() {
                Ok(_) | Err(TestError::Failed(_) | TestError::Skipped(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// How long an answer is waited for, or its absence watched.
    pub(crate) const fn patience(&self) -> Duration {
        self.p2.saturating_add(ANSWERS_WITHIN)
    }

    /// The bench's time.
    pub(crate) fn now(&self) -> BenchTime {
        self.ctx.clock().now()
    }
}

/// The bits of a frame that carry a signal.
fn used_bits(frame: FrameDef<'_>, length: usize) -> Vec<u8> {
    let mut used = vec![0x00; length];
    for slot in frame.signals() {
        for bit in slot.offset()..slot.offset() + slot.signal().width() {
            if let Some(byte) = used.get_mut(bit / 8) {
                *byte |= 1 << (bit % 8);
            }
        }
    }
    used
}

/// A case that cannot be run here.
pub(crate) const fn skip(reason: String) -> TestError {
    TestError::Skipped(reason)
}

/// A requirement that was not met: what was looked at, what it should have been, what it was.
#[track_caller]
pub(crate) fn mismatch(what: &str, want: &str, got: &str) -> TestError {
    let location = Some(SourceLocation::caller());
    let failure = Failure { location, ..Failure::new(format!("{what}: want {want}, got {got}")) };
    failure.with_values(want, got).into()
}
