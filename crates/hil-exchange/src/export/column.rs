//! The columns of the tables: what they are called, what they hold, and where it comes from.
//!
//! Names and order are a promise: people's scripts read them. New columns go to the end of their group.

use std::borrow::Cow;

use hil_model::WallTime;
use hil_model::run::{Attachment, Cell, Log, MeasuredValue, Measurement, Phase, Run, Series};
use serde_json::{Map, Value, json};

/// What a column holds. Any field may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Integer,
    Bool,
    /// A moment, to the millisecond, in UTC.
    Time,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(f64),
    Integer(i64),
    Bool(bool),
    Time(WallTime),
}

impl<'a> Field<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(Cow::Borrowed(text)))
    }

    fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }

    /// A list as text; an empty one is an empty field.
    fn list<T: ToString>(items: &[T]) -> Self {
        let items: Vec<_> = items.iter().map(ToString::to_string).collect();
        if items.is_empty() { Self::Empty } else { Self::Text(items.join(", ").into()) }
    }

    fn count(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// What identifies a run.
pub(super) const RUN_ID: Column = column("run_id", Kind::Text);

/// What a phase's row begins with, and what is beneath it.
pub(super) const PHASE_NUMBER: Column = column("phase_number", Kind::Integer);

/// A run.
pub(super) const RUN: [Column; 15] = [
    RUN_ID,
    column("procedure_id", Kind::Text),
    column("procedure_name", Kind::Text),
    column("procedure_version", Kind::Text),
    column("serial_number", Kind::Text),
    column("part_number", Kind::Text),
    column("part_name", Kind::Text),
    column("revision", Kind::Text),
    column("batch_number", Kind::Text),
    column("station", Kind::Text),
    column("operator", Kind::Text),
    column("run_started_at", Kind::Time),
    column("run_ended_at", Kind::Time),
    column("run_duration_s", Kind::Number),
    column("run_outcome", Kind::Text),
];

pub(super) fn push_run<'a>(row: &mut Vec<Field<'a>>, run: &'a Run) {
    row.extend([
        Field::text(Some(run.id.as_str())),
        Field::text(Some(&run.procedure.id)),
        Field::text(run.procedure.name.as_ref().map(AsRef::as_ref)),
        Field::text(run.procedure.version.as_ref().map(AsRef::as_ref)),
        Field::text(Some(run.unit.serial_number.as_str())),
        Field::text(run.unit.part_number.as_ref().map(AsRef::as_ref)),
        Field::text(run.unit.part_name.as_ref().map(AsRef::as_ref)),
        Field::text(run.unit.revision.as_ref().map(AsRef::as_ref)),
        Field::text(run.unit.batch.as_ref().map(AsRef::as_ref)),
        Field::text(run.station.as_ref().map(AsRef::as_ref)),
        Field::text(run.operator.as_deref()),
        Field::Time(run.started_at),
        Field::Time(run.ended_at),
        Field::Number(run.duration.as_secs_f64()),
        Field::text(Some(run.outcome.word())),
    ]);
}

/// What stands only where a run has a row of its own.
pub(super) const RUN_DETAILS: [Column; 4] = [
    column("sub_units", Kind::Text),
    column("run_docstring", Kind::Text),
    column("requirements", Kind::Text),
    column("properties", Kind::Text),
];

pub(super) fn push_run_details<'a>(row: &mut Vec<Field<'a>>, run: &'a Run) {
    let properties: Map<String, Value> =
        run.properties.iter().map(|property| (property.key.clone(), property.value.clone().into())).collect();
    row.extend([
        Field::list(&run.sub_units),
        Field::text(run.docstring.as_deref()),
        Field::list(&run.requirements),
        if properties.is_empty() {
            Field::Empty
        } else {
            Field::Text(Value::from(properties).to_string().into())
        },
    ]);
}

/// A phase.
pub(super) const PHASE: [Column; 6] = [
    PHASE_NUMBER,
    column("phase", Kind::Text),
    column("phase_outcome", Kind::Text),
    column("phase_started_at", Kind::Time),
    column("phase_ended_at", Kind::Time),
    column("retry_count", Kind::Integer),
];

/// `number`: its place in the run, from 1.
pub(super) fn push_phase<'a>(row: &mut Vec<Field<'a>>, number: usize, phase: &'a Phase) {
    row.extend([
        Field::count(number),
        Field::text(Some(&phase.name)),
        Field::text(Some(phase.outcome.word())),
        Field::Time(phase.started_at),
        phase.ended_at.map_or(Field::Empty, Field::Time),
        Field::Integer(phase.retry_count.into()),
    ]);
}

/// What stands only where a phase has a row of its own.
pub(super) const PHASE_DETAILS: [Column; 1] = [column("phase_docstring", Kind::Text)];

pub(super) fn push_phase_details<'a>(row: &mut Vec<Field<'a>>, phase: &'a Phase) {
    row.push(Field::text(phase.docstring.as_deref()));
}

