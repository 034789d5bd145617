//! The command line as the user types it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use hil_lin::{Address, Nad};
use hil_model::run::{
    BatchNumber, OperatorName, PartName, PartNumber, ProcedureName, RevisionNumber, SerialNumber, VersionTag,
};
use hil_model::{ReqId, Subject};
use hil_runner::MarkerExpression;

use crate::command::archive::KeepArgs;
use crate::command::key::KeyArgs;
use crate::command::ldf::LdfArgs;
use crate::command::runs::RunsArgs;
use crate::command::serve::ServeArgs;
use crate::command::smoke::SmokeArgs;
use crate::command::upload::UploadArgs;
use crate::command::user::UserArgs;
use crate::command::watch::WatchArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  something passed and nothing failed
  1  a test failed
  2  interrupted
  3  internal error
  4  usage or configuration error
  5  nothing ran: none selected, or everything skipped (--allow-empty makes it 0)
  6  bench fault: no verdict on the unit under test
  7  the supply's output could not be confirmed off

Examples:
  hil                                          every suite, on the configured bench
  hil --suite hardware -m 'not slow'           a suite, by markers
  hil led::red --set simulation.realtime=true  tests whose name contains a text, in real time
  hil --serial SN-0042 --part PCB-17           on a unit whose record is kept

On a real bench tests run only with HIL_RUN_LIVE=1 or a suite that is named with --suite, and those that change
what outlives them only with --allow-mutation or HIL_ALLOW_MUTATION=1 (docs/live-charter.md).";

/// Tests electronic control units on a bench: LIN bus, power supply, unit.
///
/// Without a command it runs the tests, on the bench that the configuration describes
/// (config/test_config.yaml, ECU_TESTS_CONFIG, OWON_PSU_CONFIG; out of the box a simulated one).
#[derive(Debug, Parser)]
#[command(name = "hil", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
}

/// Whether a command line that is wrong is one of `hil smoke`, whose exit codes are its own.
pub(crate) fn is_smoke() -> bool {
    let matches = Cli::command().ignore_errors(true).try_get_matches();
    matches.is_ok_and(|matches| matches.subcommand_name() == Some("smoke"))
}

