//! Exports, read by others.

use hil_exchange::export::Format;
use hil_model::run::{Phase, Run};
use rstest::rstest;
use rusqlite::Connection;

use crate::sample;

#[test]
fn csv_is_a_row_a_measurement() {
    let text = String::from_utf8(sample::export(Format::Csv, [&sample::full(), &sample::empty()])).unwrap();
    insta::assert_snapshot!("csv", text.replace("\r\n", "\n"));
    assert!(text.ends_with("\r\n"));
}

#[test]
fn every_row_of_csv_has_every_column() {
    let bytes = sample::export(Format::Csv, [&sample::full(), &sample::empty()]);
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let columns = reader.headers().unwrap().len();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    // Nine measurements, a phase without one, a run without phases.
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|row| row.len() == columns));
}

#[test]
fn an_export_of_nothing_is_one() {
    assert_eq!(sample::export(Format::Json, []), b"[]\n");
    assert_eq!(sample::export(Format::OpenHtf, []), b"");
    assert_eq!(csv::Reader::from_reader(&sample::export(Format::Csv, [])[..]).records().count(), 0);
    let script = String::from_utf8(sample::export(Format::Sql, [])).unwrap();
    Connection::open_in_memory().unwrap().execute_batch(&script).unwrap();
}

#[test]
fn json_is_a_list() {
    let bytes = sample::export(Format::Json, [&sample::full(), &sample::empty()]);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(list.len(), 2);
}

#[test]
fn openhtf_is_a_report_a_line() {
    let bytes = sample::export(Format::OpenHtf, [&sample::full(), &sample::empty()]);
    let lines: Vec<_> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    assert_eq!(lines.len(), 2);
    let run = hil_exchange::openhtf::read(lines[0], sample::id(), hil_exchange::openhtf::Given::default())
        .unwrap()
        .run;
    assert_eq!(run.phases.len(), 2);
}

fn sqlite(scripts: &[&[u8]]) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    for script in scripts {
        database.execute_batch(std::str::from_utf8(script).unwrap()).unwrap();
    }
    database
}

