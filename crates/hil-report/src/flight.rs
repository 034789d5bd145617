//! The flight recorder: what bus, supply and log did in the seconds before a failure (BEN-04).
//!
//! A table (`flight.csv`) and a picture (`flight.svg`) for each red test, made from the journal.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use hil_model::BenchTime;

use crate::files::{create_folder, slug, write_atomically};
use crate::text::{hex, one_line};
use crate::timeline::{Place, Timeline, step_marks};
use crate::{AttemptRecord, Observation, Observed, ReportError, RunRecord, TestRecord, words};

/// How long before the failure the recording begins, on the bench's clock.
const WINDOW: Duration = Duration::from_secs(10);

/// The table's first line. Columns that do not apply to a row are empty.
const HEADER: &str = "t_s,kind,id,name,direction,data,check,volts,amps,level,target,message,simulated";

/// The recordings that lie in the reports' folder, by the place of their test in the record.
#[derive(Debug, Default)]
pub(crate) struct Flights(HashMap<usize, Flight>);

/// A recording; paths are relative to the reports' folder.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) csv: String,
    pub(crate) svg: Option<String>,
}

impl Flight {
    /// Its files, the picture last: what stands last in a case's output survives Jenkins' trimming.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.csv.as_str()).chain(self.svg.as_deref())
    }
}

impl Flights {
    /// The recording of the test at this place in the record.
    pub(crate) fn of(&self, index: usize) -> Option<&Flight> {
        self.0.get(&index)
    }

    /// How many files there are.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(Flight::paths)
    }

    /// Writes what is missing for tests that have finished, with no further attempt to come.
    pub(crate) fn write_finished(&mut self, folder: &Path, record: &RunRecord) -> Result<(), ReportError> {
        self.write_if(folder, record, |test| test.last().finished && !test.last().retried)
    }

    /// Writes what is missing for all tests, those included that the end of the run interrupted.
    pub(crate) fn write_all(&mut self, folder: &Path, record: &RunRecord) -> Result<(), ReportError> {
        self.write_if(folder, record, |_| true)
    }

    fn write_if(
        &mut self,
        folder: &Path,
        record: &RunRecord,
        wanted: impl Fn(&TestRecord) -> bool,
    ) -> Result<(), ReportError> {
        for (index, test) in record.tests.iter().enumerate() {
            if test.outcome().is_red()
                && wanted(test)
                && !self.0.contains_key(&index)
                && let Some(flight) = write(folder, record, test)?
            {
                self.0.insert(index, flight);
            }
        }
        Ok(())
    }
}

fn write(folder: &Path, record: &RunRecord, test: &TestRecord) -> Result<Option<Flight>, ReportError> {
    let attempt = test.last();
    let to = attempt.failed_at().unwrap_or(attempt.ended.at);
    let from = BenchTime::from_micros(to.since(BenchTime::ZERO + WINDOW).as_micros().try_into().unwrap_or(0));
    let observed = recording(record, attempt, from, to);
    if observed.is_empty() {
        return Ok(None);
    }
    let place = format!("attachments/{}/{}", slug(&test.meta.class), slug(&test.case));
    let simulated = record.simulated().any();
    create_folder(&folder.join(&place))?;
    let csv = format!("{place}/flight.csv");
    write_atomically(&folder.join(&csv), table(observed, simulated))?;

    let steps = step_marks(attempt);
    let from = observed.first().map_or(from, |first| first.at);
    let timeline = Timeline { observed, from, to, steps, failed_at: Some(to), simulated };
    let svg = match timeline.draw(Place::File, test.title()) {
        Some(picture) => {
            let svg = format!("{place}/flight.svg");
            write_atomically(&folder.join(&svg), picture)?;
            Some(svg)
        }
        None => None,
    };
    Ok(Some(Flight { csv, svg }))
}

/// What was observed between the two moments, up to the attempt's end. It may begin before the attempt.
fn recording<'a>(
    record: &'a RunRecord,
    attempt: &AttemptRecord,
    from: BenchTime,
    to: BenchTime,
) -> &'a [Observed] {
    let known = &record.trace[..attempt.evidence.observed.end];
    let begin = known.iter().rposition(|seen| seen.at < from).map_or(0, |at| at + 1);
    let end = known.iter().rposition(|seen| seen.at <= to).map_or(0, |at| at + 1);
    &known[begin.min(end)..end]
}

/// Each row says whether the run was simulated (SIM-05): tables are cut up and passed on.
fn table(observed: &[Observed], simulated: bool) -> String {
    let mut table = String::from(HEADER);
    table.push('\n');
    for seen in observed {
        let mut fields = vec![format!("{:.6}", seen.at.as_secs_f64())];
        fields.extend(columns(&seen.what).iter().map(|field| quoted(field)));
        fields.push(simulated.to_string());
        table.push_str(&fields.join(","));
        table.push('\n');
    }
    table
}

/// The columns behind the time.
fn columns(what: &Observation) -> [String; 11] {
    let mut row: [String; 11] = Default::default();
    let [kind, id, name, direction, data, check, volts, amps, level, target, message] = &mut row;
    match what {
        Observation::Frame(frame) => {
            "frame".clone_into(kind);
            *id = format!("0x{:02X}", frame.id);
            *name = frame.name.clone().unwrap_or_default();
            words::direction(frame.direction).clone_into(direction);
            *data = hex(&frame.data);
            words::check(&frame.check).clone_into(check);
        }
        Observation::Supply(sample) => {
            "supply".clone_into(kind);
            *volts = format!("{:.3}", sample.volts.get());
            *amps = format!("{:.3}", sample.amps.get());
        }
        Observation::Log(line) => {
            "log".clone_into(kind);
            words::level(line.level).clone_into(level);
            target.clone_from(&line.target);
            message.clone_from(&line.message);
        }
    }
    row
}

fn quoted(field: &str) -> String {
    let field = one_line(field);
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}
