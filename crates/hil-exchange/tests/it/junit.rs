//! Files of other tools, in their own words.

use hil_exchange::junit::{self, Options};
use hil_model::run::{PhaseOutcome, RunOutcome};
use rstest::rstest;

use crate::{outline, sample};

/// What pytest 9.2 wrote of `fixtures/junit/test_pytest.py`.
const PYTEST: &str = include_str!("../fixtures/junit/pytest.xml");

const GTEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" disabled="1" errors="0" timestamp="2026-11-21T10:00:00.000" time="0.003" name="AllTests">
  <testsuite name="Rail" tests="4" failures="1" disabled="1" skipped="1" errors="0" time="0.002" timestamp="2026-11-21T10:00:00.001">
    <testcase name="IsUp" file="/src/rail.cc" line="5" status="run" result="completed" time="0.001" timestamp="2026-11-21T10:00:00.001" classname="Rail">
      <properties>
        <property name="millivolts" value="3300"/>
      </properties>
    </testcase>
    <testcase name="IsClean" file="/src/rail.cc" line="9" status="run" result="completed" time="0.001" timestamp="2026-11-21T10:00:00.002" classname="Rail">
      <failure message="/src/rail.cc:11&#x0A;Expected equality" type=""><![CDATA[/src/rail.cc:11
Expected equality]]></failure>
      <failure message="/src/rail.cc:12&#x0A;Value of: noise" type=""><![CDATA[/src/rail.cc:12
Value of: noise]]></failure>
    </testcase>
    <testcase name="DISABLED_Later" status="notrun" result="suppressed" time="0." classname="Rail" />
    <testcase name="NoBench" status="run" result="skipped" time="0." classname="Rail">
      <skipped message="/src/rail.cc:20&#x0A;no bench"><![CDATA[/src/rail.cc:20
no bench]]></skipped>
    </testcase>
  </testsuite>
</testsuites>"#;

const CTEST: &str = r#"<testsuite name="Linux-c++" tests="2" failures="1" disabled="0" skipped="0" hostname="lab-3" time="1" timestamp="2026-11-21T10:00:00">
	<testcase name="boots" classname="boots" time="0.25" status="run">
		<system-out>booted&#10;</system-out>
	</testcase>
	<testcase name="sleeps" classname="sleeps" time="0.5" status="fail">
		<failure message="Timeout"/>
		<properties/>
		<system-out></system-out>
	</testcase>
</testsuite>"#;

const SUREFIRE: &str = r#"<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="com.acme.RailTest" time="1,234.5" tests="2" errors="1" skipped="0" failures="0">
  <properties>
    <property name="java.version" value="21"/>
  </properties>
  <testcase name="settles" classname="com.acme.RailTest" time="1,000.25">
    <flakyFailure message="too slow" type="AssertionError" time="0.5"><stackTrace><![CDATA[at RailTest.java:7]]></stackTrace><system-out><![CDATA[first attempt]]></system-out></flakyFailure>
    <flakyError message="no port" type="IOException"/>
  </testcase>
  <testcase name="fades" classname="com.acme.RailTest" time="0.2">
    <error message="null" type="NullPointerException">at RailTest.java:9</error>
    <rerunError type="NullPointerException"><stackTrace>again</stackTrace></rerunError>
  </testcase>
  <error message="tearDown failed">at RailTest.java:99</error>
  <system-out>Running</system-out>
  <system-err>SLF4J: no binding</system-err>
</testsuite>"#;

const HIL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hil" tests="2" skipped="1" failures="0" errors="0" timestamp="2026-11-21T04:30:00.000+00:00" time="9.870">
  <testsuite name="bench" id="bench-3" hostname="hil-ctrl-1" tests="1" timestamp="2026-11-21T04:30:00.000+00:00" time="1.210">
    <properties>
      <property name="simulated" value="false"/>
    </properties>
    <testcase name="psu" classname="bench.setup" timestamp="2026-11-21T04:30:00.300+00:00" time="0.910">
      <properties>
        <property name="psu_idn" value="OWON,SPE6103"/>
      </properties>
    </testcase>
  </testsuite>
  <testsuite name="hardware.mum" id="bench-3" hostname="hil-ctrl-1" tests="1" timestamp="2026-11-21T04:30:01.210+00:00" time="8.660">
    <properties>
      <property name="simulated" value="false"/>
      <property name="operator" value="Ada"/>
    </properties>
    <testcase name="red" classname="hardware.mum.animation" timestamp="2026-11-21T04:30:01.220+00:00" time="2.540" file="tests/hardware/animation.rs" line="41">
      <properties>
        <property name="title" value="Red reaches its PWM target"/>
        <property name="requirements" value="REQ-ALM-012, REQ-ALM-013"/>
        <property name="attempts" value="2"/>
      </properties>
      <rerunFailure message="no response (attempt 1 of 2)" type="timeout" timestamp="2026-11-21T04:30:01.220+00:00" time="1.000">attempt 1
        <stackTrace>attempt 1
        </stackTrace>
        <system-out>rx 0x11 --</system-out>
      </rerunFailure>
      <system-out>tx 0x0A FF</system-out>
    </testcase>
    <testcase name="update" classname="hardware.mum.flash" timestamp="2026-11-21T04:30:09.880+00:00" time="0.000">
      <skipped message="flash.hex_path is not set"/>
    </testcase>
  </testsuite>
