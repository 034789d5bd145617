//! A workbook: one sheet a table, in the types that spreadsheets have.
//!
//! Rows go to temporary files as they come, so that memory does not grow with them. A sheet that is full is continued on
//! another one. What no cell can hold is text: NaN, the infinities, a date before 1900.

use ::rust_xlsxwriter::{Format as CellFormat, Workbook, Worksheet, XlsxError};
use hil_model::run::Run;

use super::column::{Field, Kind};
use super::format::Out;
use super::table::Table;
use super::{Export, Format};
use crate::{ExchangeError, Result, time};

/// How many rows a spreadsheet allows in a sheet.
const ROWS: u32 = 1 << 20;
/// How many characters a cell holds, in UTF-16.
const CELL: usize = 32_767;
/// Days from the beginning of a spreadsheet's calendar to the Unix epoch.
const EPOCH: f64 = 25_569.0;
const DAY: f64 = 86_400_000.0;
/// The first of March 1900. The calendar has a 29th of February before it, which never was.
const FIRST_DAY: f64 = 61.0;

pub(super) struct Sheets {
    out: Out,
    book: Workbook,
    sheets: Vec<Sheet>,
    header: CellFormat,
    moment: CellFormat,
    /// How many rows a sheet holds, the header among them.
    rows: u32,
}

/// The sheet that a table is being written to.
struct Sheet {
    table: Table,
    /// Its place in the workbook.
    place: usize,
    /// How many sheets the table has.
    count: usize,
    /// The next row.
    row: u32,
}

impl Sheets {
    pub(super) fn boxed(out: Out) -> Result<Box<dyn Export>> {
        Ok(Box::new(Self::new(out, ROWS)?))
    }

    fn new(out: Out, rows: u32) -> Result<Self> {
        let mut sheets = Self {
            out,
            book: Workbook::new(),
            sheets: Vec::new(),
            header: CellFormat::new().set_bold(),
            moment: CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            rows,
        };
        for table in Table::ALL {
            let sheet = sheets.open(table, 1).map_err(ExchangeError::write(Format::Xlsx))?;
            sheets.sheets.push(sheet);
        }
        Ok(sheets)
    }

    fn open(&mut self, table: Table, count: usize) -> Result<Sheet, XlsxError> {
        let place = self.book.worksheets().len();
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        let name = table.name();
        sheet.set_name(if count == 1 { name.to_owned() } else { format!("{name} {count}") })?;
        sheet.set_freeze_panes(1, 0)?;
        for (index, column) in (0..).zip(table.columns()) {
            sheet.set_column_width(index, if column.kind == Kind::Time { 23 } else { 16 })?;
            sheet.write_string_with_format(0, index, column.name, &self.header)?;
        }
        Ok(Sheet { table, place, count, row: 1 })
    }

    fn close(&mut self, index: usize) -> Result<(), XlsxError> {
        let Sheet { table, place, row, .. } = self.sheets[index];
        let last = u16::try_from(table.columns().len() - 1).unwrap_or(u16::MAX);
        self.book.worksheet_from_index(place)?.autofilter(0, 0, row - 1, last)?;
        Ok(())
    }

    fn write(&mut self, index: usize, row: &[Field<'_>]) -> Result<(), XlsxError> {
        if self.sheets[index].row == self.rows {
            self.close(index)?;
            let Sheet { table, count, .. } = self.sheets[index];
            self.sheets[index] = self.open(table, count + 1)?;
        }
        let Sheet { place, row: number, .. } = self.sheets[index];
        let sheet = self.book.worksheet_from_index(place)?;
        for (column, field) in (0..).zip(row) {
            write_cell(sheet, (number, column), field, &self.moment)?;
        }
        self.sheets[index].row += 1;
        Ok(())
    }
}

impl Export for Sheets {
    fn push(&mut self, run: &Run) -> Result<()> {
        Table::ALL.into_iter().enumerate().try_for_each(|(index, table)| {
            table.rows(run, &mut |row| self.write(index, row).map_err(ExchangeError::write(Format::Xlsx)))
        })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let mut finish = || {
            for index in 0..self.sheets.len() {
                self.close(index)?;
            }
            self.book.save_to_writer(&mut self.out)
        };
        finish().map_err(ExchangeError::write(Format::Xlsx))?;
        std::io::Write::flush(&mut self.out).map_err(ExchangeError::write(Format::Xlsx))
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    field: &Field<'_>,
    moment: &CellFormat,
) -> Result<(), XlsxError> {
    match field {
        Field::Empty => {}
        Field::Text(text) => {
            sheet.write_string(row, column, fitting(text))?;
        }
        Field::Number(number) if number.is_finite() => {
            sheet.write_number(row, column, *number)?;
        }
        Field::Number(number) => {
            sheet.write_string(row, column, number.to_string())?;
        }
        Field::Integer(number) => {
            sheet.write_number(row, column, *number as f64)?;
        }
        Field::Bool(value) => {
            sheet.write_boolean(row, column, *value)?;
        }
        Field::Time(at) => {
            let day = time::utc(*at).timestamp_millis() as f64 / DAY + EPOCH;
            if day < FIRST_DAY {
                sheet.write_string(row, column, time::rfc3339(*at))?;
            } else {
                sheet.write_number_with_format(row, column, day, moment)?;
            }
        }
    }
    Ok(())
}

/// As much of a text as a cell holds; one that is cut ends with `…`.
fn fitting(text: &str) -> String {
    if text.len() <= CELL || text.encode_utf16().count() <= CELL {
        return text.to_owned();
    }
    let mut length = 0;
    let head = text.chars().take_while(|c| {
        length += c.len_utf16();
        length < CELL
    });
    head.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufWriter, sink};

    #[test]
    fn a_full_sheet_is_continued() {
        let mut sheets = Sheets::new(BufWriter::new(Box::new(sink())), 4).unwrap();
        let row = vec![Field::Integer(7); Table::Phases.columns().len()];
        for _ in 0..8 {
            sheets.write(1, &row).unwrap();
        }
        let names: Vec<_> = sheets.book.worksheets().iter().map(Worksheet::name).collect();
        assert_eq!(names, ["runs", "phases", "measurements", "logs", "attachments", "phases 2", "phases 3"]);
        assert_eq!((sheets.sheets[1].place, sheets.sheets[1].row), (6, 3));
        Box::new(sheets).finish().unwrap();
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(fitting("short"), "short");
        let cut = fitting(&"\u{1f600}".repeat(CELL));
        assert_eq!((cut.encode_utf16().count(), cut.chars().last()), (CELL, Some('…')));
    }
}
