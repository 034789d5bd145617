//! Public files and hand-written edge cases: which are accepted, accepted with a warning, refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::shared::ldf_folder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Silent,
    Warned,
    Refused,
}

fn verdict(path: &Path) -> (Verdict, String) {
    match hil_ldf::load(path) {
        Ok(parsed) if parsed.warnings.is_empty() => (Verdict::Silent, String::new()),
        Ok(parsed) => {
            let warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
            (Verdict::Warned, warnings.join("\n"))
        }
        Err(error) => (Verdict::Refused, error.to_string()),
    }
}

fn check(folder: &Path, table: &str, columns: (usize, usize), allowed: fn(&str) -> &'static [Verdict]) {
    let table = fs::read_to_string(folder.join(table)).unwrap();
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (file, expected) = (cells[columns.0], cells[columns.1]);
        let path = [folder.join("corpus").join(file), folder.join("synthetic").join(file)];
        let Some(path) = path.iter().find(|path| path.exists()) else { continue };
        count += 1;
        let (verdict, words) = verdict(path);
        if !allowed(expected).contains(&verdict) {
            wrong.insert(file, format!("{expected}, but {verdict:?}\n{words}"));
        }
    }
    assert!(count > 0, "the table lists no file that exists");
    let report: Vec<String> = wrong.iter().map(|(file, words)| format!("{file}: {words}")).collect();
    assert!(wrong.is_empty(), "{} of {count} files\n{}", wrong.len(), report.join("\n"));
}

#[test]
fn public_files_are_judged_as_in_the_manifest() {
    let Some(folder) = ldf_folder("public_files_are_judged_as_in_the_manifest") else { return };
    check(&folder, "MANIFEST.tsv", (0, 7), |expected| match expected {
        // Signals in no frame and frames that carry another node's signal are warnings by section 4, and
        // several files that the manifest calls valid have them.
        "VALID" => &[Verdict::Silent, Verdict::Warned],
        "LENIENT" => &[Verdict::Warned],
        _ => &[Verdict::Refused],
    });
}

#[test]
fn edge_cases_are_judged_as_expected() {
    let Some(folder) = ldf_folder("edge_cases_are_judged_as_expected") else { return };
    check(&folder, "synthetic/EXPECT.tsv", (0, 1), |expected| match expected {
        "ok" => &[Verdict::Silent],
        "ok-warn" | "warn" => &[Verdict::Warned],
        "ok-or-clear-error" | "error-or-merge" => &[Verdict::Silent, Verdict::Warned, Verdict::Refused],
        "error-or-warn" => &[Verdict::Warned, Verdict::Refused],
        _ => &[Verdict::Refused],
    });
}

#[test]
fn valid_files_are_silent_but_for_the_anomalies_that_the_manifest_names() {
    let test = "valid_files_are_silent_but_for_the_anomalies_that_the_manifest_names";
    let Some(folder) = ldf_folder(test) else { return };
    let manifest = fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    for line in manifest.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let path = folder.join("corpus").join(cells[0]);
        if cells[7] == "VALID" && path.exists() && !line.contains("anomalies") {
            let (verdict, words) = verdict(&path);
            assert_eq!(verdict, Verdict::Silent, "{}: {words}", cells[0]);
        }
    }
}
