//! What went over the line, and when.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use hil_model::{BenchTime, Clock};
use hil_psu::WireTap;

/// Records the line's bytes with bench times, and passes them on to the simulation's own tap.
pub(crate) struct Tape {
    clock: Arc<dyn Clock>,
    next: Option<Arc<dyn WireTap>>,
    pieces: Mutex<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Piece {
    at: BenchTime,
    sent: bool,
    bytes: Vec<u8>,
}

impl Tape {
    pub(crate) fn new(clock: Arc<dyn Clock>, next: Option<Arc<dyn WireTap>>) -> Arc<Self> {
        Arc::new(Self { clock, next, pieces: Mutex::default() })
    }

    /// Every command so far with its line end, and when it went out.
    pub(crate) fn commands(&self) -> Vec<(BenchTime, String)> {
        let text = |piece: &Piece| (piece.at, String::from_utf8(piece.bytes.clone()).unwrap());
        self.pieces.lock().unwrap().iter().filter(|piece| piece.sent).map(text).collect()
    }

    /// Every command so far, trimmed.
    pub(crate) fn said(&self) -> Vec<String> {
        self.commands().into_iter().map(|(_, command)| command.trim().to_owned()).collect()
    }

    /// Forgets what was recorded so far.
    pub(crate) fn rewind(&self) {
        self.pieces.lock().unwrap().clear();
    }

    /// All of it as text. What came in several reads at one moment is one piece.
    pub(crate) fn transcript(&self) -> String {
        let mut text = String::new();
        let pieces = self.pieces.lock().unwrap();
        for piece in pieces.chunk_by(|a, b| (a.at, a.sent) == (b.at, b.sent)) {
            let bytes: Vec<u8> = piece.iter().flat_map(|piece| piece.bytes.clone()).collect();
            let arrow = if piece[0].sent { '>' } else { '<' };
            let line = bytes.escape_ascii();
            writeln!(text, "{} {arrow} {line}", piece[0].at).unwrap();
        }
        text
    }

    fn record(&self, sent: bool, bytes: &[u8]) {
        let piece = Piece { at: self.clock.now(), sent, bytes: bytes.to_vec() };
        self.pieces.lock().unwrap().push(piece);
    }
}

impl WireTap for Tape {
    fn on_tx(&self, bytes: &[u8]) {
        self.record(true, bytes);
        if let Some(next) = &self.next {
            next.on_tx(bytes);
        }
    }

    fn on_rx(&self, bytes: &[u8]) {
        self.record(false, bytes);
        if let Some(next) = &self.next {
            next.on_rx(bytes);
        }
    }
}
