//! The fold itself: one entry into the record.

use hil_model::{
    Description, Entry, Event, Fault, FaultKind, Outcome, Property, SessionPhase, SessionStep, StepEnd,
    StepId, TestMeta, TestName,
};

use super::run::{RunRecord, SessionRecord};
use super::test::{At, AttemptRecord, Evidence, Moment, Observation, StepRecord, TestRecord};

impl RunRecord {
    /// Takes the next entry of the journal.
    pub fn apply(&mut self, entry: &Entry) {
        let now = Moment::from(entry);
        self.advance(now);
        match &entry.event {
            Event::RunStarted(run) => {
                self.started = now;
                self.run = Some((**run).clone());
            }
            Event::Planned(plan) => {
                self.planned =
                    plan.iter().enumerate().map(|(index, p)| (p.test.name.clone(), index)).collect();
                self.plan.clone_from(plan);
            }
            Event::SessionStepStarted { phase, step } => self.begin_session_step(*phase, *step, now),
            Event::SessionStepFinished { phase, step, outcome, facts } => {
                self.end_session_step(*phase, *step, outcome, facts, now);
            }
            // The step's facts say what came of it.
            Event::Progressed { .. } => {}
            Event::TestStarted { test, attempt } => self.begin_test(test, *attempt, now),
            Event::StepStarted { id, parent, title } => self.evidence().steps.push(StepRecord {
                id: *id,
                parent: *parent,
                title: title.clone(),
                started: entry.at,
                ended: None,
            }),
            Event::StepFinished { id, end } => self.end_step(*id, end, now),
            Event::Measured(measurement) => self.evidence().measurements.push(at(entry, &**measurement)),
            Event::Noted(property) => self.evidence().properties.push(at(entry, property)),
            Event::Logged(line) => self.observe(at(entry, &Observation::Log(line.clone()))),
            Event::Frame(frame) => self.observe(at(entry, &Observation::Frame(frame.clone()))),
            Event::Supply(sample) => self.observe(at(entry, &Observation::Supply(*sample))),
            Event::Attached(attachment) => self.evidence().attachments.push(attachment.clone()),
            Event::TestFinished { test, attempt, outcome, retried } => {
                self.end_test(test, *attempt, outcome, *retried, now);
            }
            Event::Stopped { reason } => self.stopped = Some(reason.clone()),
            Event::Interrupted { signal } => self.interruptions.push(at(entry, signal)),
            Event::OutputVerified(verified) => self.output = Some(verified.clone()),
            Event::RunFinished(finished) => self.finished = Some(*finished),
        }
    }

    /// Whatever goes on has lasted until now.
    fn advance(&mut self, now: Moment) {
        self.last = now;
        if let Some(attempt) = self.attempt_in_flight() {
            attempt.ended = now;
        }
        if let Some(step) = self.session.last_mut().filter(|step| !step.finished) {
            step.ended = now;
        }
    }

    fn attempt_in_flight(&mut self) -> Option<&mut AttemptRecord> {
        self.tests[self.open?].attempts.last_mut()
    }

    /// Where evidence belongs now: to the attempt in flight, or to the run.
    fn evidence(&mut self) -> &mut Evidence {
        match self.open.and_then(|index| self.tests[index].attempts.last_mut()) {
            Some(attempt) => &mut attempt.evidence,
            None => &mut self.outside,
        }
    }

    fn observe(&mut self, observed: At<Observation>) {
        self.trace.push(observed);
        let end = self.trace.len();
        if let Some(attempt) = self.attempt_in_flight() {
            attempt.evidence.observed.end = end;
        }
    }

    fn begin_session_step(&mut self, phase: SessionPhase, step: SessionStep, now: Moment) {
        let fault = Fault::new(FaultKind::Interrupted, "the run was cut short during this step");
        let mut record = SessionRecord {
            phase,
            step,
            case: String::new(),
            started: now,
            ended: now,
            finished: false,
            outcome: Outcome::Errored(fault),
            facts: Vec::new(),
        };
        record.case = self.unique_case(record.class(), step.word());
        self.session.push(record);
    }

