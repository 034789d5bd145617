//! Whether a Python interpreter can import the vendor's packages: in bounded time, and nothing is left behind.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hil_model::{PollError, poll_until};
use hil_runner::SystemClock;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How often the interpreter is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long a killed interpreter may take to end.
const AFTERMATH: Duration = Duration::from_secs(1);

/// What became of it.
#[derive(Debug)]
pub(super) enum Import {
    Works,
    /// The interpreter says no.
    Fails,
    /// It was killed, with all that it had started.
    Hangs,
    NotStarted(io::Error),
}

/// Has `python` import `packages`, for at most `limit`.
pub(super) fn import(python: &str, packages: &str, limit: Duration) -> Import {
    let child = Command::new(python)
        .args(["-c", &format!("import {packages}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Import::NotStarted(error),
    };
    match ended(&mut child, limit) {
        Ok(status) if status.success() => Import::Works,
        Ok(_) | Err(PollError::Failed(_)) => Import::Fails,
        Err(PollError::TimedOut { .. }) => {
            // Not waited for yet, so its number is still its own.
            let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
            // Who does not end even so cannot be helped, and must not keep the doctor.
            let _ = ended(&mut child, AFTERMATH);
            Import::Hangs
        }
    }
}

fn ended(child: &mut Child, limit: Duration) -> Result<std::process::ExitStatus, PollError<io::Error>> {
    poll_until(&*SystemClock::new(), "the import", LOOK, limit, || child.try_wait())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Mutex;
    use std::time::Instant;

    use super::*;

    /// An interpreter that is a shell script.
    fn interpreter(folder: &tempfile::TempDir, script: &str) -> String {
        let path = folder.path().join("python");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn is_gone(pid: &str) -> bool {
        // Where nobody reaps orphans, one that has ended stays as a zombie.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    }

    /// A program that is being written cannot be started, not even by the thread that has finished writing it, as
    /// long as another thread's new process still has the file open.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    #[test]
    fn an_import_that_hangs_is_ended_with_all_that_it_started() {
        let _alone = ONE_AT_A_TIME.lock();
        let folder = tempfile::tempdir().unwrap();
        let pids = folder.path().join("pids");
        let script = format!(
            "trap '' TERM\nsleep 600 &\necho $! > {0}.new\nmv {0}.new {0}\nwait\nsleep 600",
            pids.display()
        );
        let python = interpreter(&folder, &script);
        let began = Instant::now();
        assert!(matches!(import(&python, "x", Duration::from_secs(2)), Import::Hangs));
        assert!(began.elapsed() < Duration::from_secs(60));
        let pid = std::fs::read_to_string(pids).unwrap();
        let gone = poll_until(&*SystemClock::new(), "its end", LOOK, Duration::from_secs(30), || {
            Ok::<_, io::Error>(is_gone(pid.trim()).then_some(()))
        });
        gone.unwrap();
    }

    #[test]
    fn what_the_interpreter_says_counts() {
        let _alone = ONE_AT_A_TIME.lock();
        let folder = tempfile::tempdir().unwrap();
        let limit = Duration::from_secs(60);
        let python = interpreter(&folder, "test \"$1 $2\" = '-c import a, b'");
        assert!(matches!(import(&python, "a, b", limit), Import::Works));
        assert!(matches!(import(&python, "c", limit), Import::Fails));
        assert!(matches!(import("/no/such/python", "a", limit), Import::NotStarted(_)));
    }
}
