//! Flashing with a program of the user's.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use hil_flash::{CommandFlasher, CommandTemplate, FlashCause, FlashError, Flashed, Flasher};
use hil_flash::{ProcessError, TemplateError, UnitState};
use hil_model::{BenchTime, Clock, Periodic, chain};
use hil_sim::{Pace, SimClock};
use rstest::rstest;

use crate::line::image;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Runs `script` in a shell; `$1` is the image.
fn run(script: &str, file: &Path, timeout: Duration, clock: &dyn Clock) -> Result<Flashed, FlashError> {
    let template = CommandTemplate::new(words(&["sh", "-c", script, "sh", "{image}"])).unwrap();
    CommandFlasher::new(template, file.to_path_buf(), timeout, clock).flash(&image(64), &mut |_| {})
}

/// A folder of this test's own.
fn scratch() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[rstest]
#[case::empty(&[], TemplateError::Empty)]
#[case::empty_program(&["", "{image}"], TemplateError::Empty)]
#[case::no_image(&["flasher", "--now"], TemplateError::NoImage)]
fn commands_that_flash_nothing(#[case] given: &[&str], #[case] expected: TemplateError) {
    assert_eq!(CommandTemplate::new(words(given)), Err(expected));
}

#[test]
fn the_command_gets_the_image_as_one_word() {
    let clock = SimClock::new(Pace::Jump);
    let folder = scratch();
    let file = folder.join("an image; with {image} $in its name");
    run("printf %s \"$1\" > \"$(dirname \"$1\")/got\"", &file, Duration::from_secs(60), &*clock).unwrap();
    assert_eq!(fs::read_to_string(folder.join("got")).unwrap(), file.to_str().unwrap());
}

#[test]
fn a_command_that_fails_says_why() {
    let clock = SimClock::new(Pace::Jump);
    let script = "echo erasing; printf 'no \\033[31mtarget' >&2; exit 3";
    let error = run(script, Path::new("x"), Duration::from_secs(60), &*clock).unwrap_err();
    assert_eq!(error.left, UnitState::Unknown);
    let text = chain(&error);
    assert!(text.contains("sh ended with exit status: 3, after: ") && text.contains("[31mtarget"), "{text}");
    assert!(text.contains("erasing") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_program_that_is_not_there_leaves_the_unit_untouched() {
    let clock = SimClock::new(Pace::Jump);
    let template = CommandTemplate::new(words(&["/no/such/program", "{image}"])).unwrap();
    let mut flasher = CommandFlasher::new(template, "x".into(), Duration::from_secs(60), &*clock);
    let error = flasher.flash(&image(64), &mut |_| {}).unwrap_err();
    assert_eq!(error.left, UnitState::Untouched);
    assert!(chain(&error).contains("cannot start /no/such/program"), "{}", chain(&error));
}

#[rstest]
#[case::hangs("sleep 600")]
#[case::floods("while :; do echo flood; echo flood >&2; done")]
#[case::floods_without_a_line("cat /dev/zero")]
#[case::closes_its_output("exec >&- 2>&-; sleep 600")]
#[case::ignores_signals("trap '' TERM INT HUP; sleep 600; sleep 600")]
fn a_command_without_end_is_ended(#[case] script: &str) {
    let clock = SimClock::new(Pace::Jump);
    let started = Instant::now();
    let error = run(script, Path::new("x"), Duration::from_millis(300), &*clock).unwrap_err();
    let FlashCause::Command(ProcessError::TimedOut { output, .. }) = &*error.cause else {
        panic!("{error:?}");
    };
    assert!(output.len() < 10_000);
    assert!(started.elapsed() < Duration::from_secs(30));
    // The simulated clock heard of the time that was spent on it.
    assert!(clock.now() >= BenchTime::from_micros(200_000), "{}", clock.now());
}

/// Waits until the process whose number stands in `file` is gone, or a zombie that nobody reaps.
fn is_gone(file: &Path) -> bool {
    let pid = fs::read_to_string(file).unwrap();
    let stat = PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    let (_keep, never) = channel::<()>();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        match fs::read_to_string(&stat) {
            Ok(stat) if !stat.contains(") Z ") => {}
            Ok(_) | Err(_) => return true,
        }
        let _ = never.recv_timeout(Duration::from_millis(20));
    }
    false
}

#[rstest]
#[case::when_it_is_ended("sleep 600 & echo $! > \"$1\"; wait", false)]
#[case::when_it_ends("sleep 600 & echo $! > \"$1\"", true)]
fn nothing_that_a_command_started_is_left(#[case] script: &str, #[case] is_good: bool) {
    let clock = SimClock::new(Pace::Jump);
    let file = scratch().join("pid");
    let timeout = Duration::from_secs(if is_good { 60 } else { 3 });
    let result = run(script, &file, timeout, &*clock);
    assert_eq!(result.is_ok(), is_good);
    assert!(is_gone(&file));
}

/// The clock of a run that was interrupted: who waits on it unwinds.
#[derive(Debug)]
struct Revoked {
    file: PathBuf,
}

impl Clock for Revoked {
    fn now(&self) -> BenchTime {
        BenchTime::ZERO
    }

    fn sleep_until(&self, _deadline: BenchTime) {}

    fn waited_on_io(&self, _wall: Duration) {
        // Not before there is something to leave behind.
        if fs::read_to_string(&self.file).is_ok_and(|pid| pid.ends_with('\n')) {
            std::panic::resume_unwind(Box::new("revoked"));
        }
    }

    fn run_at(
        &self,
        _name: &str,
        _first: BenchTime,
        _task: Box<dyn FnMut(BenchTime) -> Option<BenchTime> + Send>,
    ) -> Periodic {
        Periodic::new(|| {})
    }

    fn is_simulated(&self) -> bool {
        true
    }
}

#[test]
fn nothing_is_left_when_the_run_is_interrupted() {
    let file = scratch().join("pid");
    let clock = Revoked { file: file.clone() };
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        run("sleep 600 & echo $! > \"$1\"; wait", &file, Duration::from_secs(60), &clock)
    }));
    assert!(unwound.is_err());
    assert!(is_gone(&file));
}
