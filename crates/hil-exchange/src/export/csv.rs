//! One table as text (RFC 4180): UTF-8, a header, CRLF, quotes where they are needed.
//!
//! Whoever opens it in a spreadsheet must not run what a unit under test or a foreign client wrote: a text that begins
//! like a formula gets an apostrophe in front. Numbers stay as they are.

use std::io::Write;

use ::csv::{ByteRecord, Terminator, Writer, WriterBuilder};
use hil_model::run::Run;

use super::column::Field;
use super::format::Out;
use super::{Export, Format, table};
use crate::{ExchangeError, Result, time};

pub(super) struct Rows {
    out: Writer<Out>,
}

impl Rows {
    pub(super) fn boxed(out: Out) -> Result<Box<dyn Export>> {
        let mut out = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let header = table::flat_columns();
        out.write_record(header.iter().map(|column| column.name))
            .map_err(ExchangeError::write(Format::Csv))?;
        Ok(Box::new(Self { out }))
    }
}

impl Export for Rows {
    fn push(&mut self, run: &Run) -> Result<()> {
        let (mut record, mut text) = (ByteRecord::new(), Vec::new());
        table::flat_rows(run, &mut |row| {
            record.clear();
            for field in row {
                text.clear();
                print(&mut text, field).map_err(ExchangeError::write(Format::Csv))?;
                record.push_field(&text);
            }
            self.out.write_byte_record(&record).map_err(ExchangeError::write(Format::Csv))
        })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(ExchangeError::write(Format::Csv))
    }
}

fn print(out: &mut Vec<u8>, field: &Field<'_>) -> std::io::Result<()> {
    match field {
        Field::Empty => Ok(()),
        Field::Text(text) => {
            if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
                out.push(b'\'');
            }
            out.write_all(text.as_bytes())
        }
        Field::Number(number) => print_number(out, *number),
        Field::Integer(number) => write!(out, "{number}"),
        Field::Bool(value) => write!(out, "{value}"),
        Field::Time(at) => out.write_all(time::rfc3339(*at).as_bytes()),
    }
}

/// The shortest text that is this number: `5`, `0.1`, `1e300`, `NaN`, `-inf`.
fn print_number(out: &mut Vec<u8>, number: f64) -> std::io::Result<()> {
    if number.abs() < 1e15 && number.abs() > 1e-5 || number == 0.0 {
        write!(out, "{number}")
    } else {
        write!(out, "{number:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::WallTime;
    use rstest::rstest;

    #[rstest]
    #[case(Field::Text("=1+1".into()), "'=1+1")]
    #[case(Field::Text("-3".into()), "'-3")]
    #[case(Field::Text("@SUM(A1)".into()), "'@SUM(A1)")]
    #[case(Field::Text("a=1".into()), "a=1")]
    #[case(Field::Number(-3.0), "-3")]
    #[case(Field::Number(0.1), "0.1")]
    #[case(Field::Number(-1e300), "-1e300")]
    #[case(Field::Number(5e-324), "5e-324")]
    #[case(Field::Number(f64::NAN), "NaN")]
    #[case(Field::Number(f64::NEG_INFINITY), "-inf")]
    #[case(Field::Time(WallTime::from_unix_millis(5)), "1970-01-01T00:00:00.005Z")]
    #[case(Field::Empty, "")]
    fn texts_never_begin_like_formulas(#[case] field: Field<'_>, #[case] expected: &str) {
        let mut out = Vec::new();
        print(&mut out, &field).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