/// Which bench.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Bench")]
pub(crate) struct BenchArgs {
    /// Configuration file, in place of the one that ECU_TESTS_CONFIG names.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Override one configuration value, as `power_supply.set_voltage=12.5`. Repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run tests (the default).
    #[command(after_help = "Example:\n  hil run --suite hardware --retries 1 --reports out")]
    Run(Box<RunArgs>),
    /// Say in a moment whether a bench is ready: adapter, supply, unit, a frame that is written, a record that is kept.
    #[command(after_help = crate::command::smoke::AFTER_HELP)]
    Smoke(SmokeArgs),
    /// Say for a test why it ran, was skipped or was not selected in the last run.
    #[command(after_help = "Example:\n  hil why over_voltage")]
    Why(WhyArgs),
    /// Check, show or describe the configuration.
    #[command(after_help = "Example:\n  hil config show --set power_supply.port=COM7")]
    Config(ConfigArgs),
    /// Talk to the power supply.
    #[command(after_help = "Example:\n  hil psu measure --port /dev/ttyUSB0")]
    Psu(PsuArgs),
    /// Talk to the LIN bus.
    #[command(after_help = "Example:\n  hil lin receive ALM_Status")]
    Lin(LinArgs),
    /// Work with LIN description files (LDF).
    #[command(after_help = "Example:\n  hil ldf check vendor/alm.ldf")]
    Ldf(LdfArgs),
    /// Serve a simulated bench behind an imitation of an adapter, for a harness in another process.
    #[command(after_help = "Example:\n  hil sim mcm --listen 127.0.0.1:8443 --config-out /tmp/mcm.yaml")]
    Sim(SimArgs),
    /// Find, show, compare, export and count the runs that are kept.
    #[command(after_help = crate::command::runs::AFTER_HELP)]
    Runs(RunsArgs),
    /// Send runs to a server: those that wait, and those that are asked for.
    #[command(after_help = crate::command::upload::AFTER_HELP)]
    Upload(UploadArgs),
    /// Make the reports again from a run's journal.
    #[command(after_help = "Example:\n  hil report reports/events.jsonl --out rebuilt")]
    Report(ReportArgs),
    /// Say what is there, what is missing, and what to do about it.
    #[command(after_help = "Example:\n  hil doctor --probe --config config/bench-3.yaml")]
    Doctor(DoctorArgs),
    /// Serve a store of runs over HTTP, for stations and for `hil` on other machines, and run jobs on the bench.
    #[command(after_help = crate::command::serve::AFTER_HELP)]
    Serve(ServeArgs),
    /// Watch live what a server runs.
    #[command(after_help = crate::command::watch::AFTER_HELP)]
    Watch(WatchArgs),
    /// Make, list and revoke the keys of a served store.
    #[command(after_help = "Example:\n  hil key create --station bench-3")]
    Key(KeyArgs),
    /// Refuse somebody's keys, or take them again.
    #[command(after_help = "Example:\n  hil user ban eve@example.com")]
    User(UserArgs),
    /// Stand guard over a supply for the process at the other end of standard input. Started by `hil` itself.
    #[command(hide = true)]
    Guardian,
    /// Print a shell's completion script.
    #[command(
        after_help = "Example:\n  hil completions bash > ~/.local/share/bash-completion/completions/hil"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// How tests are run.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Run only tests whose name contains one of these texts.
    #[arg(value_name = "FILTER", help_heading = "Selection")]
    pub(crate) filters: Vec<String>,
    /// Run only this suite. Repeatable.
    #[arg(long = "suite", value_name = "NAME", help_heading = "Selection")]
    pub(crate) suites: Vec<String>,
    /// Run only tests whose markers meet a condition, such as `hardware and not (slow or mum)`.
    #[arg(short = 'm', long = "markers", value_name = "EXPRESSION", help_heading = "Selection")]
    pub(crate) markers: Option<MarkerExpression>,
    /// Run only tests that cover this requirement. Repeatable.
    #[arg(long = "requirement", value_name = "ID", help_heading = "Selection")]
    pub(crate) requirements: Vec<ReqId>,
    /// Compare FILTER and --skip with the whole name.
    #[arg(long, help_heading = "Selection")]
    pub(crate) exact: bool,
    /// Leave out tests whose name contains this text. Repeatable.
    #[arg(long, value_name = "FILTER", help_heading = "Selection")]
    pub(crate) skip: Vec<String>,
    /// List the selected tests and end; nothing is opened.
    #[arg(long, help_heading = "Selection")]
    pub(crate) list: bool,
    /// How the run is shown.
    #[arg(long, value_enum, default_value = "pretty", help_heading = "Run")]
    pub(crate) format: FormatArg,
    /// Time limit of each test in bench time, such as `30s`, in place of its own.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, help_heading = "Run")]
    pub(crate) timeout: Option<Duration>,
    /// Repeat a red test up to N times; every attempt stays in the record.
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub(crate) retries: Option<u32>,
    /// End the run with the first red test.
    #[arg(long, help_heading = "Run")]
    pub(crate) fail_fast: bool,
    /// Run each test N times.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Run")]
    pub(crate) repeat: u32,
    /// Run the tests in a random order; the seed is in the record, and makes it repeatable.
    #[arg(long, value_name = "SEED", num_args = 0..=1, require_equals = true, default_missing_value = "random", value_parser = seed, help_heading = "Run")]
    pub(crate) shuffle: Option<u64>,
    /// Run the tests in the order of the filters.
    #[arg(long, hide = true, help_heading = "Run")]
    pub(crate) in_order: bool,
    /// Standard input is a socket of the server that started this run: entries of the journal go there, and its end
    /// is that of the run.
    #[arg(long, hide = true, help_heading = "Run")]
    pub(crate) attached: bool,
    /// On a real bench, also run tests that change what outlives them; HIL_ALLOW_MUTATION=1 says the same.
    #[arg(long, help_heading = "Run")]
    pub(crate) allow_mutation: bool,
    /// Wait for a bench that is in use.
    #[arg(long, help_heading = "Run")]
    pub(crate) wait: bool,
    /// A run in which nothing ran ends with 0 instead of 5; but not if all of it was held back because live running is
    /// off.
    #[arg(long, help_heading = "Run")]
    pub(crate) allow_empty: bool,
    /// Where the reports go, in place of `reports.dir`.
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    pub(crate) reports: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
}

