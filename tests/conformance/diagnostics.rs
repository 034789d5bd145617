//! Raw diagnostic frames: requests on 0x3C, answers on 0x3D.

use hil::lin::{ChecksumModel, Data, Frame, FrameId, Nad};
use hil::prelude::*;

use super::iut::{Iut, mismatch, skip};

/// Every node takes it.
pub(crate) const BROADCAST: u8 = 0x7F;
/// Every node takes it, no node answers.
pub(crate) const FUNCTIONAL: u8 = 0x7E;

pub(crate) const SUPPLIER_WILDCARD: u16 = 0x7FFF;
pub(crate) const FUNCTION_WILDCARD: u16 = 0xFFFF;

/// "Response pending".
const PENDING: u8 = 0x78;
/// How long a response may be pending: P2* of UDS (hardware reference 1.6).
const PENDING_AT_MOST: Duration = Duration::from_secs(5);
/// The frames of a diagnostic schedule come in this distance.
const SLOT: Duration = Duration::from_millis(10);

/// Data identifiers of ISO 14229 that a node may have, and that may be longer than a frame.
const DATA_IDENTIFIERS: [u16; 8] = [0xF187, 0xF18C, 0xF190, 0xF195, 0xF191, 0xF193, 0xF197, 0xF1A2];

/// A single frame.
pub(crate) fn single(nad: u8, content: &[u8]) -> [u8; 8] {
    let mut frame = [0xFF; 8];
    frame[0] = nad;
    frame[1] = content.len() as u8;
    frame[2..2 + content.len()].copy_from_slice(content);
    frame
}

/// A message of more than six bytes in pieces.
pub(crate) fn segments(nad: Nad, message: &[u8]) -> Vec<[u8; 8]> {
    let (head, rest) = message.split_at(message.len().min(5));
    let mut first = [0xFF; 8];
    first[0] = nad.get();
    first[1] = 0x10 | (message.len() >> 8) as u8;
    first[2] = message.len() as u8;
    first[3..3 + head.len()].copy_from_slice(head);
    let consecutive = rest.chunks(6).zip(1_u8..).map(|(piece, number)| {
        let mut frame = [0xFF; 8];
        frame[0] = nad.get();
        frame[1] = 0x20 | (number & 0x0F);
        frame[2..2 + piece.len()].copy_from_slice(piece);
        frame
    });
    [first].into_iter().chain(consecutive).collect()
}

/// Bytes as they stand on the bus.
pub(crate) fn shown(answer: Option<[u8; 8]>) -> String {
    match answer {
        Some(answer) => answer.map(|byte| format!("{byte:02X}")).join(" "),
        None => "no response".to_owned(),
    }
}

impl Iut {
    /// ReadByIdentifier for exactly this node, as far as the LDF knows it.
    pub(crate) fn read_by_identifier(&self, id: u8) -> [u8; 6] {
        let [s0, s1, f0, f1] = self.supplier_and_function();
        [0xB2, id, s0, s1, f0, f1]
    }

    /// Supplier and function of the LDF, or their wildcards, each low byte first.
    pub(crate) fn supplier_and_function(&self) -> [u8; 4] {
        let known = self.product().map(|product| (product.supplier, product.function));
        let (supplier, function) = known.unwrap_or((SUPPLIER_WILDCARD, FUNCTION_WILDCARD));
        let ([s0, s1], [f0, f1]) = (supplier.to_le_bytes(), function.to_le_bytes());
        [s0, s1, f0, f1]
    }

    /// Sends a master request.
    ///
    /// # Errors
    ///
    /// As [`Iut::send`].
    #[track_caller]
    pub(crate) fn request(&self, frame: [u8; 8]) -> hil::Result {
        let frame = Frame::of(FrameId::MASTER_REQUEST, Data::new(&frame)?);
        self.send(&frame, ChecksumModel::Classic)
    }

    /// Sends one slave response header.
    ///
    /// # Errors
    ///
    /// As [`Iut::read`].
    #[track_caller]
    pub(crate) fn response(&self) -> hil::Result<Option<[u8; 8]>> {
        let data = self.read(FrameId::SLAVE_RESPONSE, 8)?;
        Ok(data.and_then(|data| (*data).try_into().ok()))
    }

    /// Polls for the first frame of an answer; a response-pending is waited out.
    ///
    /// # Errors
    ///
    /// As [`Iut::read`].
    #[track_caller]
    pub(crate) fn answer(&self) -> hil::Result<Option<[u8; 8]>> {
        let mut deadline = self.now() + self.patience();
        loop {
            match self.response()? {
                Some([_, 0x03, 0x7F, _, PENDING, ..]) => deadline = self.now() + PENDING_AT_MOST,
                Some(answer) => return Ok(Some(answer)),
                None if self.now() >= deadline => return Ok(None),
                None => {}
            }
            self.ctx.sleep(SLOT);
        }
    }

