//! Journals made by hand: a builder, and the runs that the tests and the example look at.

use std::collections::BTreeMap;

use hil_model::run::Measurement;
use hil_model::*;

/// What a run on a simulated bench was given.
fn start_up() -> StartUp {
    let pinned =
        |value: &str| Known::Pinned { value: value.to_owned(), by: "config/bench-3.yaml:7".to_owned() };
    StartUp {
        live: LiveRunning::On { by: "HIL_RUN_LIVE".to_owned() },
        mutation: MutationRule::NotAllowed,
        held_back: 0,
        entities: vec![
            Standing { entity: Entity::Adapter, known: pinned("mum") },
            Standing {
                entity: Entity::Nad,
                known: Known::ToBeFound { how: "the addresses of the LDF, then <0x01>–0x7D".to_owned() },
            },
        ],
        to_go_live: Vec::new(),
    }
}

/// Writes entries on a clock that is told when to move.
#[derive(Debug, Default)]
pub(crate) struct Synthetic {
    pub(crate) entries: Vec<Entry>,
    micros: u64,
    wall_millis: i64,
}

pub(crate) fn name(text: &str) -> TestName {
    text.parse().unwrap()
}

/// What a test of the plan says of itself.
pub(crate) fn meta(path: &str, title: &str, requirements: &[&str], markers: &[&str]) -> TestMeta {
    let test = name(path);
    let short = path.rsplit("::").next().unwrap().to_owned();
    TestMeta {
        class: test.class(&short),
        name: test,
        description: Description {
            title: title.to_owned(),
            description: String::new(),
            requirements: requirements.iter().map(|id| id.parse().unwrap()).collect(),
            steps: vec!["Request the state.".into(), "Wait until the module reports it.".into()],
            expected: "The module reports the state in time.".to_owned(),
        },
        markers: markers.iter().map(|marker| marker.parse().unwrap()).collect(),
        needs: vec![Resource::Lin],
        mutates: Vec::new(),
        covers: Vec::new(),
        file: format!("tests/{}.rs", path.rsplit_once("::").unwrap_or((path, "")).0.replace("::", "/")),
        line: 41,
        timeout_ms: 30_000,
        short,
    }
}

impl Synthetic {
    /// A run that has just started.
    pub(crate) fn start(simulated: Simulated, plan: Vec<PlannedTest>) -> Self {
        let mut run = Self { wall_millis: 1_795_235_400_000, ..Self::default() };
        let requirements: BTreeMap<ReqId, String> = [
            ("REQ-ALM-001", "The module answers on the bus"),
            ("REQ-ALM-012", "A colour reaches its PWM target"),
            ("REQ-ALM-013", "A fade takes its duration"),
            ("REQ-ALM-020", "Over-voltage is reported"),
            ("REQ-ALM-021", "Under-voltage is reported"),
            ("REQ-ALM-030", "The module sleeps on request"),
        ]
        .into_iter()
        .map(|(id, title)| (id.parse().unwrap(), title.to_owned()))
        .collect();
        run.push(Event::RunStarted(Box::new(RunStarted {
            schema: SCHEMA,
            run_id: "0193a5e0-7c11-7d2a-9f00-5a2b6c7d8e9f".parse().unwrap(),
            version: "0.1.0".to_owned(),
            bench: "bench-3".to_owned(),
            host: "hil-ctrl-1".to_owned(),
            simulated,
            seed: 42,
            config: vec![
                (Property::new("interface.type", "mock"), "config/test_config.yaml".to_owned()),
                (Property::new("power_supply.set_voltage", "12.5"), "command line".to_owned()),
            ],
            requirements,
            subject: Subject::default(),
            start_up: Some(start_up()),
        })));
        run.push(Event::Planned(plan));
        run
    }

    pub(crate) fn push(&mut self, event: Event) -> &mut Self {
        let entry = Entry {
            seq: self.entries.len() as u64 + 1,
            at: BenchTime::from_micros(self.micros),
            wall: WallTime::from_unix_millis(self.wall_millis),
            event,
        };
        self.entries.push(entry);
        self
    }

    /// Both clocks move on.
    pub(crate) fn wait(&mut self, millis: u64) -> &mut Self {
        self.micros += millis * 1000;
        self.wall_millis += i64::try_from(millis).unwrap();
        self
    }

