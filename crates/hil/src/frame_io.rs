//! Frames and signals by their LDF name (HLP-01).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hil_ldf::{Database, Fill, FrameDef, Value};
use hil_lin::{ChecksumModel, Data, Frame, FrameId, Header, Response, WakePulse};
use hil_model::{BenchTime, Failure, PollError, Resource, SourceLocation, poll_until};
use hil_runner::frame_checksum;

use crate::{Ctx, FromBench, Lin, Result, SignalValue, Signals, TestError};

/// How long a slave may take to answer; the time-out of the harness that this replaces (hardware
/// reference 10.1).
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(200);

/// How often a signal is read while it is waited for (hardware reference 10.1).
const POLL: Duration = Duration::from_millis(50);

/// How many of the last payloads a failed wait shows.
const SHOWN_PAYLOADS: usize = 4;

/// The bus in terms of the LDF, on three levels.
///
/// High: [`send`](Self::send), [`receive`](Self::receive), [`read_signal`](Self::read_signal),
/// [`expect_signal`](Self::expect_signal) by name. Middle: [`pack`](Self::pack),
/// [`unpack`](Self::unpack). Low: [`send_raw`](Self::send_raw), [`receive_raw`](Self::receive_raw),
/// which bypass the LDF. Unknown names fail with the nearest match.
///
/// A unit that keeps silent or answers with a broken response fails the test; a bus that is shorted or
/// an adapter that is gone is a fault of the bench.
#[derive(Clone, Debug)]
pub struct FrameIo {
    ctx: Ctx,
    lin: Lin,
    ldf: Arc<Database>,
    stimulus: Arc<Mutex<Option<Stimulus>>>,
}

/// What the test did to the unit last.
#[derive(Clone, Debug)]
struct Stimulus {
    what: String,
    at: BenchTime,
}

impl FromBench for FrameIo {
    const NEEDS: &'static [Resource] = &[Resource::Lin, Resource::Ldf];

    fn from_bench(ctx: &Ctx) -> Result<Self> {
        let lin = Lin::from_bench(ctx)?;
        let ldf = Arc::<Database>::from_bench(ctx)?;
        Ok(Self { ctx: ctx.clone(), lin, ldf, stimulus: Arc::default() })
    }
}

