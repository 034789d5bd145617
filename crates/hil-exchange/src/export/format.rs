//! The formats that runs are exported in.

use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use super::{Export, csv, json, openhtf, sql};
use crate::{ExchangeError, Result};

/// A format that runs are exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A list of our documents.
    Json,
    /// One table as text.
    Csv,
    /// One table in columns, for data frames.
    Parquet,
    /// A workbook.
    Xlsx,
    /// A script that SQLite and PostgreSQL run.
    Sql,
    /// OpenHTF reports, one a line.
    OpenHtf,
}

impl Format {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Json, Self::Csv, Self::Parquet, Self::Xlsx, Self::Sql, Self::OpenHtf];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
            Self::Sql => "sql",
            Self::OpenHtf => "openhtf",
        }
    }

    /// What the name of a file of it ends with, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
            Self::Sql => "sql",
            Self::OpenHtf => "jsonl",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Sql => "application/sql",
            Self::OpenHtf => "application/jsonl",
        }
    }

    /// Begins an export to `out`, which need not be buffered.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::NotBuilt`] for a format that this program was built without; [`ExchangeError::Write`].
    pub fn exporter(self, out: impl Write + Send + 'static) -> Result<Box<dyn Export>> {
        let out: Out = BufWriter::with_capacity(BUFFER, Box::new(out));
        match self {
            Self::Json => Ok(Box::new(json::Documents::new(out))),
            Self::Csv => csv::Rows::boxed(out),
            Self::Parquet => parquet(out),
            Self::Xlsx => xlsx(out),
            Self::Sql => sql::Script::boxed(out),
            Self::OpenHtf => Ok(Box::new(openhtf::Reports::new(out))),
        }
    }
}

/// Where an export goes.
pub(super) type Out = BufWriter<Box<dyn Write + Send>>;

const BUFFER: usize = 1 << 16;

#[cfg(feature = "parquet")]
fn parquet(out: Out) -> Result<Box<dyn Export>> {
    super::parquet::Columns::boxed(out)
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: Out) -> Result<Box<dyn Export>> {
    Err(ExchangeError::NotBuilt { format: Format::Parquet, feature: "parquet" })
}

#[cfg(feature = "xlsx")]
fn xlsx(out: Out) -> Result<Box<dyn Export>> {
    super::xlsx::Sheets::boxed(out)
}

#[cfg(not(feature = "xlsx"))]
fn xlsx(_: Out) -> Result<Box<dyn Export>> {
    Err(ExchangeError::NotBuilt { format: Format::Xlsx, feature: "xlsx" })
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = ExchangeError;

    fn from_str(name: &str) -> Result<Self> {
        let format = Self::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name));
        format.ok_or_else(|| ExchangeError::UnknownFormat(crate::error::excerpt(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for format in Format::ALL {
            assert_eq!(format.name().to_uppercase().parse::<Format>().unwrap(), *format);
        }
        assert_eq!(
            "xml".parse::<Format>().unwrap_err().to_string(),
            "\"xml\" is no export format: json, csv, parquet, xlsx, sql and openhtf are"
        );
    }
}