    fn end_session_step(
        &mut self,
        phase: SessionPhase,
        step: SessionStep,
        outcome: &Outcome,
        facts: &[Property],
        now: Moment,
    ) {
        let open = |s: &SessionRecord| s.phase == phase && s.step == step && !s.finished;
        if !self.session.iter().any(open) {
            self.begin_session_step(phase, step, now);
        }
        if let Some(record) = self.session.iter_mut().rfind(|s| open(s)) {
            record.ended = now;
            record.finished = true;
            record.outcome = outcome.clone();
            record.facts = facts.to_vec();
        }
    }

    fn begin_test(&mut self, name: &TestName, number: u32, now: Moment) {
        let attempt = AttemptRecord::begin(number, now, self.trace.len());
        let retried = self.latest.get(name).copied().filter(|index| self.tests[*index].last().retried);
        let index = match retried {
            Some(index) => {
                self.tests[index].attempts.push(attempt);
                index
            }
            None => {
                let (meta, suffix) = self.meta(name);
                let wanted =
                    if suffix.is_empty() { meta.short.clone() } else { format!("{}::{suffix}", meta.short) };
                let case = self.unique_case(&meta.class, &wanted);
                self.tests.push(TestRecord { meta, case, attempts: vec![attempt] });
                self.tests.len() - 1
            }
        };
        self.latest.insert(name.clone(), index);
        self.open = Some(index);
    }

    /// What the plan says of a test, and what its name has behind the planned one (an iteration).
    fn meta(&self, name: &TestName) -> (TestMeta, String) {
        let text = name.as_str();
        let ends = text.rmatch_indices("::").map(|(at, _)| at);
        for end in std::iter::once(text.len()).chain(ends) {
            if let Some(index) = self.planned.get(&text[..end]) {
                let suffix = text[end..].trim_start_matches(':').to_owned();
                return (self.plan[*index].test.clone(), suffix);
            }
        }
        (unplanned(name), String::new())
    }

    /// `wanted`, numbered if the class already has a case of that name: Jenkins cannot tell two rows of
    /// the same class and name apart.
    fn unique_case(&mut self, class: &str, wanted: &str) -> String {
        let mut case = wanted.to_owned();
        let mut number = 1;
        while !self.cases.insert((class.to_owned(), case.clone())) {
            number += 1;
            case = format!("{wanted} [{number}]");
        }
        case
    }

    fn end_step(&mut self, id: StepId, end: &StepEnd, now: Moment) {
        let step = self.evidence().steps.iter_mut().rfind(|step| step.id == id && step.ended.is_none());
        if let Some(step) = step {
            step.ended = Some((now.at, end.clone()));
        }
    }

    fn end_test(&mut self, name: &TestName, number: u32, outcome: &Outcome, retried: bool, now: Moment) {
        let in_flight = self.open.is_some_and(|index| self.latest.get(name) == Some(&index));
        if !in_flight {
            // A test may be skipped without ever being begun.
            self.begin_test(name, number, now);
        }
        if let Some(attempt) = self.attempt_in_flight() {
            attempt.finished = true;
            attempt.outcome = outcome.clone();
            attempt.retried = retried;
        }
        self.open = None;
    }
}

fn at<T: Clone>(entry: &Entry, what: &T) -> At<T> {
    At { seq: entry.seq, at: entry.at, wall: entry.wall, what: what.clone() }
}

/// What can be said of a test that the plan does not list.
fn unplanned(name: &TestName) -> TestMeta {
    let text = name.as_str();
    let (path, short) = text.rsplit_once("::").unwrap_or((text, text));
    TestMeta {
        name: name.clone(),
        short: short.to_owned(),
        class: path.replace("::", "."),
        description: Description::default(),
        markers: Vec::new(),
        needs: Vec::new(),
        mutates: Vec::new(),
        covers: Vec::new(),
        file: String::new(),
        line: 0,
        timeout_ms: 0,
    }
}
