//! Flashing through an adapter's boot loader.

use std::time::Duration;

use hil_flash::{BootLoaderFlasher, BootLoaderOptions, FlashCause, Flasher, Image, Phase, UnitState};
use hil_lin::{
    BootLoad, BootMemory, Capabilities, ChecksumModel, Frame, Header, LinError, LinMaster, LoaderBitrate,
    Response,
};
use hil_model::chain;
use hil_sim::{Pace, SimClock};
use rstest::rstest;

use crate::line::image;

/// An adapter that keeps what it is to load, and fails the given one.
#[derive(Debug, Default)]
struct Adapter {
    jobs: Vec<BootLoad>,
    fails: Option<(usize, LinError)>,
    has_none: bool,
}

impl LinMaster for Adapter {
    fn name(&self) -> &'static str {
        "test"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { boot_loader: !self.has_none, ..Capabilities::default() }
    }

    fn connect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        Ok(())
    }

    fn send_raw(&mut self, _frame: &Frame, _checksum: ChecksumModel) -> Result<(), LinError> {
        Ok(())
    }

    fn receive(&mut self, _header: Header, _timeout: Duration) -> Result<Response, LinError> {
        Ok(Response::None)
    }

    fn boot_load(&mut self, job: &BootLoad) -> Result<(), LinError> {
        self.jobs.push(job.clone());
        match &self.fails {
            Some((which, error)) if *which == self.jobs.len() => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

const OPTIONS: BootLoaderOptions = BootLoaderOptions {
    memory: BootMemory::Flash,
    bitrate: LoaderBitrate::FASTEST,
    project: 0,
    manual_power: false,
};

#[test]
fn it_programs_and_then_verifies_the_same() {
    let mut adapter = Adapter::default();
    let clock = SimClock::new(Pace::Jump);
    let mut phases = Vec::new();
    let image = image(0x400);
    BootLoaderFlasher::new(&mut adapter, &*clock, OPTIONS)
        .flash(&image, &mut |progress| phases.push(progress.phase))
        .unwrap();
    assert_eq!(phases, [Phase::Program, Phase::Verify]);
    let [program, verify] = adapter.jobs.as_slice() else {
        panic!("{:?}", adapter.jobs);
    };
    assert!(!program.verify_only && verify.verify_only);
    assert_eq!(Image::parse(program.hex.as_bytes()).unwrap(), image);
    assert_eq!(program.hex, verify.hex);
}

fn refused() -> LinError {
    LinError::Refused { adapter: "test", operation: "program", reason: "verification failed".to_owned() }
}

#[rstest]
#[case::nothing_can(Adapter { has_none: true, ..Adapter::default() }, Phase::Program, UnitState::Untouched, "test cannot program the unit")]
#[case::program(Adapter { fails: Some((1, refused())), ..Adapter::default() }, Phase::Program, UnitState::Unknown, "test refuses to program: verification failed")]
#[case::verify(Adapter { fails: Some((2, refused())), ..Adapter::default() }, Phase::Verify, UnitState::Unknown, "test refuses to program: verification failed")]
fn it_says_what_failed(
    #[case] mut adapter: Adapter,
    #[case] phase: Phase,
    #[case] left: UnitState,
    #[case] cause: &str,
) {
    let clock = SimClock::new(Pace::Jump);
    let error =
        BootLoaderFlasher::new(&mut adapter, &*clock, OPTIONS).flash(&image(16), &mut |_| {}).unwrap_err();
    assert_eq!((error.phase, error.left), (phase, left));
    assert!(matches!(*error.cause, FlashCause::BootLoader(_)));
    assert!(chain(&error).ends_with(cause), "{}", chain(&error));
}