    /// Sends a single frame to `nad` and polls for the answer, as a step of the record.
    ///
    /// # Errors
    ///
    /// As [`Iut::send`] and [`Iut::read`].
    #[track_caller]
    pub(crate) fn ask(&self, nad: Nad, content: &[u8]) -> hil::Result<Option<[u8; 8]>> {
        self.ask_at(nad.get(), content)
    }

    /// The same, to any address.
    #[track_caller]
    pub(crate) fn ask_at(&self, nad: u8, content: &[u8]) -> hil::Result<Option<[u8; 8]>> {
        let request = single(nad, content);
        self.ctx.step(&format!("Request {}", shown(Some(request))), || {
            self.request(request)?;
            let answer = self.answer()?;
            self.ctx.log(format!("answer {}", shown(answer)));
            Ok(answer)
        })
    }

    /// The answer that must come now: these bytes and FF behind them.
    ///
    /// # Errors
    ///
    /// A failure with both, if it is another.
    #[track_caller]
    pub(crate) fn expect_answer(
        &self,
        what: &str,
        got: Option<[u8; 8]>,
        nad: Nad,
        content: &[u8],
    ) -> hil::Result {
        let want = single(nad.get(), content);
        if got == Some(want) { Ok(()) } else { Err(mismatch(what, &shown(Some(want)), &shown(got))) }
    }

    /// The positive answer to [`Self::read_by_identifier`] with identifier 0: what the LDF says.
    ///
    /// # Errors
    ///
    /// A failure with both, if it is another; a skip, if the LDF does not say.
    #[track_caller]
    pub(crate) fn expect_product(&self, what: &str, got: Option<[u8; 8]>, nad: Nad) -> hil::Result {
        let variant = self.product()?.variant;
        let [s0, s1, f0, f1] = self.supplier_and_function();
        // Where the LDF says no variant, any will do.
        let variant = variant.or_else(|| got.map(|got| got[7])).unwrap_or_default();
        self.expect_answer(what, got, nad, &[0xF2, s0, s1, f0, f1, variant])
    }

    /// No answer may come, however long it is polled for.
    ///
    /// # Errors
    ///
    /// A failure with the bytes that came.
    #[track_caller]
    pub(crate) fn expect_silence(&self, what: &str) -> hil::Result {
        match self.answer()? {
            None => Ok(()),
            some => Err(mismatch(what, "no response", &shown(some))),
        }
    }

    /// A request whose answer takes more than one frame, found among the data identifiers of ISO 14229.
    ///
    /// # Errors
    ///
    /// A skip, if the node has none.
    #[track_caller]
    pub(crate) fn long_answer(&self) -> hil::Result<[u8; 3]> {
        let mut unanswered = 0;
        for identifier in DATA_IDENTIFIERS {
            let [high, low] = identifier.to_be_bytes();
            let request = [0x22, high, low];
            match self.ask(self.nad, &request)? {
                Some([_, pci, ..]) if pci >> 4 == 1 => {
                    // A request to nobody ends the answer.
                    self.request(single(self.free_nad()?.get(), &[0x3E]))?;
                    return Ok(request);
                }
                Some(_) => {}
                None => unanswered += 1,
            }
            // A node of diagnostic class I has no such service, and says nothing.
            if unanswered == 2 {
                return Err(skip("the node does not answer ReadDataByIdentifier".to_owned()));
            }
        }
        Err(skip("no data identifier of ISO 14229 that was tried has an answer of several frames".to_owned()))
    }

    /// A request of three frames that the node answers in some way.
    ///
    /// # Errors
    ///
    /// A skip, if it answers the same service in a single frame neither.
    #[track_caller]
    pub(crate) fn long_request(&self) -> hil::Result<Vec<[u8; 8]>> {
        if self.ask(self.nad, &[0x22, 0xF1, 0x95])?.is_none() {
            return Err(skip("the node does not answer ReadDataByIdentifier".to_owned()));
        }
        self.request(single(self.free_nad()?.get(), &[0x3E]))?;
        let identifiers = [0xF195_u16, 0xF18C, 0xF187].iter().cycle().take(6).flat_map(|id| id.to_be_bytes());
        Ok(segments(self.nad, &[0x22].into_iter().chain(identifiers).collect::<Vec<u8>>()))
    }

    /// Any answer to [`Self::long_request`]: positive or negative, whole or the beginning of one.
    ///
    /// # Errors
    ///
    /// A failure with what came, if that is something else.
    #[track_caller]
    pub(crate) fn expect_long_request_answered(&self, what: &str) -> hil::Result {
        let got = self.answer()?;
        let nad = self.nad.get();
        match got {
            Some([from, pci, _, 0x62, ..]) if from == nad && pci >> 4 == 1 => Ok(()),
            Some([from, 1..=6, 0x62, ..] | [from, 3, 0x7F, 0x22, ..]) if from == nad => Ok(()),
            other => {
                let want = format!("{nad:02X} and an answer to service 22");
                Err(mismatch(what, &want, &shown(other)))
            }
        }
    }
}
