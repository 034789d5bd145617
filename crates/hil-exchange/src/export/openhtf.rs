//! OpenHTF reports, one a line. A single one is a file that any tool for OpenHTF reads.

use std::io::Write;

use hil_model::run::Run;

use super::format::Out;
use super::{Export, Format};
use crate::{ExchangeError, Result, openhtf};

pub(super) struct Reports {
    out: Out,
}

impl Reports {
    pub(super) fn new(out: Out) -> Self {
        Self { out }
    }
}

impl Export for Reports {
    fn push(&mut self, run: &Run) -> Result<()> {
        openhtf::write(run, &mut self.out)?;
        self.out.write_all(b"\n").map_err(ExchangeError::write(Format::OpenHtf))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(ExchangeError::write(Format::OpenHtf))
    }
}