/// What the run is about; each flag wins over its key in the configuration.
#[derive(Args, Debug)]
#[command(next_help_heading = "Unit under test")]
pub(crate) struct SubjectArgs {
    /// The unit's serial number, in place of `unit.serial_number`. Without either, the run's record belongs to
    /// the unit `bench:` and the bench's name.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) serial: Option<SerialNumber>,
    /// What part the unit is one of, in place of `unit.part_number`.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) part: Option<PartNumber>,
    /// What the part is called, in place of `unit.part_name`.
    #[arg(long, value_name = "NAME")]
    pub(crate) part_name: Option<PartName>,
    /// The part's revision, in place of `unit.revision`.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) revision: Option<RevisionNumber>,
    /// The batch that the unit was made in, in place of `unit.batch`.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) batch: Option<BatchNumber>,
    /// The serial number of a unit that was tested before and is now part of this one. Repeatable.
    #[arg(long = "sub-unit", value_name = "NUMBER")]
    pub(crate) sub_units: Vec<SerialNumber>,
    /// What is executed: a UUID, an identifier such as `FVT1`, or a name; in place of `record.procedure`.
    #[arg(long, value_name = "PROCEDURE")]
    pub(crate) procedure: Option<ProcedureName>,
    /// The version of it, in place of `record.procedure_version`.
    #[arg(long, value_name = "TAG")]
    pub(crate) procedure_version: Option<VersionTag>,
    /// Who executes it: an e-mail address or a name, in place of `record.operator`.
    #[arg(long, value_name = "WHO")]
    pub(crate) operator: Option<OperatorName>,
}

impl From<SubjectArgs> for Subject {
    fn from(args: SubjectArgs) -> Self {
        Self {
            serial_number: args.serial,
            part_number: args.part,
            part_name: args.part_name,
            revision: args.revision,
            batch: args.batch,
            sub_units: args.sub_units,
            procedure: args.procedure,
            procedure_version: args.procedure_version,
            operator: args.operator,
        }
    }
}

/// How the run is shown on standard output.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatArg {
    /// A line for each test, with what failed.
    Pretty,
    /// A character for each test, as libtest.
    Terse,
    /// libtest's JSON lines.
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct WhyArgs {
    /// The test, or a part of its name.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The journal of the run in question.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) what: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration; errors name file, line, column and key.
    #[command(after_help = "Example:\n  hil config check --config config/bench-3.yaml")]
    Check,
    /// Print every effective value with the layer that set it.
    #[command(after_help = "Example:\n  hil config show")]
    Show,
    /// Print the JSON Schema of the configuration, for editors.
    #[command(after_help = "Example:\n  hil config schema > config/schema.json")]
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct PsuArgs {
    #[command(subcommand)]
    pub(crate) what: PsuCommand,
    /// The port, in place of `power_supply.port`.
    #[arg(long, value_name = "PORT", global = true)]
    pub(crate) port: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PsuCommand {
    /// List the serial ports, whether they may be opened, and what answers there.
    #[command(after_help = "Example:\n  hil psu ports")]
    Ports,
    /// Print the supply's identity.
    #[command(after_help = "Example:\n  hil psu identify --port COM7")]
    Identify,
    /// Measure voltage and current.
    #[command(after_help = "Example:\n  hil psu measure")]
    Measure,
    /// Set voltage and current; both are read back.
    #[command(after_help = "Example:\n  hil psu set --voltage 13.5 --current 2")]
    Set {
        /// Volts.
        #[arg(long, value_name = "V")]
        voltage: Option<f64>,
        /// Amperes.
        #[arg(long, value_name = "A")]
        current: Option<f64>,
    },
    /// Switch the output on, and leave it on.
    #[command(after_help = "Example:\n  hil psu on")]
    On,
    /// Switch the output off, and prove it.
    #[command(after_help = "Example:\n  hil psu off")]
    Off,
}

#[derive(Args, Debug)]
pub(crate) struct LinArgs {
    #[command(subcommand)]
    pub(crate) what: LinCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LinCommand {
    /// Send a frame: by name with signals, or by id with bytes.
    #[command(
        after_help = "Examples:\n  hil lin send ALM_Req_A AmbLightColourRed=255 AmbLightIntensity=255 AmbLightLIDFrom=1 AmbLightLIDTo=1\n  hil lin send 0x3C 00 FF FF FF FF FF FF FF"
    )]
    Send {
        /// The frame's name in the LDF, or its id.
        frame: String,
        /// `SIGNAL=VALUE` for a name, hexadecimal bytes for an id.
        #[arg(value_name = "SIGNAL=VALUE|BYTE")]
        content: Vec<String>,
    },
    /// Ask for a frame and show its signals.
    #[command(after_help = "Examples:\n  hil lin receive ALM_Status\n  hil lin receive 0x11 --length 4")]
    Receive {
        /// The frame's name in the LDF, or its id.
        frame: String,
        /// How many data bytes to expect, for an id that the LDF does not know.
        #[arg(long)]
        length: Option<usize>,
    },
    /// Ask again and again for every frame that the slaves publish, and show what changes.
    #[command(after_help = "Example:\n  hil lin monitor --for 10s")]
    Monitor {
        /// For how long.
        #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "10s")]
        duration: Duration,
        /// How often each frame is asked for.
        #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "100ms")]
        every: Duration,
    },
    /// Run a schedule table of the LDF, show the frames whose data change, and say how its slots were kept.
    #[command(
        after_help = "Without TABLE it lists the tables. Ends with 6 when no slave answers.\n\nExamples:\n  hil lin schedule\n  hil lin schedule Normal --for 1m"
    )]
    Schedule {
        /// The table's name in the LDF.
        table: Option<String>,
        /// For how long, or until Ctrl-C.
        #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "10s")]
        duration: Duration,
    },
    /// Ask every node address who is there, and tell nodes that share one.
    #[command(
        after_help = "Ends with 6 when nobody answers.\n\nExamples:\n  hil lin scan\n  hil lin scan --from 0x01 --to 0x10"
    )]
    Scan {
        /// The first address.
        #[arg(long, value_name = "NAD", value_parser = nad, default_value = "0x01")]
        from: Nad,
        /// The last address.
        #[arg(long, value_name = "NAD", value_parser = nad, default_value = "0x7D")]
        to: Nad,
    },
    /// Send a diagnostic request of 1 to 4095 bytes and show the answer.
    #[command(
        after_help = "Ends with 0 after a positive answer, 1 after a refusal, 6 when nobody answers.\n\nExamples:\n  hil lin diag 22 F1 95\n  hil lin diag --nad 0x7F B2 00 FF 7F FF FF"
    )]
    Diag {
        /// The node's address (interface.nad if not given); 0x7E is functional, 0x7F broadcast.
        #[arg(long, value_name = "NAD", value_parser = address)]
        nad: Option<Address>,
        /// The request in hexadecimal, service id first.
        #[arg(value_name = "BYTE", required = true, value_parser = byte)]
        request: Vec<u8>,
    },
}

