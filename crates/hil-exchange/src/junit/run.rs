//! From what a file holds to a run.

use std::collections::HashSet;
use std::time::Duration;

use hil_model::run::{
    BatchNumber, FieldError, FieldProblem, Log, LogLevel, PartNumber, Phase, PhaseOutcome, Procedure,
    RevisionNumber, Run, RunOutcome, SerialNumber, StationName, UnitUnderTest, VersionTag,
};
use hil_model::{ReqId, RunId, WallTime};

use super::document::{Case, Document, Kind, Output, Suite, Verdict};
use super::{FORMAT, xml};
use crate::property::{Cut, Properties};
use crate::{ExchangeError, Result, time};

/// What a JUnit file does not say, or says only in properties of a suite. What is given here wins.
#[derive(Clone, Debug)]
pub struct Options {
    /// The id of the run.
    pub id: RunId,
    /// When it began, if no timestamp in the file says so.
    pub started_at: WallTime,
    /// What was executed: its id, or an identifier. Property `procedure_id`.
    pub procedure: Option<String>,
    /// Its version. Property `procedure_version`.
    pub procedure_version: Option<VersionTag>,
    /// The unit under test. Property `serial_number`.
    pub serial_number: Option<SerialNumber>,
    /// The part that it is one of. Property `part_number`.
    pub part_number: Option<PartNumber>,
    /// The part's revision. Property `revision`.
    pub revision: Option<RevisionNumber>,
    /// The batch that it was made in. Property `batch_number`.
    pub batch: Option<BatchNumber>,
    /// Where it was tested. Property `station`, else the first suite's host.
    pub station: Option<StationName>,
    /// Who tested it. Property `operator`.
    pub operator: Option<String>,
}