impl FrameIo {
    /// The LDF's definition of the frame `name`.
    ///
    /// # Errors
    ///
    /// A test error that suggests the nearest name, if there is none.
    #[track_caller]
    pub fn frame(&self, name: &str) -> Result<FrameDef<'_>> {
        Ok(self.ldf.frame(name)?)
    }

    /// The id of the frame `name`.
    ///
    /// # Errors
    ///
    /// As [`Self::frame`], and for a frame whose identifier the LDF leaves to a schedule table.
    #[track_caller]
    pub fn frame_id(&self, name: &str) -> Result<FrameId> {
        let id = self.frame(name)?.id();
        let id = id.ok_or_else(|| TestError::misuse(format!("frame {name} has no identifier in the LDF")))?;
        Ok(FrameId::new(id.get())?)
    }

    /// The length of the frame `name` in data bytes, 1–8: the LDF's, or what `interface.frame_lengths`
    /// puts in its place.
    ///
    /// # Errors
    ///
    /// As [`Self::frame`].
    #[track_caller]
    pub fn frame_length(&self, name: &str) -> Result<usize> {
        let frame = self.frame(name)?;
        let lengths = &self.ctx.config().interface.frame_lengths;
        let configured = frame.id().and_then(|id| lengths.get(&id.get()));
        Ok(configured.map_or_else(|| frame.length(), |length| usize::from(*length)))
    }

    /// The data bytes of the frame `name` with the given signals. Others have their init value, and bits
    /// without a signal are 1, as they are sent (hardware reference 1.9).
    ///
    /// # Errors
    ///
    /// A test error that names the signal, for one that the frame does not have or a value that does not
    /// fit.
    #[track_caller]
    pub fn pack<'a>(
        &self,
        name: &str,
        signals: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Data> {
        Ok(Data::new(&self.frame(name)?.encode(signals, Fill::Ones)?)?)
    }

    /// The signals in `payload`, taken as the frame `name`.
    ///
    /// # Errors
    ///
    /// A test error if the payload has not the frame's length.
    #[track_caller]
    pub fn unpack(&self, name: &str, payload: &[u8]) -> Result<Signals> {
        Signals::new(Arc::clone(&self.ldf), name, Data::new(payload)?)
    }

    /// Sends the frame `name` with the given signals; see [`Self::pack`] for the others.
    ///
    /// What is read afterwards counts as the unit's reaction to it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::pack`] and of the bus.
    #[track_caller]
    pub fn send<'a>(&self, name: &str, signals: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Result {
        let data = self.pack(name, signals)?;
        let id = self.frame_id(name)?;
        let model = frame_checksum(&self.ldf, self.frame(name)?, id);
        self.stimulated(name);
        Ok(self.lin.send_raw(&Frame::of(id, data), model)?)
    }

    /// Asks for the frame `name` and returns its signals.
    ///
    /// # Errors
    ///
    /// A failure if nobody answers within 200 ms, or if the response is broken.
    #[track_caller]
    pub fn receive(&self, name: &str) -> Result<Signals> {
        let location = SourceLocation::caller();
        match self.try_receive(name)? {
            Some(signals) => Ok(signals),
            None => Err(TestError::failed(format!(
                "{name} ({}): no response within {} ms",
                self.frame_id(name)?,
                RESPONSE_TIMEOUT.as_millis()
            ))
            .at(location)),
        }
    }

    /// Asks for the frame `name`; `None` if nobody answers.
    ///
    /// # Errors
    ///
    /// A failure if the response is broken.
    #[track_caller]
    pub fn try_receive(&self, name: &str) -> Result<Option<Signals>> {
        let id = self.frame_id(name)?;
        let model = frame_checksum(&self.ldf, self.frame(name)?, id);
        let header = Header::new(id, self.frame_length(name)?).with_checksum(model);
        match self.lin.receive(header, RESPONSE_TIMEOUT)? {
            Response::Data(data) => self.unpack(name, &data).map(Some),
            Response::None => Ok(None),
        }
    }

    /// Asks for the frame `frame` and returns one of its signals.
    ///
    /// # Errors
    ///
    /// Those of [`Self::receive`]; a test error for a signal that the frame does not have.
    #[track_caller]
    pub fn read_signal(&self, frame: &str, signal: &str) -> Result<SignalValue> {
        Ok(self.receive(frame)?.get(signal)?.into())
    }

    /// Waits until the signal has the raw value `expected`, for at most `within`.
    ///
    /// Only frames that came after the last stimulus count, and a unit that keeps silent fails with the
    /// time since when (BEN-03).
    ///
    /// # Errors
    ///
    /// A failure with the last value and the raw bytes of the last frames.
    #[track_caller]
    pub fn expect_signal(
        &self,
        frame: &str,
        signal: &str,
        expected: u64,
        within: Duration,
    ) -> Result<SignalValue> {
        let location = SourceLocation::caller();
        // An unknown signal is the test's mistake, whether the unit answers or not.
        let want = described(self.frame(frame)?, signal, expected)?;
        let what = format!("{signal} = {want}");
        let mut seen: Vec<Signals> = Vec::new();
        let mut unanswered = 0;
        let result = poll_until(self.ctx.clock(), &what, POLL, within, || {
            let Some(signals) = self.try_receive(frame)? else {
                unanswered += 1;
                return Ok(None);
            };
            let value = SignalValue::from(signals.get(signal)?);
            seen.push(signals);
            Ok((value.raw.as_scalar() == Some(expected)).then_some(value))
        });
        match result {
            Ok(value) => Ok(value),
            Err(PollError::Failed(error)) => Err(error),
            Err(PollError::TimedOut { .. }) => {
                let failure = match seen.last() {
                    None => self.silent(frame, unanswered),
                    Some(last) => not_met(signal, &want, &seen, last, within)?,
                };
                Err(TestError::from(failure).at(location))
            }
        }
    }

    /// Nobody may answer the frame `name`.
    ///
    /// # Errors
    ///
    /// A failure with the bytes that came, if somebody does.
    #[track_caller]
    pub fn expect_no_response(&self, name: &str) -> Result {
        match self.try_receive(name)? {
            None => Ok(()),
            Some(signals) => {
                Err(TestError::failed(format!("{name}: want no response, got {}", signals.payload())))
            }
        }
    }

    /// Sends `frame` as it is, past the LDF. Without a model the checksum is the one that a LIN 2.x
    /// node expects.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    #[track_caller]
    pub fn send_raw(&self, frame: &Frame, checksum: Option<ChecksumModel>) -> Result {
        self.stimulated(&frame.id().to_string());
        let model = checksum.unwrap_or_else(|| ChecksumModel::for_id(frame.id()));
        Ok(self.lin.send_raw(frame, model)?)
    }

    /// Asks for `length` data bytes of the frame `id`, past the LDF.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    #[track_caller]
    pub fn receive_raw(&self, id: FrameId, length: usize) -> Result<Response> {
        Ok(self.lin.receive(Header::new(id, length), RESPONSE_TIMEOUT)?)
    }

    /// Sends every node to sleep.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    #[track_caller]
    pub fn go_to_sleep(&self) -> Result {
        self.stimulated("go-to-sleep");
        Ok(self.lin.go_to_sleep()?)
    }

    /// Wakes the nodes with a pulse of 1 ms.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    #[track_caller]
    pub fn wake_up(&self) -> Result {
        self.stimulated("wake-up pulse");
        Ok(self.lin.wake_up(WakePulse::DEFAULT)?)
    }

    /// Says that something was done to the unit now, past this helper: what was seen before does not
    /// count as its reaction.
    pub fn stimulated(&self, what: &str) {
        let stimulus = Stimulus { what: what.to_owned(), at: self.ctx.clock().now() };
        *self.stimulus.lock().unwrap_or_else(PoisonError::into_inner) = Some(stimulus);
    }

    /// When something was last done to the unit: just before it was sent.
    pub fn last_stimulus(&self) -> Option<BenchTime> {
        self.stimulus.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|stimulus| stimulus.at)
    }

    /// The failure of a unit that kept silent.
    fn silent(&self, frame: &str, unanswered: u32) -> Failure {
        let stimulus = self.stimulus.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let since = match stimulus {
            Some(Stimulus { what, at }) => format!("since {what} at {at}"),
            None => "since the test began".to_owned(),
        };
        let message = format!("{frame}: no fresh frame {since} ({unanswered} headers unanswered)");
        Failure {
            expected: Some("a response".to_owned()),
            got: Some("silence".to_owned()),
            ..Failure::new(message)
        }
    }
}

/// A raw value of a signal in words: what the LDF calls it.
fn described(frame: FrameDef<'_>, signal: &str, raw: u64) -> Result<String> {
    let payload = frame.encode([(signal, Value::Raw(raw))], Fill::Ones)?;
    Ok(frame.decode_signal(&payload, signal)?.to_string())
}

/// The failure of a signal that never had the value that was waited for.
fn not_met(signal: &str, want: &str, seen: &[Signals], last: &Signals, within: Duration) -> Result<Failure> {
    let got = last.get(signal)?.to_string();
    let raw: Vec<String> =
        seen.iter().rev().take(SHOWN_PAYLOADS).rev().map(|signals| signals.payload().to_string()).collect();
    let fresh = seen.len();
    Ok(Failure {
        details: vec![format!("last raw {}", raw.join(" | "))],
        ..Failure::new(format!(
            "{signal}: want {want} within {:.2} s, got {got} ({fresh} fresh frames)",
            within.as_secs_f64()
        ))
    }
    .with_values(want, got))
}
