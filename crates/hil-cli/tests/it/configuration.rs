//! The commands beside the tests, and configurations that cannot be taken.

use std::os::unix::fs::PermissionsExt as _;

use rstest::rstest;

use crate::program::Program;

/// A configuration file with this text, named on the command line.
fn with_file(text: &str) -> (tempfile::NamedTempFile, Program) {
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(file.path(), text).unwrap();
    let program = Program::hil().args(&["config", "check", "--config", file.path().to_str().unwrap()]);
    (file, program)
}

#[rstest]
#[case::unknown_section("rig:\n  typo: 1\n", ":1:1: error: unknown")]
#[case::misspelt_key("power_supply:\n  baudrat: 9600\n", "did you mean `power_supply.baudrate`?")]
#[case::duplicate_key("bench:\n  name: a\n  name: b\n", ":3:3: error:")]
#[case::tab("bench:\n\tname: a\n", ":2:1: error:")]
#[case::wrong_type("power_supply: {baudrate: fast}\n", ":1:26: error:")]
#[case::out_of_range("interface: {nad: 0x7E}\n", ":1:18: error:")]
#[case::bomb(
    "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n",
    "error:"
)]
fn a_broken_file_is_refused_with_its_place(#[case] text: &str, #[case] message: &str) {
    let (_file, program) = with_file(text);
    let ended = program.output().code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
}

#[rstest]
#[case::unknown_key(&["--set", "power_suply.port=x"], "did you mean `power_supply.port`?")]
#[case::missing_file(&["--config", "no/such/file.yaml"], "no/such/file.yaml: error:")]
#[case::unknown_unit(&["--set", "simulation.ecu=wiper"], "this program simulates only alm")]
#[case::real_adapter_with_simulated_supply(&["--set", "interface.type=mum"], "a real unit cannot be fed by a simulated supply")]
#[case::address(&["--set", "interface={type: mcm, host: 'bench:99999'}", "--set", "power_supply.enabled=false"], "interface.host")]
#[case::flashing(&["--set", "flash={enabled: true, hex_path: a.hex}"], "flash.hex_path: cannot read")]
#[case::broken_ldf(&["--set", "interface.ldf_path=Cargo.toml"], "Cargo.toml:1:1: error:")]
fn a_run_with_a_broken_configuration_opens_nothing(#[case] arguments: &[&str], #[case] message: &str) {
    let program = Program::hil().args(&["--suite", "smoke"]).args(arguments);
    let ended = program.run().code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
    assert!(program.journal().is_empty());
}

#[test]
fn an_adapter_that_is_not_there_skips_what_needs_it() {
    let program = Program::hil()
        .args(&["--suite", "smoke", "--suite", "unit"])
        .set("interface.type=mum")
        .set("power_supply.enabled=false");
    program.run().code(0);
    assert_eq!(
        program.message("smoke::the_module_answers"),
        "interface.host is not set (interface.type is mum)"
    );
}

#[test]
fn files_named_by_the_environment_are_layers() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, supply) = (folder.path().join("bench.yaml"), folder.path().join("supply.yaml"));
    std::fs::write(&bench, "bench: {name: desk}\npower_supply: {set_voltage: 13.0, port: COM1}\n").unwrap();
    std::fs::write(&supply, "port: COM9\n").unwrap();
    let shown = Program::hil()
        .args(&["config", "show", "--set", "power_supply.set_voltage=13.5"])
        .env("ECU_TESTS_CONFIG", bench.to_str().unwrap())
        .env("OWON_PSU_CONFIG", supply.to_str().unwrap())
        .output()
        .code(0)
        .stdout();
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("bench.name").contains("\"desk\""));
    assert!(
        line("power_supply.port").contains("\"COM9\"") && line("power_supply.port").contains("supply.yaml:1")
    );
    assert!(
        line("power_supply.set_voltage").contains("13.5  ")
            && line("power_supply.set_voltage").contains("# command line")
    );
}

