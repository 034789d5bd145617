//! The catalogue of requirements.

use hil_config::load_requirements;

use crate::bench::Bench;

#[test]
fn a_catalogue_maps_ids_to_titles() {
    let bench = Bench::new().file("r.yaml", "REQ-1: \"Red: full\"\n# x\nREQ-ALM-012: Green\n");
    let catalogue = load_requirements(&bench.path("r.yaml")).unwrap();
    let entries: Vec<_> = catalogue.iter().map(|(id, title)| (id.as_str(), title.as_str())).collect();
    assert_eq!(entries, [("REQ-1", "Red: full"), ("REQ-ALM-012", "Green")]);
}

#[test]
fn an_empty_catalogue_is_a_catalogue() {
    let bench = Bench::new().file("r.yaml", "# nothing yet\n");
    assert_eq!(load_requirements(&bench.path("r.yaml")).unwrap().len(), 0);
}

#[test]
fn a_broken_catalogue_reports_everything() {
    let text = "REQ-1: a\nREQ 2: b\nREQ-1: c\nREQ-3: 5\nREQ-4:\nREQ-5: {title: d}\n\"A,B\": e\n";
    let bench = Bench::new().file("r.yaml", text);
    let path = bench.path("r.yaml");
    let errors = load_requirements(&path).unwrap_err().to_string();
    insta::assert_snapshot!("broken_catalogue", errors.replace(path.to_str().unwrap(), "r.yaml"));
}

#[test]
fn a_missing_catalogue_is_an_error() {
    let bench = Bench::new();
    let path = bench.path("r.yaml");
    let errors = load_requirements(&path).unwrap_err().to_string();
    insta::assert_snapshot!("missing_catalogue", errors.replace(path.to_str().unwrap(), "r.yaml"));
}