</testsuites>"#;

pub(crate) const FILES: [&str; 5] = [PYTEST, GTEST, CTEST, SUREFIRE, HIL];

pub(crate) fn options() -> Options {
    Options {
        serial_number: Some("SN-1".parse().unwrap()),
        procedure: Some("FVT1".to_owned()),
        ..Options::new(sample::id(), sample::at(0))
    }
}

#[rstest]
#[case("pytest", PYTEST, Options::new(sample::id(), sample::at(0)))]
#[case("gtest", GTEST, options())]
#[case("ctest", CTEST, options())]
#[case("surefire", SUREFIRE, options())]
#[case("hil", HIL, options())]
fn files_become_runs(#[case] name: &str, #[case] xml: &str, #[case] options: Options) {
    let run = junit::read(xml.as_bytes(), options).unwrap().run;
    insta::assert_snapshot!(format!("junit_{name}"), outline::of(&run));
}

#[test]
fn a_file_without_times_begins_when_the_caller_says() {
    let xml = "<testsuite><testcase name='a' time='1'/><testcase name='b' time='2'/></testsuite>";
    let run = junit::read(xml.as_bytes(), options()).unwrap().run;
    let starts: Vec<_> = run.phases.iter().map(|phase| phase.started_at).collect();
    assert_eq!(starts, [sample::at(0), sample::at(1000)]);
    assert_eq!((run.started_at, run.ended_at), (sample::at(0), sample::at(3000)));
}

#[test]
fn a_case_that_passed_at_last_passes_the_run() {
    let xml = "<testsuite><testcase name='a'><flakyError/><flakyFailure/></testcase></testsuite>";
    let run = junit::read(xml.as_bytes(), options()).unwrap().run;
    let attempts: Vec<_> = run.phases.iter().map(|phase| (phase.outcome, phase.retry_count)).collect();
    assert_eq!(attempts, [(PhaseOutcome::Error, 0), (PhaseOutcome::Fail, 1), (PhaseOutcome::Pass, 2)]);
    assert_eq!(run.outcome, RunOutcome::Pass);
}

#[rstest]
#[case("<testsuite/>", "JUnit file: no procedure id (property procedure_id is missing)")]
#[case(
    "<testsuite><properties><property name='procedure_id' value='P'/></properties></testsuite>",
    "JUnit file: no serial number (property serial_number is missing)"
)]
#[case(
    "<testsuite><properties><property name='procedure_id' value='P'/><property name='serial_number'>S</property>\
     <property name='batch_number' value='W 46'/></properties></testsuite>",
    "JUnit file: batch number must not contain ' ' (property batch_number)"
)]
fn the_unit_must_be_known(#[case] xml: &str, #[case] expected: &str) {
    let error = junit::read(xml.as_bytes(), Options::new(sample::id(), sample::at(0))).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_the_caller_says_wins() {
    let xml =
        "<testsuite><properties><property name='serial_number' value='other'/></properties></testsuite>";
    let run = junit::read(xml.as_bytes(), options()).unwrap().run;
    assert_eq!(run.unit.serial_number.as_str(), "SN-1");
    assert_eq!(run.properties, []);
}

#[test]
fn properties_that_are_cut_are_counted() {
    let many: String = (0..300).map(|i| format!("<property name='p{i}' value='{i}'/>")).collect();
    let xml = format!(
        "<testsuite><properties><property name='long' value='{}'/>{many}</properties></testsuite>",
        "x".repeat(5000)
    );
    let report = junit::read(xml.as_bytes(), options()).unwrap();
    assert_eq!(report.run.properties.len(), 200);
    assert_eq!(report.cut, hil_exchange::Cut { left_out: 101, shortened: 1 });
}