    pub(crate) fn session(
        &mut self,
        phase: SessionPhase,
        step: SessionStep,
        outcome: Outcome,
        facts: &[(&str, &str)],
    ) -> &mut Self {
        self.push(Event::SessionStepStarted { phase, step }).wait(180);
        let facts = facts.iter().map(|(key, value)| Property::new(*key, value)).collect();
        self.push(Event::SessionStepFinished { phase, step, outcome, facts })
    }

    pub(crate) fn setup(&mut self) -> &mut Self {
        use SessionPhase::Setup;
        self.session(
            Setup,
            SessionStep::Config,
            Outcome::Passed,
            &[("config_source", "config/test_config.yaml")],
        )
        .session(Setup, SessionStep::Lin, Outcome::Passed, &[("lin_type", "mock")])
        .session(Setup, SessionStep::Ldf, Outcome::Passed, &[("ldf_sha256", "9c1e5b0d")])
        .session(
            Setup,
            SessionStep::Psu,
            Outcome::Passed,
            &[("psu_idn", "OWON,SPE6103,24371986,FV:V5.2.0"), ("psu_resolved_port", "/dev/ttyUSB0")],
        )
        .session(
            Setup,
            SessionStep::Flash,
            Outcome::Skipped { reason: "flash.hex_path is not set".into() },
            &[],
        )
    }

    pub(crate) fn teardown(&mut self, exit: ExitStatus) -> &mut Self {
        use SessionPhase::Teardown;
        self.session(Teardown, SessionStep::Psu, Outcome::Passed, &[("output_status_after", "OFF")]);
        self.push(Event::OutputVerified(OutputVerified {
            confirmed: true,
            rail: Some(Volts::new(0.02)),
            after_ms: 640,
            how: "output 0 sent, outp? answered OFF, rail read back twice".to_owned(),
        }));
        self.session(Teardown, SessionStep::Lin, Outcome::Passed, &[]);
        self.push(Event::RunFinished(exit.into()))
    }

    pub(crate) fn begin(&mut self, test: &str, attempt: u32) -> &mut Self {
        self.push(Event::TestStarted { test: name(test), attempt })
    }

    pub(crate) fn end(&mut self, test: &str, attempt: u32, outcome: Outcome, retried: bool) -> &mut Self {
        self.push(Event::TestFinished { test: name(test), attempt, outcome, retried })
    }

    pub(crate) fn step(&mut self, id: u32, parent: Option<u32>, title: &str) -> &mut Self {
        self.push(Event::StepStarted { id: StepId(id), parent: parent.map(StepId), title: title.to_owned() })
    }

    pub(crate) fn step_end(&mut self, id: u32, broken: Option<&str>) -> &mut Self {
        let end = broken.map_or(StepEnd::Done, |why| StepEnd::Broken(why.to_owned()));
        self.push(Event::StepFinished { id: StepId(id), end })
    }

    pub(crate) fn log(&mut self, level: Level, message: &str) -> &mut Self {
        let target = "hil::alm".to_owned();
        self.push(Event::Logged(LogLine { level, target, message: message.to_owned(), location: None }))
    }

    pub(crate) fn note(&mut self, key: &str, value: &str) -> &mut Self {
        self.push(Event::Noted(Property::new(key, value)))
    }

    pub(crate) fn supply(&mut self, volts: f64, amps: f64) -> &mut Self {
        self.push(Event::Supply(SupplySample { volts: Volts::new(volts), amps: Amps::new(amps) }))
    }

    pub(crate) fn frame(
        &mut self,
        id: u8,
        frame: &str,
        direction: Direction,
        data: &[u8],
        check: CheckSeen,
    ) -> &mut Self {
        self.push(Event::Frame(FrameSeen {
            id,
            name: Some(frame.to_owned()),
            direction,
            data: data.to_vec(),
            check,
        }))
    }

    pub(crate) fn measure(
        &mut self,
        what: &str,
        value: f64,
        unit: Unit,
        low: Option<f64>,
        high: Option<f64>,
    ) -> &mut Self {
        let mut measurement = Measurement {
            value: value.into(),
            unit: Some(unit.as_str().to_owned()),
            limits: Limits { low, high },
            ..Measurement::new(what)
        };
        measurement.judge();
        self.push(Event::Measured(Box::new(measurement)))
    }

