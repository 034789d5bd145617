//! A script that makes the tables and fills them. SQLite (from 3.24) and PostgreSQL (from 9.5) both run it as it is.
//!
//! Running it twice, or two overlapping ones, leaves each row once. Texts are quoted by the standard's rule alone:
//! PostgreSQL must not have `standard_conforming_strings` switched off, which it was not by itself since 2010. A NUL,
//! which neither of the two takes in a script, becomes U+FFFD.

use std::io::{self, Write};

use hil_model::run::Run;

use super::column::{Column, Field, Kind};
use super::format::Out;
use super::table::Table;
use super::{Export, Format};
use crate::{ExchangeError, Result, time};

/// How many rows one statement inserts at most, and how long it gets before the next one begins, in bytes.
const ROWS: usize = 500;
const LENGTH: usize = 1 << 16;

/// How many runs one transaction holds.
const RUNS: usize = 100;

pub(super) struct Script {
    out: Out,
    /// How many runs the open transaction holds; nothing is open at 0.
    runs: usize,
}

impl Script {
    pub(super) fn boxed(mut out: Out) -> Result<Box<dyn Export>> {
        for table in Table::ALL {
            create(&mut out, table).map_err(ExchangeError::write(Format::Sql))?;
        }
        Ok(Box::new(Self { out, runs: 0 }))
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(ExchangeError::write(Format::Sql))
    }

    fn insert(&mut self, table: Table, run: &Run) -> Result<()> {
        let names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
        let head = format!("INSERT INTO {} ({}) VALUES\n", table.name(), names.join(", "));
        let (mut text, mut rows) = (Vec::new(), 0);
        table.rows(run, &mut |row| {
            text.extend_from_slice(if rows == 0 { head.as_bytes() } else { b",\n" });
            rows += 1;
            print_row(&mut text, row).map_err(ExchangeError::write(Format::Sql))?;
            if rows == ROWS || text.len() >= LENGTH {
                text.extend_from_slice(END);
                self.out.write_all(&text).map_err(ExchangeError::write(Format::Sql))?;
                text.clear();
                rows = 0;
            }
            Ok(())
        })?;
        if rows > 0 {
            text.extend_from_slice(END);
        }
        self.out.write_all(&text).map_err(ExchangeError::write(Format::Sql))
    }
}

const END: &[u8] = b"\nON CONFLICT DO NOTHING;\n";

impl Export for Script {
    fn push(&mut self, run: &Run) -> Result<()> {
        if self.runs == 0 {
            self.write("BEGIN;\n")?;
        }
        for table in Table::ALL {
            self.insert(table, run)?;
        }
        self.runs += 1;
        if self.runs == RUNS {
            self.write("COMMIT;\n")?;
            self.runs = 0;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.runs > 0 {
            self.write("COMMIT;\n")?;
        }
        self.out.flush().map_err(ExchangeError::write(Format::Sql))
    }
}

fn create(out: &mut impl Write, table: Table) -> io::Result<()> {
    writeln!(out, "CREATE TABLE IF NOT EXISTS {} (", table.name())?;
    for Column { name, kind } in table.columns() {
        let kind = match kind {
            Kind::Text => "TEXT",
            Kind::Number => "DOUBLE PRECISION",
            Kind::Integer => "BIGINT",
            Kind::Bool => "BOOLEAN",
            Kind::Time => "TIMESTAMPTZ",
        };
        writeln!(out, "  {name} {kind},")?;
    }
    writeln!(out, "  PRIMARY KEY ({})\n);", table.key())
}

fn print_row(out: &mut Vec<u8>, row: &[Field<'_>]) -> io::Result<()> {
    for (index, field) in row.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"(" } else { b", " });
        match field {
            Field::Empty => out.extend_from_slice(b"NULL"),
            Field::Text(text) => print_text(out, text),
            Field::Number(number) if number.is_nan() => out.extend_from_slice(b"'NaN'"),
            Field::Number(number) if number.is_infinite() => {
                out.extend_from_slice(if *number > 0.0 { b"'Infinity'" } else { b"'-Infinity'" });
            }
            Field::Number(number) => write!(out, "{number:?}")?,
            Field::Integer(number) => write!(out, "{number}")?,
            Field::Bool(value) => out.extend_from_slice(if *value { b"TRUE" } else { b"FALSE" }),
            Field::Time(at) => write!(out, "'{}'", time::rfc3339(*at))?,
        }
    }
    out.push(b')');
    Ok(())
}

fn print_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'\'');
    for &byte in text.as_bytes() {
        match byte {
            b'\'' => out.extend_from_slice(b"''"),
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            byte => out.push(byte),
        }
    }
    out.push(b'\'');
}