fn count(database: &Connection, table: &str) -> i64 {
    database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn sql_runs_in_sqlite_any_number_of_times() {
    let script = sample::export(Format::Sql, [&sample::full()]);
    let database = sqlite(&[&script, &script]);
    let counts =
        ["runs", "phases", "measurements", "logs", "attachments"].map(|table| count(&database, table));
    assert_eq!(counts, [1, 2, 9, 2, 1]);
    let text = |select: &str| database.query_row(select, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(
        text("SELECT value_text FROM measurements WHERE measurement = 'object'"),
        r#"{"a":[1,"x'); DROP TABLE runs;--"]}"#
    );
    assert_eq!(text("SELECT message FROM logs WHERE phase_number = 1"), "phase says \u{fffd} 'hello'; \\");
    assert_eq!(text("SELECT value_number FROM measurements WHERE measurement = 'nan'"), "NaN");
    assert_eq!(text("SELECT run_started_at FROM runs"), "2026-11-21T16:18:49.000Z");
    let number = "SELECT value_number FROM measurements WHERE measurement = 'huge'";
    assert_eq!(database.query_row(number, [], |row| row.get::<_, f64>(0)).unwrap(), 1e300);
}

/// A run with many phases, each with a long name.
fn long(phases: usize) -> Run {
    let phase = |number| Phase::new(format!("{number}{}", "'".repeat(1000)));
    Run { phases: (0..phases).map(phase).collect(), ..sample::empty() }
}

#[test]
fn long_runs_take_several_statements() {
    let script = sample::export(Format::Sql, [&long(2000)]);
    assert_eq!(count(&sqlite(&[&script]), "phases"), 2000);
}

#[test]
fn sql_holds_many_runs_in_few_transactions() {
    let run = |number: usize| Run { id: format!("run-{number}").parse().unwrap(), ..sample::empty() };
    let runs: Vec<_> = (0..250).map(run).collect();
    let script = String::from_utf8(sample::export(Format::Sql, &runs)).unwrap();
    assert_eq!((script.matches("BEGIN;").count(), script.matches("COMMIT;").count()), (3, 3));
    assert_eq!(count(&sqlite(&[script.as_bytes()]), "runs"), 250);
}

#[rstest]
#[case(Format::Json)]
#[case(Format::Csv)]
#[case(Format::Sql)]
#[case(Format::OpenHtf)]
#[cfg_attr(feature = "parquet", case(Format::Parquet))]
#[cfg_attr(feature = "xlsx", case(Format::Xlsx))]
fn a_full_disk_is_an_error(#[case] format: Format) {
    let disk = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = format.exporter(disk).and_then(|mut export| {
        for _ in 0..100 {
            export.push(&sample::full())?;
        }
        export.finish()
    });
    assert_eq!(error.unwrap_err().to_string(), format!("cannot write the export as {format}"));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_format_that_was_not_built_says_what_to_do() {
    let error = Format::Parquet.exporter(std::io::sink()).err().unwrap();
    assert_eq!(error.to_string(), "this hil writes no parquet: build it with the feature `parquet`");
}

#[cfg(feature = "parquet")]
mod parquet {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;
    use hil_exchange::export::Format;
    use hil_model::run::{MeasuredValue, Measurement, Phase, Run};

    use crate::sample;

    fn rows(bytes: Vec<u8>) -> (usize, Vec<Vec<(String, Field)>>) {
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().into_columns()).collect();
        (reader.num_row_groups(), rows)
    }

    #[test]
    fn columns_have_the_names_and_the_rows_of_csv() {
        let (runs, format) = ([sample::full(), sample::empty()], Format::Csv);
        let csv = sample::export(format, &runs);
        let mut csv = csv::Reader::from_reader(&csv[..]);
        let headers: Vec<_> = csv.headers().unwrap().iter().map(str::to_owned).collect();
        let (_, rows) = rows(sample::export(Format::Parquet, &runs));
        assert_eq!(rows.len(), csv.records().count());
        assert_eq!(rows[0].iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), headers);
    }

    #[test]
    fn values_keep_their_types() {
        let (_, rows) = rows(sample::export(Format::Parquet, [&sample::full()]));
        let field = |row: usize, name: &str| rows[row].iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(field(0, "run_started_at"), Field::TimestampMillis(sample::at(0).unix_millis()));
        assert_eq!(field(0, "value_number"), Field::Double(3.3));
        assert_eq!(field(0, "upper_limit"), Field::Double(3.4));
        assert_eq!(field(0, "phase_number"), Field::Long(1));
        assert_eq!(field(0, "marginal"), Field::Bool(false));
        assert_eq!(field(1, "value_text"), Field::Str("=1+1".into()));
        assert!(matches!(field(2, "value_number"), Field::Double(number) if number.is_nan()));
        assert_eq!(field(5, "value_boolean"), Field::Bool(true));
        assert_eq!(field(8, "value_number"), Field::Null);
        assert_eq!(field(9, "measurement"), Field::Null);
        assert_eq!(field(9, "phase"), Field::Str("sécond\u{1f600}".into()));
    }

    #[test]
    fn row_groups_are_bounded() {
        let measurement =
            |i: i32| Measurement { value: MeasuredValue::Number(i.into()), ..Measurement::new("m") };
        let phase = Phase { measurements: (0..1000).map(measurement).collect(), ..Phase::new("p") };
        let run = Run { phases: vec![phase], ..sample::empty() };
        let (groups, rows) = rows(sample::export(Format::Parquet, std::iter::repeat_n(&run, 70)));
        assert_eq!((groups, rows.len()), (2, 70_000));
        let texts = run_with_text(1 << 20);
        let (groups, rows) = self::rows(sample::export(Format::Parquet, std::iter::repeat_n(&texts, 10)));
        assert_eq!((groups, rows.len()), (2, 40));
    }

    /// A run with four different texts of this length.
    fn run_with_text(length: usize) -> Run {
        let measurement = |i: u8| Measurement {
            value: MeasuredValue::Text(char::from(b'a' + i).to_string().repeat(length)),
            ..Measurement::new("m")
        };
        let phase = Phase { measurements: (0..4).map(measurement).collect(), ..Phase::new("p") };
        Run { phases: vec![phase], ..sample::empty() }
    }
}

#[cfg(feature = "xlsx")]
mod xlsx {
    use std::io::{Cursor, Read};

    use hil_exchange::export::Format;
    use hil_model::WallTime;
    use hil_model::run::{Phase, Run};
    use zip::ZipArchive;

    use crate::sample;

    /// The XML of a part of the workbook.
    fn part<'a>(name: &str, runs: impl IntoIterator<Item = &'a Run>) -> String {
        let book = sample::export(Format::Xlsx, runs);
        let mut xml = String::new();
        ZipArchive::new(Cursor::new(book)).unwrap().by_name(name).unwrap().read_to_string(&mut xml).unwrap();
        xml
    }

    /// The rows, one a line.
    fn rows(xml: &str) -> String {
        let (_, data) = xml.split_once("<sheetData>").unwrap();
        data.split_once("</sheetData>").unwrap().0.replace("</row>", "</row>\n")
    }

    #[test]
    fn each_table_is_a_sheet() {
        let xml = part("xl/workbook.xml", [&sample::full()]);
        let names: Vec<_> =
            xml.split("<sheet name=\"").skip(1).filter_map(|sheet| sheet.split('"').next()).collect();
        assert_eq!(names, ["runs", "phases", "measurements", "logs", "attachments"]);
    }

    #[test]
    fn cells_have_types_and_no_formulas() {
        insta::assert_snapshot!("xlsx_runs", rows(&part("xl/worksheets/sheet1.xml", [&sample::full()])));
        let measurements = part("xl/worksheets/sheet3.xml", [&sample::full()]);
        insta::assert_snapshot!("xlsx_measurements", rows(&measurements));
        assert!(!measurements.contains("<f>"), "{measurements}");
        assert!(
            measurements.contains("state=\"frozen\"")
                && measurements.contains("<autoFilter ref=\"A1:R10\"/>")
        );
    }

    #[test]
    fn what_no_cell_holds_is_cut_or_text() {
        let started_at = WallTime::from_unix_millis(i64::MIN);
        let phase = Phase { started_at, ..Phase::new("\u{1f600}".repeat(20_000)) };
        let xml = part("xl/worksheets/sheet2.xml", [&Run { phases: vec![phase], ..sample::empty() }]);
        let name = xml.split("<t>").find(|text| text.starts_with('\u{1f600}')).unwrap();
        let name = name.split('<').next().unwrap();
        assert_eq!((name.encode_utf16().count(), name.chars().last()), (32_767, Some('…')));
        assert!(xml.contains("<t>0001-01-01T00:00:00.000Z</t>"));
    }
}