    /// A second of bus traffic with the supply in the background, seven times 150 ms.
    pub(crate) fn traffic(&mut self, volts: impl Fn(u64) -> f64, answers: bool) -> &mut Self {
        for round in 0..7 {
            self.frame(0x0A, "ALM_Req_A", Direction::Tx, &[0xFF, 0, 0, 0xFF, 0, 0, 1, 1], CheckSeen::Good)
                .wait(40);
            let check = if answers || round < 3 { CheckSeen::Good } else { CheckSeen::NoResponse };
            let data: &[u8] = if check == CheckSeen::Good { &[1, 2] } else { &[] };
            self.frame(0x11, "ALM_Status", Direction::Rx, data, check).wait(60);
            self.frame(0x12, "PWM_Frame", Direction::Rx, &[0x10, 0x20, 0x30, 0x40], CheckSeen::Good).wait(50);
            self.supply(volts(round), 0.21 + 0.02 * (round % 3) as f64);
        }
        self
    }
}

pub(crate) fn failure() -> Failure {
    Failure {
        message: "ALMVoltageStatus: want OVER within 1.00 s, got NORMAL (12 fresh frames)".to_owned(),
        expected: Some("OVER".to_owned()),
        got: Some("NORMAL".to_owned()),
        location: Some(SourceLocation { file: "tests/hardware/voltage.rs".to_owned(), line: 77 }),
        details: vec![
            "last raw 01 00 | 01 00 | 01 00".to_owned(),
            "rail 18.02 V, settled after 0.22 s".to_owned(),
        ],
    }
}

pub(crate) fn fault(kind: FaultKind, message: &str) -> Outcome {
    Outcome::Errored(Fault {
        location: Some(SourceLocation { file: "tests/hardware/voltage.rs".to_owned(), line: 90 }),
        details: vec!["readings 11.97 V, 11.97 V".to_owned()],
        ..Fault::new(kind, message)
    })
}

pub(crate) fn selected(test: TestMeta) -> PlannedTest {
    PlannedTest { test, decision: Decision::Selected }
}

pub(crate) fn not_selected(test: TestMeta, reason: &str) -> PlannedTest {
    PlannedTest { test, decision: Decision::NotSelected { reason: reason.to_owned() } }
}