/// Reads a number, decimal or `0x…`.
fn number(text: &str) -> Result<u8, String> {
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "expected a number, such as 0x21".to_owned())
}

fn nad(text: &str) -> Result<Nad, String> {
    Nad::new(number(text)?).map_err(|error| error.to_string())
}

/// Reads the address of a node, or one that all nodes take.
fn address(text: &str) -> Result<Address, String> {
    match number(text)? {
        0x7E => Ok(Address::Functional),
        0x7F => Ok(Address::Broadcast),
        _ => nad(text).map(Address::Node),
    }
}

/// Reads a hexadecimal byte.
fn byte(text: &str) -> Result<u8, String> {
    u8::from_str_radix(text.trim_start_matches("0x"), 16)
        .map_err(|_| "expected a hexadecimal byte, such as F1".to_owned())
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Also connect to the adapter, which may power the unit, and ask the supply who it is.
    #[arg(long)]
    pub(crate) probe: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SimArgs {
    #[command(subcommand)]
    pub(crate) what: SimCommand,
    /// Simulate no supply: the adapter's power output feeds the unit.
    #[arg(long, global = true)]
    pub(crate) no_supply: bool,
    /// Write the configuration that reaches it, once it can be reached.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config_out: Option<PathBuf>,
}

/// What the harness finds in front of the simulated bus.
#[derive(Debug, Subcommand)]
pub(crate) enum SimCommand {
    /// A Melexis Compact Master: its WebSocket API, with TLS.
    #[command(after_help = "Example:\n  hil sim mcm --listen 127.0.0.1:8443")]
    Mcm {
        /// The address to listen at; port 0 takes a free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// A LIN transceiver on a serial port, which is a pseudo-terminal.
    #[command(after_help = "Example:\n  hil sim uart")]
    Uart,
    /// Frames as JSON lines over TCP, for stand-ins of vendor software.
    #[command(after_help = "Example:\n  hil sim lines --listen 127.0.0.1:7700")]
    Lines {
        /// The address to listen at; port 0 takes a free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// The journal, `events.jsonl`.
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
    /// Where the reports go; beside the journal if not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write one HTML file with its style sheet in it, for mailing, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(crate) single_file: Option<PathBuf>,
}

/// Reads a seed; `random` draws one.
fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        return Ok(now.map_or(1, |since| u64::from(since.subsec_nanos()) ^ since.as_secs()));
    }
    text.parse().map_err(|_| "expected a whole number".to_owned())
}