impl Options {
    /// What the file says, and nothing else.
    pub const fn new(id: RunId, started_at: WallTime) -> Self {
        Self {
            id,
            started_at,
            procedure: None,
            procedure_version: None,
            serial_number: None,
            part_number: None,
            revision: None,
            batch: None,
            station: None,
            operator: None,
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The run.
    pub run: Run,
    /// What the run does not have of the file's properties.
    pub cut: Cut,
}

/// Reads a file.
///
/// # Errors
///
/// [`ExchangeError::Malformed`] for what is no such file, with the place; [`ExchangeError::Missing`] if neither the file
/// nor the options name a unit and a procedure; [`ExchangeError::Field`] for a property that its field does not accept.
pub fn read(bytes: &[u8], options: Options) -> Result<Report> {
    let mut document = xml::parse(bytes)?;
    let mut known = Known::take(&mut document);
    let hostname = document.suites.iter().find_map(|suite| suite.hostname.clone());
    let station = match known.field(options.station, "station")? {
        Some(station) => Some(station),
        None => hostname.and_then(|name| name.parse().ok()),
    };
    let procedure = options.procedure.or_else(|| known.text("procedure_id"));
    let procedure = procedure.filter(|id| !id.trim().is_empty());
    let procedure = procedure.ok_or(missing("procedure id", "property procedure_id"))?;
    if let Some(control) = procedure.chars().find(|c| c.is_control()) {
        let problem = FieldError { field: "procedure id", problem: FieldProblem::Character(control) };
        return Err(ExchangeError::Field {
            format: FORMAT,
            path: "property procedure_id".to_owned(),
            problem,
        });
    }
    let serial = known.field(options.serial_number, "serial_number")?;
    let serial = serial.ok_or(missing("serial number", "property serial_number"))?;
    let procedure = Procedure {
        id: procedure,
        name: None,
        version: known.field(options.procedure_version, "procedure_version")?,
    };
    let unit = UnitUnderTest {
        part_number: known.field(options.part_number, "part_number")?,
        part_name: None,
        revision: known.field(options.revision, "revision")?,
        batch: known.field(options.batch, "batch_number")?,
        ..UnitUnderTest::new(serial)
    };
    let operator = options.operator.or_else(|| known.text("operator"));

    let suites = document.suites.iter();
    let begin = document.timestamp.or_else(|| suites.filter_map(|suite| suite.timestamp).min());
    let mut contents = Contents { now: begin.unwrap_or(options.started_at), ..Contents::default() };
    for suite in document.suites {
        contents.add_suite(suite);
    }
    let Contents { phases, logs, requirements, properties, .. } = contents;
    let (properties, cut) = properties.finish();
    let first = phases.iter().map(|phase| phase.started_at).min();
    let started_at = begin.or(first).unwrap_or(options.started_at);
    let started_at = first.map_or(started_at, |first| first.min(started_at));
    let last = phases.iter().filter_map(|phase| phase.ended_at).max();
    let ended_at = last.unwrap_or(started_at).max(after(started_at, document.time));
    let millis = ended_at.unix_millis() - started_at.unix_millis();
    let run = Run {
        id: options.id,
        procedure,
        unit,
        sub_units: Vec::new(),
        station,
        operator,
        started_at,
        ended_at,
        duration: Duration::from_millis(u64::try_from(millis).unwrap_or(0)),
        outcome: RunOutcome::from_phases(&phases),
        docstring: Some(document.name).filter(|name| !name.is_empty()),
        phases,
        logs,
        attachments: Vec::new(),
        properties,
        requirements,
    };
    Ok(Report { run, cut })
}

fn missing(what: &'static str, path: &'static str) -> ExchangeError {
    ExchangeError::Missing { format: FORMAT, what, path }
}

/// The moment so many milliseconds later.
fn after(moment: WallTime, millis: i64) -> WallTime {
    time::checked(moment.unix_millis().saturating_add(millis)).unwrap_or(moment)
}

/// The properties that say something about unit and procedure.
struct Known(Vec<(String, String)>);

impl Known {
    const KEYS: [&str; 8] = [
        "procedure_id",
        "procedure_version",
        "serial_number",
        "part_number",
        "revision",
        "batch_number",
        "station",
        "operator",
    ];

    /// Takes them out of the document.
    fn take(document: &mut Document) -> Self {
        let mut known = Vec::new();
        for suite in &mut document.suites {
            let properties = std::mem::take(&mut suite.properties);
            let (mut taken, left): (Vec<_>, Vec<_>) =
                properties.into_iter().partition(|(name, _)| Self::KEYS.contains(&name.as_str()));
            known.append(&mut taken);
            suite.properties = left;
        }
        Self(known)
    }

    /// The first of that name that says something.
    fn text(&mut self, key: &str) -> Option<String> {
        let place = self.0.iter().position(|(name, value)| name == key && !value.trim().is_empty())?;
        Some(self.0.swap_remove(place).1)
    }

    /// What was given, else what the property says.
    fn field<T: TryFrom<String, Error = FieldError>>(
        &mut self,
        given: Option<T>,
        key: &str,
    ) -> Result<Option<T>> {
        if given.is_some() {
            return Ok(given);
        }
        let path = || format!("property {key}");
        let field = |text: String| {
            text.try_into().map_err(|problem| ExchangeError::Field { format: FORMAT, path: path(), problem })
        };
        self.text(key).map(field).transpose()
    }
}

/// What the suites add up to.
#[derive(Default)]
struct Contents {
    /// When the next case begins, if it does not say so.
    now: WallTime,
    phases: Vec<Phase>,
    logs: Vec<Log>,
    properties: Properties,
    noted: HashSet<(String, String)>,
    requirements: Vec<ReqId>,
    required: HashSet<ReqId>,
}

impl Contents {
    fn add_suite(&mut self, suite: Suite) {
        self.now = suite.timestamp.unwrap_or(self.now);
        let began = self.now;
        for (key, value) in suite.properties {
            // Most tools repeat what is true of all suites in each of them.
            if self.noted.insert((key.clone(), value.clone())) {
                self.properties.push(&key, &value);
            }
        }
        for case in suite.cases {
            self.add_case(case);
        }
        if !suite.verdicts.is_empty() {
            let case = Case { name: suite.name, verdicts: suite.verdicts, ..Case::default() };
            self.add_case(case);
        }
        push_output(&mut self.logs, suite.output, began, "", 0);
    }

    fn add_case(&mut self, case: Case) {
        let name = match case.class.as_str() {
            "" => case.name,
            class if class == case.name => case.name,
            class => format!("{class}.{}", case.name),
        };
        self.now = case.timestamp.unwrap_or(self.now);
        let (earlier, last): (Vec<_>, Vec<_>) =
            case.verdicts.into_iter().partition(|verdict| verdict.kind.is_earlier());
        let mut retry_count = 0;
        for verdict in earlier {
            let started_at = verdict.timestamp.unwrap_or(self.now);
            let outcome = outcome(std::slice::from_ref(&verdict), false);
            let mut phase = Phase {
                outcome,
                started_at,
                ended_at: Some(after(started_at, verdict.time)),
                retry_count,
                ..Phase::new(&name)
            };
            push_verdict(&mut phase.logs, verdict, started_at, &case.file, case.line);
            self.phases.push(phase);
            retry_count += 1;
        }

        let started_at = self.now;
        let ended_at = after(started_at, case.time);
        let mut phase = Phase {
            outcome: outcome(&last, case.not_run),
            started_at,
            ended_at: Some(ended_at),
            retry_count,
            ..Phase::new(&name)
        };
        for (key, value) in case.properties {
            match key.as_str() {
                "title" => phase.docstring = Some(value),
                "requirements" => self.add_requirements(&value),
                _ => phase.logs.push(log(
                    LogLevel::Info,
                    started_at,
                    format!("{key} = {value}"),
                    &case.file,
                    case.line,
                )),
            }
        }
        push_output(&mut phase.logs, case.output, started_at, &case.file, case.line);
        for verdict in last {
            push_verdict(&mut phase.logs, verdict, ended_at, &case.file, case.line);
        }
        self.phases.push(phase);
        self.now = ended_at;
    }

    fn add_requirements(&mut self, list: &str) {
        for id in list.split(',').filter_map(|id| id.trim().parse::<ReqId>().ok()) {
            if self.required.insert(id.clone()) {
                self.requirements.push(id);
            }
        }
    }
}

/// As Jenkins has it: skipped outweighs everything, and an error a failure.
fn outcome(verdicts: &[Verdict], not_run: bool) -> PhaseOutcome {
    let has = |kinds: [Kind; 2]| verdicts.iter().any(|verdict| kinds.contains(&verdict.kind));
    if not_run || has([Kind::Skipped; 2]) {
        PhaseOutcome::Skip
    } else if has([Kind::Error, Kind::EarlierError]) {
        PhaseOutcome::Error
    } else if has([Kind::Failure, Kind::EarlierFailure]) {
        PhaseOutcome::Fail
    } else {
        PhaseOutcome::Pass
    }
}

fn log(level: LogLevel, at: WallTime, message: String, file: &str, line: u32) -> Log {
    Log { level, at, message, source_file: file.to_owned(), line_number: line }
}

fn push_output(logs: &mut Vec<Log>, output: Output, at: WallTime, file: &str, line: u32) {
    for (level, text) in [(LogLevel::Info, output.out), (LogLevel::Warning, output.err)] {
        let text = text.trim_matches(['\n', '\r']);
        if !text.trim().is_empty() {
            logs.push(log(level, at, text.to_owned(), file, line));
        }
    }
}

/// The message, and the text unless it begins with the message itself.
fn push_verdict(logs: &mut Vec<Log>, verdict: Verdict, at: WallTime, file: &str, line: u32) {
    let text = verdict.text.trim_matches(['\n', '\r']);
    let message = match (verdict.message.as_str(), text) {
        ("", "") => verdict.class,
        ("", text) => text.to_owned(),
        (message, "") => message.to_owned(),
        (message, text) if text.starts_with(message) => text.to_owned(),
        (message, text) => format!("{message}\n{text}"),
    };
    let level = match verdict.kind {
        Kind::Skipped => LogLevel::Info,
        Kind::Failure | Kind::Error | Kind::EarlierFailure | Kind::EarlierError => LogLevel::Error,
    };
    push_output(logs, verdict.output, at, file, line);
    if !message.is_empty() {
        logs.push(log(level, at, message, file, line));
    }
}