/// A run in which a test ends in every way there is. Cut it anywhere for a killed run.
pub(crate) fn every_outcome() -> Vec<Entry> {
    let m = ["hardware", "mum"];
    let plan = vec![
        selected(meta(
            "hardware::mum::animation::red",
            "Red at full intensity reaches its PWM target",
            &["REQ-ALM-012", "REQ-ALM-013"],
            &m,
        )),
        selected(meta("hardware::mum::animation::flaky", "Flaky | but *passing*", &["REQ-ALM-012"], &m)),
        selected(meta(
            "hardware::mum::voltage::over",
            "Over-voltage is reported",
            &["REQ-ALM-020"],
            &["hardware", "psu_settling"],
        )),
        selected(meta("hardware::mum::voltage::retried", "Fails in all attempts", &["REQ-ALM-020"], &m)),
        selected(meta("hardware::mum::voltage::under", "Under-voltage is reported", &["REQ-ALM-021"], &m)),
        selected(meta("hardware::mum::voltage::panics", "", &[], &m)),
        selected(meta("hardware::mum::voltage::hangs", "Never returns", &[], &["slow"])),
        selected(meta("hardware::mum::flash::update", "Update to 1.4.3", &["REQ-ALM-099"], &m)),
        selected(meta("smoke::answers", "The module answers", &["REQ-ALM-001"], &["smoke"])),
        selected(meta("smoke::late", "In flight at the end", &[], &["smoke"])),
        selected(meta("smoke::never", "Never begun", &[], &["smoke"])),
        not_selected(
            meta("unit::packs", "Packs a frame", &[], &[]),
            "suite `unit` is not `hardware` or `smoke`",
        ),
    ];
    let mut run = Synthetic::start(Simulated { lin: true, psu: true, clock: true }, plan);
    run.setup();

    let test = "hardware::mum::animation::red";
    run.begin(test, 1).step(1, None, "request red").wait(20).step_end(1, None).step(2, None, "wait until ON");
    run.traffic(|_| 12.5, true)
        .step_end(2, None)
        .note("rx_id", "0x11")
        .note("rx_id", "0x12")
        .note("title", "shadowed");
    run.measure("pwm_red", 1020.0, Unit::COUNT, Some(1000.0), Some(1050.0))
        .log(Level::Info, "\u{1b}[32mON\u{1b}[0m\tafter 0.4 s");
    run.push(Event::Attached(Attachment {
        name: "PWM curve".into(),
        path: "attachments/red/curve.png".into(),
        media_type: "image/png".into(),
        bytes: 4711,
    }));
    run.end(test, 1, Outcome::Passed, false);

    let test = "hardware::mum::animation::flaky";
    run.begin(test, 1).wait(210).log(Level::Warning, "no answer");
    run.end(test, 1, fault(FaultKind::Timeout, "no response to 0x11 within 200 ms"), true);
    run.begin(test, 2).wait(90).end(test, 2, Outcome::Passed, false);

    let test = "hardware::mum::voltage::over";
    run.begin(test, 1)
        .step(1, None, "raise the rail to 18 V")
        .traffic(|round| 12.5 + round as f64 * 0.9, true)
        .step_end(1, None);
    run.step(2, None, "wait for OVER").step(3, Some(2), "read ALMVoltageStatus").wait(300);
    run.measure("t_detect", 1.0, Unit::SECOND, None, Some(0.8));
    run.step_end(3, Some("still NORMAL")).step_end(2, Some("not within 1.000 s")).wait(120);
    run.end(test, 1, Outcome::Failed(failure()), false);

    let test = "hardware::mum::voltage::retried";
    run.begin(test, 1).wait(10).end(test, 1, Outcome::Failed(failure()), true);
    run.begin(test, 2).wait(10).end(test, 2, Outcome::Failed(failure()), false);

    let test = "hardware::mum::voltage::under";
    run.begin(test, 1).wait(4810);
    run.end(test, 1, fault(FaultKind::Bench, "rail did not settle at 8.00 V within 10.0 s"), false);
    let test = "hardware::mum::voltage::panics";
    run.begin(test, 1).wait(3).end(
        test,
        1,
        fault(FaultKind::Test, "panicked: index out of bounds\nin line 2"),
        false,
    );
    let test = "hardware::mum::voltage::hangs";
    run.begin(test, 1).step(1, None, "wait for ever").wait(30_000);
    run.end(test, 1, fault(FaultKind::Timeout, "not within 30 s"), false);
    let test = "hardware::mum::flash::update";
    run.end(test, 1, Outcome::Skipped { reason: "flash.hex_path is not set".into() }, false);
    // The same test once more, as `--repeat` runs it.
    for _ in 0..2 {
        run.begin("smoke::answers", 1).wait(15).end("smoke::answers", 1, Outcome::Passed, false);
    }
    run.begin("smoke::late", 1).step(1, None, "wait").wait(400).frame(
        0x11,
        "ALM_Status",
        Direction::Rx,
        &[1],
        CheckSeen::Bad("checksum".into()),
    );
    run.push(Event::Interrupted { signal: "SIGTERM".to_owned() }).wait(5);
    run.end("smoke::late", 1, Outcome::Errored(Fault::new(FaultKind::Interrupted, "SIGTERM")), false);
    run.teardown(ExitStatus::Interrupted);
    run.entries
}

/// A run of `count` tests that do nothing.
pub(crate) fn trivial(count: usize) -> Vec<Entry> {
    let tests: Vec<_> = (0..count)
        .map(|n| {
            let path = format!("hardware::mum::module_{}::case_{n:04}_reaches_its_target", n / 40);
            let mut meta = meta(
                &path,
                &format!("Case {n} at full intensity reaches its target"),
                &["REQ-ALM-012"],
                &["hardware", "mum"],
            );
            meta.line = u32::try_from(n).unwrap() * 20;
            meta
        })
        .collect();
    let mut run = Synthetic::start(
        Simulated { lin: true, psu: true, clock: true },
        tests.iter().cloned().map(selected).collect(),
    );
    run.setup();
    for test in &tests {
        let path = test.name.as_str();
        run.begin(path, 1).step(1, None, "request").wait(10).step_end(1, None);
        run.measure("pwm", 1020.0, Unit::COUNT, Some(1000.0), Some(1050.0)).end(
            path,
            1,
            Outcome::Passed,
            false,
        );
    }
    run.teardown(ExitStatus::Passed);
    run.entries
}