#[rstest]
#[case::check(&["config", "check"], 0, "the configuration is good")]
#[case::schema(&["config", "schema"], 0, "\"$schema\"")]
#[case::identify(&["psu", "identify"], 0, "OWON,SPE6103")]
#[case::options_may_stand_before_the_command(&["--set", "bench.name=x", "psu", "identify"], 0, "OWON,SPE6103")]
#[case::measure(&["psu", "measure"], 0, "0.000 V  0.000 A  output Off")]
#[case::set(&["psu", "set", "--voltage", "13.5", "--current", "2"], 0, "voltage 13.500 V\ncurrent 2.000 A")]
#[case::set_beyond_the_limit(&["psu", "set", "--voltage", "25"], 4, "")]
#[case::set_nothing(&["psu", "set"], 4, "")]
#[case::off(&["psu", "off"], 0, "off is read back")]
#[case::receive(&["lin", "receive", "ALM_Status"], 0, "ALMLEDState                   0  LED OFF")]
#[case::receive_by_id(&["lin", "receive", "0x11"], 0, "rx 0x11 [01 ")]
#[case::receive_nothing(&["lin", "receive", "0x20", "--length", "2"], 6, "no response")]
#[case::receive_unknown(&["lin", "receive", "ALM_Stauts"], 4, "")]
#[case::send(&["lin", "send", "ALM_Req_A", "AmbLightColourRed=255", "AmbLightMode=FADE"], 0, "tx 0x0A [FF 00 00 00 04")]
#[case::send_bytes(&["lin", "send", "0x3C", "00", "FF", "FF", "FF", "FF", "FF", "FF", "FF"], 0, "tx 0x3C [00 FF")]
#[case::monitor(&["lin", "monitor", "--for", "300ms"], 0, "ALM_Status")]
#[case::schedules(&["lin", "schedule"], 0, "Normal           2 slots     20.000 ms\nCollective       6 slots     60.000 ms\n")]
#[case::schedule(&["lin", "schedule", "Normal", "--for", "1m"], 0, "Normal: 6000 of 6000 slots run, 0 missed (100.00 % kept)\n   6000 frames, 0 unanswered,")]
#[case::schedule_shows_what_changes(&["lin", "schedule", "Collective", "--for", "1s"], 0, "rx 0x11 ALM_Status       [01 FC C0 FE]\n   0.537 s rx 0x12 PWM_Frame        [00 00 00 00 00 00 FF FF]\n   0.547 s rx 0x13")]
#[case::schedule_shows_each_request_once(&["lin", "schedule", "Configuration", "--for", "1s"], 0, "[01 01 B6 FF FF FF FF FF]\nConfiguration: 100 of 100 slots run")]
#[case::schedule_of_nobody(&["lin", "schedule", "Normal", "--set", "simulation.faults=[{lin: {kind: no_response}}]"], 6, "rx 0x11 ALM_Status       no response\nNormal: 1000 of 1000 slots run")]
#[case::schedule_on_a_short(&["lin", "schedule", "Normal", "--set", "simulation.faults=[{lin: {kind: bus_short}}]"], 6, "1000 failed")]
#[case::schedule_with_faults(&["lin", "schedule", "Normal", "--set", "simulation.faults=[{lin: {kind: wrong_checksum, frame: 0x11, from: 1, until: 2}}]"], 0, "frame 0x11: checksum")]
#[case::schedule_without_an_ldf(&["lin", "schedule", "--set", "interface.ldf_path=null"], 4, "")]
#[case::scan(&["lin", "scan"], 0, "0x01  supplier 0x7FFE function 0xA1A0 variant 1  serial 0x12345678\nbroadcast: 0x01 alone answers: supplier 0x7FFE function 0xA1A0 variant 1\n1 of 125 addresses answered")]
#[case::scan_of_others(&["lin", "scan", "--from", "2", "--to", "0x10"], 0, "broadcast: 0x01 alone answers")]
#[case::scan_of_nothing(&["lin", "scan", "--from", "0x10", "--to", "0x0F"], 4, "")]
#[case::scan_without_power(&["lin", "scan", "--to", "3", "--set", "simulation.faults=[{lin: {kind: no_response}}]"], 6, "0 of 3 addresses answered")]
#[case::scan_of_a_shared_address(&["lin", "scan", "--to", "1", "--set", "simulation.faults=[{lin: {kind: wrong_checksum, frame: 0x3D}}]"], 0, "COLLISION: several nodes have this address\nbroadcast: several nodes answer at once")]
#[case::diag(&["lin", "diag", "22", "F1", "95"], 0, "tx 0x01 22 F1 95\nrx 0x01 62 F1 95 ")]
#[case::diag_by_broadcast(&["lin", "diag", "--nad", "0x7F", "b2", "0x01", "FF", "7F", "FF", "FF"], 0, "tx 0x7F B2 01 FF 7F FF FF\nrx 0x01 F2 78 56 34 12")]
#[case::diag_refused(&["lin", "diag", "--nad", "0x01", "22", "FF", "FF"], 1, "rx 0x01 7F 22 31  service 0x22 is refused: requestOutOfRange (0x31)")]
#[case::diag_of_nobody(&["lin", "diag", "--nad", "0x22", "22", "F1", "95"], 6, "rx 0x22 no answer")]
#[case::diag_on_a_short(&["lin", "diag", "22", "F1", "95", "--set", "simulation.faults=[{lin: {kind: bus_short}}]"], 6, "")]
#[case::diag_to_no_address(&["lin", "diag", "--nad", "0x80", "3E"], 4, "")]
#[case::diag_of_nothing(&["lin", "diag"], 4, "")]
#[case::doctor(&["doctor"], 0, "LIN adapter: mock, with a simulated alm")]
#[case::doctor_of_an_mcm(&["doctor", "--set", "interface.type=mcm", "--set", "interface.host=192.0.2.1", "--set", "interface.tls_fingerprint=AB11223344556677889900112233445566778899001122334455667788990011"], 0, "not checked  LIN adapter: mcm at 192.0.2.1")]
#[case::doctor_of_a_mum(&["doctor", "--set", "interface.type=mum", "--set", "interface.host=192.0.2.1", "--set", "interface.python=/bin/true"], 0, "not checked  LIN adapter: mum at 192.0.2.1; /bin/true imports pymumclient, pylin")]
#[case::doctor_of_a_mum_without_packages(&["doctor", "--set", "interface.type=mum", "--set", "interface.host=192.0.2.1", "--set", "interface.python=/bin/false"], 0, "missing      LIN adapter: mum, but /bin/false cannot import")]
#[case::doctor_of_a_babylin(&["doctor", "--set", "interface.type=babylin", "--set", "interface.sdf_path=Cargo.toml"], 0, "not checked  LIN adapter: babylin (deprecated), the vendor's library")]
#[case::doctor_of_a_uart(&["doctor", "--set", "interface.type=uart", "--set", "interface.port=/dev/null"], 0, "not checked  LIN adapter: uart at /dev/null")]
#[case::doctor_who_looks(&["doctor", "--probe", "--set", "power_supply.enabled=false", "--set", "interface.type=uart", "--set", "interface.port=/dev/null"], 0, "missing      LIN adapter: uart cannot be had: /dev/null")]
#[case::doctor_with_a_broken_configuration(&["doctor", "--set", "bnech.name=x"], 4, "BAD")]
#[case::completions(&["completions", "bash"], 0, "complete -F")]
fn commands_do_what_they_say(#[case] arguments: &[&str], #[case] code: i32, #[case] shown: &str) {
    // The notes of guardians lie in the machine's folder of temporary files, and the doctor reads them.
    let scratch = tempfile::tempdir().unwrap();
    let program = Program::hil().args(arguments).env("TMPDIR", scratch.path().to_str().unwrap());
    let ended = program.output().code(code);
    assert!(ended.stdout().contains(shown), "{}", ended.stdout());
}