/// A measurement. Its value stands in the column of its type; JSON and series stand as JSON among the texts. The limits
/// are those that its limits and its validators describe together.
pub(super) const MEASUREMENT: [Column; 16] = [
    column("measurement_number", Kind::Integer),
    column("measurement", Kind::Text),
    column("measurement_outcome", Kind::Text),
    column("marginal", Kind::Bool),
    column("value_type", Kind::Text),
    column("value_number", Kind::Number),
    column("value_text", Kind::Text),
    column("value_boolean", Kind::Bool),
    column("unit", Kind::Text),
    column("lower_limit", Kind::Number),
    column("upper_limit", Kind::Number),
    column("marginal_lower_limit", Kind::Number),
    column("marginal_upper_limit", Kind::Number),
    column("validators", Kind::Text),
    column("optional", Kind::Bool),
    column("measurement_docstring", Kind::Text),
];

/// `number`: its place in the phase, from 1.
pub(super) fn push_measurement<'a>(row: &mut Vec<Field<'a>>, number: usize, measurement: &'a Measurement) {
    let (kind, number_value, text, boolean) = match &measurement.value {
        MeasuredValue::Unset => (None, Field::Empty, Field::Empty, Field::Empty),
        MeasuredValue::Number(value) => (Some("number"), Field::Number(*value), Field::Empty, Field::Empty),
        MeasuredValue::Text(text) => (Some("text"), Field::Empty, Field::text(Some(text)), Field::Empty),
        MeasuredValue::Bool(value) => (Some("boolean"), Field::Empty, Field::Empty, Field::Bool(*value)),
        MeasuredValue::Json(json) => {
            (Some("json"), Field::Empty, Field::Text(json.to_string().into()), Field::Empty)
        }
        MeasuredValue::Series(series) => {
            (Some("series"), Field::Empty, Field::Text(table(series).to_string().into()), Field::Empty)
        }
    };
    let limits = measurement.bounds();
    row.extend([
        Field::count(number),
        Field::text(Some(&measurement.name)),
        Field::text(Some(measurement.outcome.word())),
        Field::Bool(measurement.marginal),
        Field::text(kind),
        number_value,
        text,
        boolean,
        Field::text(measurement.unit.as_deref()),
        Field::number(limits.low),
        Field::number(limits.high),
        Field::number(measurement.marginal_limits.low),
        Field::number(measurement.marginal_limits.high),
        validators(measurement),
        Field::Bool(measurement.optional),
        Field::text(measurement.docstring.as_deref()),
    ]);
}

/// The words of the validators, one a line.
fn validators(measurement: &Measurement) -> Field<'_> {
    let words = measurement.validators.iter().map(|validator| validator.expression.as_str());
    let words: Vec<_> = words.filter(|words| !words.is_empty()).collect();
    match words[..] {
        [] => Field::Empty,
        [one] => Field::Text(one.into()),
        _ => Field::Text(words.join("\n").into()),
    }
}

/// A series as JSON: names, units and rows. Numbers that JSON does not have are texts.
fn table(series: &Series) -> Value {
    let columns = series.axes.iter().map(|axis| json!({ "name": axis.name, "unit": axis.unit }));
    let cell = |cell: Option<&Cell>| match cell {
        Some(Cell::Number(number)) if number.is_finite() => json!(number),
        Some(Cell::Number(number)) => json!(number.to_string()),
        Some(Cell::Text(text)) => json!(text),
        Some(Cell::Bool(value)) => json!(value),
        Some(Cell::Null) | None => Value::Null,
    };
    let rows = series.rows().map(|row| row.into_iter().map(cell).collect::<Value>());
    json!({ "columns": columns.collect::<Value>(), "rows": rows.collect::<Value>() })
}

/// A line of the log.
pub(super) const LOG: [Column; 6] = [
    column("log_number", Kind::Integer),
    column("logged_at", Kind::Time),
    column("level", Kind::Text),
    column("message", Kind::Text),
    column("source_file", Kind::Text),
    column("line_number", Kind::Integer),
];

/// `number`: its place in the run, from 1.
pub(super) fn push_log<'a>(row: &mut Vec<Field<'a>>, number: usize, log: &'a Log) {
    row.extend([
        Field::count(number),
        Field::Time(log.at),
        Field::text(Some(log.level.word())),
        Field::text(Some(&log.message)),
        Field::text(Some(log.source_file.as_str()).filter(|file| !file.is_empty())),
        if log.line_number == 0 { Field::Empty } else { Field::Integer(log.line_number.into()) },
    ]);
}

/// A file of a run.
pub(super) const ATTACHMENT: [Column; 6] = [
    column("attachment_number", Kind::Integer),
    column("attachment", Kind::Text),
    column("content_type", Kind::Text),
    column("size", Kind::Integer),
    column("sha256", Kind::Text),
    column("is_report", Kind::Bool),
];

/// `number`: its place in the run, from 1.
pub(super) fn push_attachment<'a>(row: &mut Vec<Field<'a>>, number: usize, attachment: &'a Attachment) {
    row.extend([
        Field::count(number),
        Field::text(Some(&attachment.name)),
        Field::text(attachment.content_type.as_deref()),
        Field::Integer(i64::try_from(attachment.size).unwrap_or(i64::MAX)),
        Field::Text(attachment.digest.to_string().into()),
        Field::Bool(attachment.is_report),
    ]);
}
