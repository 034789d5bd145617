//! Our documents, as a list.

use std::io::Write;

use hil_model::run::Run;

use super::format::Out;
use super::{Export, Format};
use crate::{ExchangeError, Result, document};

pub(super) struct Documents {
    out: Out,
    is_empty: bool,
}

impl Documents {
    pub(super) fn new(out: Out) -> Self {
        Self { out, is_empty: true }
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        self.out.write_all(text).map_err(ExchangeError::write(Format::Json))
    }
}

impl Export for Documents {
    fn push(&mut self, run: &Run) -> Result<()> {
        self.write(if self.is_empty { b"[\n" } else { b",\n" })?;
        self.is_empty = false;
        document::to_writer(run, &mut self.out).map_err(ExchangeError::write(Format::Json))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write(if self.is_empty { b"[]\n" } else { b"\n]\n" })?;
        self.out.flush().map_err(ExchangeError::write(Format::Json))
    }
}
