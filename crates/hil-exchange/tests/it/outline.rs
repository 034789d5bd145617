//! A run in words, for snapshots.

use std::fmt::Write;

use hil_model::run::{Cell, LogLevel, MeasuredValue, Measurement, Run};

/// Everything but the ids and the log's DEBUG lines. Of messages only the first line.
pub(crate) fn of(run: &Run) -> String {
    let mut out = String::new();
    let unit = &run.unit;
    writeln!(out, "{} of {}, {:?}", run.procedure.id, unit.serial_number, run.procedure.version).unwrap();
    writeln!(out, "part {:?}, revision {:?}, batch {:?}", unit.part_number, unit.revision, unit.batch)
        .unwrap();
    writeln!(out, "sub-units {:?}, station {:?}, operator {:?}", run.sub_units, run.station, run.operator)
        .unwrap();
    let millis = run.ended_at.unix_millis() - run.started_at.unix_millis();
    writeln!(out, "{} after {millis} ms, {:?}, {:?}", run.outcome, run.duration, run.docstring).unwrap();
    writeln!(out, "requirements {:?}", run.requirements).unwrap();
    for property in &run.properties {
        writeln!(out, "  {} = {:?}", property.key, property.value).unwrap();
    }
    for phase in &run.phases {
        let millis = phase.ended_at.map(|end| end.unix_millis() - phase.started_at.unix_millis());
        let (name, outcome, tries) = (&phase.name, phase.outcome, phase.retry_count);
        writeln!(out, "phase {name}: {outcome}, attempt {tries}, {millis:?} ms, {:?}", phase.docstring)
            .unwrap();
        for measurement in &phase.measurements {
            measured(&mut out, measurement);
        }
        logs(&mut out, &phase.logs);
    }
    logs(&mut out, &run.logs);
    out
}

fn logs(out: &mut String, logs: &[hil_model::run::Log]) {
    let debug = logs.iter().filter(|log| log.level == LogLevel::Debug).count();
    if debug > 0 {
        writeln!(out, "  {debug} lines of DEBUG").unwrap();
    }
    for log in logs.iter().filter(|log| log.level != LogLevel::Debug) {
        let first = log.message.lines().next().unwrap_or_default();
        let more = log.message.lines().count().saturating_sub(1);
        writeln!(out, "  {} {first:?} + {more}, {}:{}", log.level, log.source_file, log.line_number).unwrap();
    }
}

fn measured(out: &mut String, measurement: &Measurement) {
    let Measurement { name, outcome, unit, .. } = measurement;
    write!(out, "  {name}: {outcome}").unwrap();
    if measurement.marginal {
        write!(out, " (marginal)").unwrap();
    }
    match &measurement.value {
        MeasuredValue::Series(series) => {
            for axis in &series.axes {
                let data: Vec<String> = axis
                    .data
                    .iter()
                    .map(|cell| match cell {
                        Cell::Number(number) => number.to_string(),
                        other => format!("{other:?}"),
                    })
                    .collect();
                write!(
                    out,
                    "\n    axis {:?} {:?} {:?}: {}",
                    axis.name,
                    axis.unit,
                    axis.description,
                    data.join(" ")
                )
                .unwrap();
            }
        }
        other => write!(out, " {other:?}").unwrap(),
    }
    writeln!(
        out,
        " {unit:?}, {:?} {:?}, {:?}",
        measurement.limits, measurement.marginal_limits, measurement.docstring
    )
    .unwrap();
    for validator in &measurement.validators {
        let operator = validator.operator.as_ref().map(|operator| operator.as_str());
        let decides = if validator.decides() { "" } else { ", marginal" };
        let (outcome, words) = (validator.outcome, &validator.expression);
        writeln!(out, "    {outcome} {words:?}: {operator:?} {:?}{decides}", validator.expected).unwrap();
    }
}
