//! The conformance suite is green on a healthy node, and each planted defect turns its cases red.

use std::collections::{BTreeMap, BTreeSet};

use hil_sim::Defect;
use rstest::rstest;

use crate::program::{Program, root};

/// The cases that a defect turns red, by number and, where a case has several, its name.
enum Red {
    /// These and no others.
    Exactly(&'static [&'static str]),
    /// These at least: the defect is of a kind that most cases stumble over.
    Among(&'static [&'static str]),
}

use Red::{Among, Exactly};

/// The cases that look at the product id.
const PRODUCT: &[&str] =
    &["64", "65", "66 function", "66 nad", "66 supplier", "66 supplier_and_function", "69", "71"];
const ANY_PULSE: &[&str] = &["54 of_250_us", "54 of_5_bits", "54 of_5_ms"];
const ANY_NUMBER: &[&str] = &["79 from_zero", "79 repeated", "79 skipped", "79 swapped"];

#[rustfmt::skip]
const TABLE: &[(Defect, Red)] = &[
    (Defect::DeafToHighIds, Exactly(&["25"])),
    (Defect::MuteOnHighIds, Exactly(&["26"])),
    (Defect::EnhancedDiagnosticChecksum, Among(&["27"])),
    (Defect::ClassicChecksum, Among(&["28"])),
    (Defect::UnusedBitsDominant, Exactly(&["32"])),
    (Defect::AnswersReservedId, Exactly(&["33 id_0x3e", "33 id_0x3f", "34 id_0x3e", "34 id_0x3f"])),
    (Defect::ReportsReservedErrors, Exactly(&["34 id_0x3f"])),
    (Defect::AnswersForeignId, Exactly(&["36", "37"])),
    (Defect::WrongFrameId, Exactly(&["28", "32", "36", "37"])),
    (Defect::DeafToFrame, Exactly(&["37", "62", "63"])),
    (Defect::HearsForeignId, Exactly(&["37"])),
    (Defect::ResponseErrorNotSet, Exactly(&["25", "37", "50", "62", "63"])),
    (Defect::ResponseErrorNotCleared, Exactly(&["25", "37", "50", "62", "63"])),
    (Defect::ResponseErrorLost, Exactly(&["50"])),
    (Defect::IgnoresSleep, Exactly(&["52 other_data", "52 recessive"])),
    (Defect::IgnoresSleepWithData, Exactly(&["52 other_data"])),
    (Defect::DeafToWakeUp, Exactly(ANY_PULSE)),
    (Defect::NeedsLongWakeUp, Exactly(&["54 of_250_us", "54 of_5_bits"])),
    (Defect::SleepsEarly, Exactly(&["61"])),
    (Defect::RangeIgnored, Exactly(&["25", "26", "62", "63"])),
    (Defect::ForgetsKeptIds, Exactly(&["25", "62", "63"])),
    (Defect::KeepsAfterUnassign, Exactly(&["26", "63"])),
    (Defect::WrongProductId, Exactly(PRODUCT)),
    (Defect::WrongRsid, Among(&["64", "67", "70", "74", "80"])),
    (Defect::IgnoresBroadcast, Exactly(&["66 nad"])),
    (Defect::AnswersAsBroadcast, Exactly(&["66 nad"])),
    (Defect::IgnoresSupplierWildcard, Exactly(&["66 supplier", "66 supplier_and_function"])),
    (Defect::IgnoresFunctionWildcard, Exactly(&["66 function", "66 supplier_and_function"])),
    (Defect::NoNegativeResponse, Exactly(&["67", "73"])),
    (Defect::WrongNegativeCode, Exactly(&["67"])),
    (Defect::ZeroPadding, Among(&["67", "70", "80"])),
    (Defect::AnyonesNad, Exactly(&["68 nad", "69"])),
    (Defect::AnyonesSupplier, Exactly(&["68 supplier_lsb", "68 supplier_msb"])),
    (Defect::AnyonesFunction, Exactly(&["68 function_lsb", "68 function_msb"])),
    (Defect::AssignNadIgnored, Exactly(&["69", "70"])),
    (Defect::AssignNadWithoutEffect, Exactly(&["69"])),
    (Defect::AssignNadSilent, Exactly(&["70"])),
    (Defect::ConditionInverted, Exactly(&["71"])),
    (Defect::AnswersFunctional, Exactly(&["72", "76", "82"])),
    (Defect::KeepsOldAnswer, Exactly(&["73", "80", "81", "82"])),
    (Defect::IgnoresSegments, Exactly(&["74", "75", "76", "78"])),
    (Defect::DropsRequestOnTraffic, Exactly(&["75"])),
    (Defect::DropsRequestOnFunctional, Exactly(&["76"])),
    (Defect::NoRequestTimeout, Exactly(&["77"])),
    (Defect::ShortRequestTimeout, Exactly(&["78"])),
    (Defect::WrongSequenceAccepted, Exactly(ANY_NUMBER)),
    (Defect::WrongSequenceSent, Exactly(&["80", "81", "82"])),
    (Defect::DropsAnswerOnTraffic, Exactly(&["65", "81"])),
    (Defect::DropsAnswerOnFunctional, Exactly(&["82"])),
    (Defect::AnswersUnasked, Among(&["68 nad", "72", "83", "84"])),
    (Defect::AnswersTwice, Exactly(&["80", "84"])),
    (Defect::NoAnswerTimeout, Exactly(&["85"])),
];

fn suite() -> Program {
    Program::hil().args(&["--suite", "conformance"])
}

