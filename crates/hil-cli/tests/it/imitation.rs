//! An Owon that another process imitates, in another language: `owon.py` of hil-psu's tests.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{Program, root};
use crate::python::is_missing;

/// An imitation, and the folder for what the bench leaves on its machine: locks, and a guardian's notes.
pub(crate) struct Imitation {
    process: Child,
    port: String,
    machine: TempDir,
}

impl Imitation {
    /// Starts it, where there is a Python.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        if is_missing() {
            return None;
        }
        let machine = tempfile::tempdir().unwrap();
        let mut command = Command::new("python3");
        command
            .arg(root().join("crates/hil-psu/tests/fixtures/owon.py"))
            .arg("--log")
            .arg(machine.path().join("heard"))
            .arg("--switched")
            .arg(machine.path().join("switched"))
            .args(options)
            // Whoever kills the harness's process group must not kill the instrument.
            .process_group(0)
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Some(Self { process, port: port.trim().to_owned(), machine })
    }

    pub(crate) fn port(&self) -> &str {
        &self.port
    }

    /// A real device makes this a real bench, which is locked by its name.
    pub(crate) fn bench(&self) -> String {
        format!("imitation{}", self.port.replace('/', "_"))
    }

    /// The folder that the programs take for the machine's.
    pub(crate) fn machine(&self) -> &Path {
        self.machine.path()
    }

    /// The fixture with the tests of these names, on this supply.
    pub(crate) fn program(&self, tests: &[&str]) -> Program {
        self.supply(Program::fixture().args(tests))
    }

    /// A program that uses this supply.
    pub(crate) fn supply(&self, program: Program) -> Program {
        self.supply_at(&self.port, program)
    }

    /// The same, with the supply's port under another name.
    pub(crate) fn supply_at(&self, port: &str, program: Program) -> Program {
        program
            .set(&format!("power_supply.port={port}"))
            .set(&format!("bench.name={}", self.bench()))
            // Long enough for a machine that stalls.
            .set("power_supply.timeout=2")
            .env("HIL_RUN_LIVE", "1")
            .env("HIL_ALLOW_MUTATION", "1")
            .env("TMPDIR", self.machine.path().to_str().unwrap())
    }

    /// The commands that it got, without their times.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.read("heard")
    }

    /// Whether its output is on.
    pub(crate) fn is_on(&self) -> bool {
        self.read("switched").last().is_some_and(|state| state == "on")
    }

    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn read(&self, file: &str) -> Vec<String> {
        let log = std::fs::read_to_string(self.machine.path().join(file)).unwrap();
        log.lines().filter_map(|line| Some(line.split_once(' ')?.1.trim().to_owned())).collect()
    }
}

impl Drop for Imitation {
    fn drop(&mut self) {
        self.kill();
    }
}