/// The doctor ends although the vendor's packages hang when they are imported.
#[test]
fn an_import_that_hangs_does_not_keep_the_doctor() {
    let folder = tempfile::tempdir().unwrap();
    let python = folder.path().join("python");
    std::fs::write(&python, "#!/bin/sh\nexec sleep 600\n").unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = ["interface.type=mum", "interface.host=192.0.2.1"];
    let doctor =
        settings.iter().fold(Program::hil().args(&["doctor"]), |doctor, setting| doctor.set(setting));
    let doctor = doctor.set(&format!("interface.python={}", python.display()));
    let shown = doctor.env("TMPDIR", folder.path().to_str().unwrap()).output().code(0).stdout();
    assert!(shown.contains("does not import pymumclient, pylin within 10 s"), "{shown}");
}

/// Every example in a help text is a command line that the parser takes.
#[test]
fn examples_in_the_help_are_true() {
    let commands: &[&[&str]] = &[
        &[],
        &["run"],
        &["why"],
        &["config"],
        &["config", "check"],
        &["config", "show"],
        &["config", "schema"],
        &["psu"],
        &["psu", "ports"],
        &["psu", "identify"],
        &["psu", "measure"],
        &["psu", "set"],
        &["psu", "on"],
        &["psu", "off"],
        &["lin"],
        &["lin", "send"],
        &["lin", "receive"],
        &["lin", "monitor"],
        &["lin", "schedule"],
        &["lin", "scan"],
        &["lin", "diag"],
        &["ldf"],
        &["ldf", "check"],
        &["ldf", "show"],
        &["ldf", "encode"],
        &["ldf", "decode"],
        &["ldf", "fmt"],
        &["ldf", "export"],
        &["ldf", "diff"],
        &["ldf", "timing"],
        &["ldf", "explain"],
        &["report"],
        &["doctor"],
        &["completions"],
    ];
    for command in commands {
        let help = Program::hil().args(command).args(&["--help"]).output().code(0).stdout();
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  hil")).collect();
        assert!(!examples.is_empty(), "{command:?} has no example");
        for example in examples {
            // What follows two blanks is a remark, what follows `>` is the shell's.
            let line = example.trim().split("  ").next().unwrap().split(" > ").next().unwrap();
            let words: Vec<String> = line.split('\'').enumerate().flat_map(quoted).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let parsed = Program::hil().args(&words).args(&["--help"]).output().code(0).stdout();
            assert!(parsed.contains("Usage:"), "{example}");
        }
    }
}

/// The words of a piece of a command line; every other piece was quoted.
fn quoted((at, piece): (usize, &str)) -> Vec<String> {
    if at % 2 == 1 { vec![piece.to_owned()] } else { piece.split_whitespace().map(str::to_owned).collect() }
}