/// How each case ended: `pt_ct_33_reserved_ids_are_not_answered::id_0x3e` is the case `33 id_0x3e`.
fn cases(hil: &Program) -> BTreeMap<String, String> {
    let case = |test: &str| {
        let (_, named) = test.split_once("pt_ct_")?;
        let (function, variant) = named.split_once("::").unwrap_or((named, ""));
        let number = function.split('_').next()?;
        Some(format!("{number} {variant}").trim_end().to_owned())
    };
    hil.outcomes().into_iter().map(|(test, outcome)| (case(&test).unwrap(), outcome)).collect()
}

/// What the run with `defect` has red, and what is wrong with that.
fn complaint(defect: Defect, expected: &Red) -> Option<String> {
    let hil = suite().set(&format!("simulation.defects=[{}]", defect.name()));
    hil.run().code(1);
    let ends = cases(&hil);
    let ended = |outcome: &str| -> BTreeSet<&str> {
        ends.iter().filter(|(_, end)| *end == outcome).map(|(case, _)| case.as_str()).collect()
    };
    // A node's mistake is a verdict on the node: no error of bench or test, no skip.
    let (red, green) = (ended("failed"), ended("passed"));
    let is_met = red.len() + green.len() == ends.len()
        && match expected {
            Exactly(cases) => red == cases.iter().copied().collect(),
            Among(cases) => cases.iter().all(|case| red.contains(case)),
        };
    (!is_met).then(|| format!("{}: {ends:?}", defect.name()))
}

#[test]
fn a_healthy_node_conforms() {
    let hil = suite();
    hil.run().code(0);
    let ends = cases(&hil);
    assert!(ends.len() >= 50 && ends.values().all(|end| end == "passed"), "{ends:?}");
    // Each case is shown to be able to fail.
    let found: BTreeSet<&str> =
        TABLE.iter().flat_map(|(_, Exactly(cases) | Among(cases))| cases.iter().copied()).collect();
    let idle: Vec<&String> = ends.keys().filter(|case| !found.contains(case.as_str())).collect();
    assert!(idle.is_empty(), "no defect turns {idle:?} red");
}

#[test]
fn each_defect_is_found() {
    let listed: Vec<Defect> = TABLE.iter().map(|(defect, _)| *defect).collect();
    assert_eq!(listed, Defect::ALL);
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let shares = TABLE.chunks(TABLE.len().div_ceil(4));
        let check = |share: &[(Defect, Red)]| -> Vec<String> {
            share.iter().filter_map(|(defect, expected)| complaint(*defect, expected)).collect()
        };
        let workers: Vec<_> = shares.map(|share| scope.spawn(move || check(share))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_defect_that_does_not_exist_is_refused_with_the_nearest() {
    let ended = suite().set("simulation.defects=[ignores_slep]").run().code(4);
    let told = "simulation.defects has \"ignores_slep\", which is no defect (did you mean `ignores_sleep`?)";
    assert!(ended.stderr().contains(told), "{}", ended.stderr());
}

/// An LDF with less in it: what it does not offer skips, and says so; the rest runs.
#[test]
fn what_the_ldf_does_not_offer_skips_with_the_reason() {
    let described = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    let less = described
        .replace("response_error = SigCommErr;", "")
        .replace("product_id = 0x7FFE, 0xA1A0, 1;", "")
        .replace("configurable_frames {", "configurable_frames { } /*")
        .replace("Tj_Frame;\n    }", "*/");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("less.ldf");
    std::fs::write(&path, less).unwrap();
    let hil = suite().set(&format!("interface.ldf_path={}", path.display()));
    hil.run().code(0);
    let why = |case: &str| hil.message(&format!("conformance::{case}"));
    assert_eq!(
        why("status::pt_ct_50_response_error_is_kept_until_reported"),
        "the LDF has no response_error for ALM"
    );
    assert_eq!(
        why("node_configuration::pt_ct_64_the_product_id_is_read"),
        "the LDF has no product_id for ALM"
    );
    assert_eq!(
        why("frames::pt_ct_26_published_frames_answer_every_id"),
        "the node has no published frame whose id can be changed"
    );
    let ends = cases(&hil);
    assert_eq!(
        (ends["36"].as_str(), ends["67"].as_str(), ends["85"].as_str()),
        ("passed", "passed", "passed")
    );
}

/// An LDF that says no variant is content with any; one that says 0 means 0.
#[rstest]
#[case::none("0x7FFE, 0xA1A0", "passed")]
#[case::zero("0x7FFE, 0xA1A0, 0", "failed")]
#[case::right("0x7FFE, 0xA1A0, 1", "passed")]
fn the_variant_is_compared_where_the_ldf_says_one(#[case] product: &str, #[case] expected: &str) {
    let described = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("variant.ldf");
    std::fs::write(&path, described.replace("0x7FFE, 0xA1A0, 1", product)).unwrap();
    let hil = suite().args(&["pt_ct_64"]).set(&format!("interface.ldf_path={}", path.display()));
    hil.run().code(i32::from(expected == "failed"));
    assert_eq!(cases(&hil)["64"], expected);
}

#[test]
fn a_node_that_the_ldf_does_not_know_is_not_guessed() {
    let described = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.ldf");
    std::fs::write(&path, described.replace("Slaves: ALM;", "Slaves: ALM, Other;")).unwrap();
    let hil = suite().set(&format!("interface.ldf_path={}", path.display())).set("interface.nad=0x07");
    hil.run().code(5);
    let told = hil.message("conformance::transport::pt_ct_83_no_answer_without_a_request");
    assert_eq!(told, "no slave of the LDF has the address 0x07 of interface.nad");
}
