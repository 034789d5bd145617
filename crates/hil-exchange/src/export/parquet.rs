//! One table in columns.

use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::{ParquetError, Result as ParquetResult};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use hil_model::run::Run;

use super::column::{Column, Field, Kind};
use super::format::Out;
use super::{Export, Format, table};
use crate::{ExchangeError, Result, time};

/// How many rows a row group has at most, and how many bytes of text. That is what is held in memory.
const ROWS: usize = 1 << 16;
const TEXT: usize = 1 << 25;

pub(super) struct Columns {
    out: SerializedFileWriter<Out>,
    buffers: Vec<Buffer>,
    rows: usize,
    text: usize,
}

impl Columns {
    pub(super) fn boxed(out: Out) -> Result<Box<dyn Export>> {
        let columns = table::flat_columns();
        let open = || {
            let fields = columns.iter().map(field).collect::<ParquetResult<Vec<_>>>()?;
            let schema = Type::group_type_builder("measurements").with_fields(fields).build()?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(concat!("hil ", env!("CARGO_PKG_VERSION")).to_owned())
                .build();
            SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
        };
        let out = open().map_err(ExchangeError::write(Format::Parquet))?;
        let buffers = columns.iter().map(|column| Buffer::new(column.kind)).collect();
        Ok(Box::new(Self { out, buffers, rows: 0, text: 0 }))
    }

    /// Writes what is held as a row group.
    fn write_group(&mut self) -> ParquetResult<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.out.next_row_group()?;
        let mut buffers = self.buffers.iter_mut();
        while let (Some(mut column), Some(buffer)) = (group.next_column()?, buffers.next()) {
            buffer.drain(column.untyped())?;
            column.close()?;
        }
        group.close()?;
        (self.rows, self.text) = (0, 0);
        Ok(())
    }
}

impl Export for Columns {
    fn push(&mut self, run: &Run) -> Result<()> {
        table::flat_rows(run, &mut |row| {
            for (buffer, field) in self.buffers.iter_mut().zip(row) {
                self.text += buffer.push(field);
            }
            self.rows += 1;
            if self.rows >= ROWS || self.text >= TEXT {
                self.write_group().map_err(ExchangeError::write(Format::Parquet))?;
            }
            Ok(())
        })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let mut finish = || {
            self.write_group()?;
            self.out.finish()?;
            std::io::Write::flush(self.out.inner_mut())?;
            Ok(())
        };
        finish().map_err(ExchangeError::write::<ParquetError>(Format::Parquet))
    }
}

fn field(column: &Column) -> ParquetResult<Arc<Type>> {
    let (physical, logical) = match column.kind {
        Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Number => (PhysicalType::DOUBLE, None),
        Kind::Integer => (PhysicalType::INT64, None),
        Kind::Bool => (PhysicalType::BOOLEAN, None),
        Kind::Time => {
            let moment = LogicalType::timestamp(true, TimeUnit::MILLIS);
            (PhysicalType::INT64, Some(moment))
        }
    };
    let field = Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    Ok(Arc::new(field.build()?))
}

/// What is held of a column: the values that are there, and for each row whether it has one.
struct Buffer {
    values: Values,
    there: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<f64>),
    Integer(Vec<i64>),
    Bool(Vec<bool>),
}

impl Buffer {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Number => Values::Number(Vec::new()),
            Kind::Integer | Kind::Time => Values::Integer(Vec::new()),
            Kind::Bool => Values::Bool(Vec::new()),
        };
        Self { values, there: Vec::new() }
    }

    /// Adds a field, and says how many bytes of text that took.
    fn push(&mut self, field: &Field<'_>) -> usize {
        let mut taken = 0;
        let there = match (&mut self.values, field) {
            (Values::Text(texts), Field::Text(text)) => {
                // What is said of a run stands in each of its rows, and once in memory.
                let same = texts.last().filter(|last| last.data() == text.as_bytes()).cloned();
                texts.push(same.unwrap_or_else(|| {
                    taken = text.len();
                    ByteArray::from(text.as_bytes().to_vec())
                }));
                true
            }
            (Values::Number(numbers), Field::Number(number)) => {
                numbers.push(*number);
                true
            }
            (Values::Integer(numbers), Field::Integer(number)) => {
                numbers.push(*number);
                true
            }
            (Values::Integer(moments), Field::Time(at)) => {
                moments.push(time::utc(*at).timestamp_millis());
                true
            }
            (Values::Bool(values), Field::Bool(value)) => {
                values.push(*value);
                true
            }
            (_, Field::Empty) => false,
            (_, other) => unreachable!("{other:?} in a column of another kind"),
        };
        self.there.push(there.into());
        taken
    }

    fn drain(&mut self, column: &mut ColumnWriter<'_>) -> ParquetResult<()> {
        let there = Some(&self.there[..]);
        match (&mut self.values, column) {
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(column)) => {
                column.write_batch(values, there, None)?;
                values.clear();
            }
            (Values::Number(values), ColumnWriter::DoubleColumnWriter(column)) => {
                column.write_batch(values, there, None)?;
                values.clear();
            }
            (Values::Integer(values), ColumnWriter::Int64ColumnWriter(column)) => {
                column.write_batch(values, there, None)?;
                values.clear();
            }
            (Values::Bool(values), ColumnWriter::BoolColumnWriter(column)) => {
                column.write_batch(values, there, None)?;
                values.clear();
            }
            _ => {
                return Err(ParquetError::General(
                    "a column of another type than its schema says".to_owned(),
                ));
            }
        }
        self.there.clear();
        Ok(())
    }
}
