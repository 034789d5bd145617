//! The arguments of `hil ldf`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hil_ldf::Fill;

use super::diff::DiffArgs;
use super::export::ExportArgs;
use super::timing::TimingArgs;

#[derive(Args, Debug)]
pub(crate) struct LdfArgs {
    #[command(subcommand)]
    pub(crate) what: LdfCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LdfCommand {
    /// Check files: every finding, in the form of a compiler.
    #[command(after_help = "\
Exit codes:
  0  no file has an error
  1  a file has an error (or a warning, with --deny-warnings)
  4  a file cannot be read; the others are still checked

Examples:
  hil ldf check vendor/alm.ldf
  hil ldf check --deny-warnings --format json vendor/alm.ldf")]
    Check(CheckArgs),
    /// Show what a file describes: all of it in brief, or single things in full.
    #[command(after_help = "\
Examples:
  hil ldf show vendor/alm.ldf
  hil ldf show vendor/alm.ldf --frame ALM_Status --frame 0x0A --schedule Normal")]
    Show(ShowArgs),
    /// Print the payload of a frame with these signal values.
    #[command(after_help = "\
Values:
  255, 0xFF     the raw value
  25.2, -40     the physical value
  '25.2 °C'     the physical value with its unit
  'LED ON'      the text of a logical value, the characters of an ASCII signal
  '\"1\"'         text that would be a number without its quotes
  '[1, 0x2]'    the bytes of an array

Examples:
  hil ldf encode vendor/alm.ldf ALM_Req_A AmbLightColourRed=255 'AmbLightIntensity=50.2 %'
  hil ldf encode vendor/alm.ldf 0x0B EnableDerating=OFF --fill 0")]
    Encode(EncodeArgs),
    /// Print the signal values of a frame with this payload.
    #[command(after_help = "\
Examples:
  hil ldf decode vendor/alm.ldf ALM_Status 01 02 00 FE
  hil ldf decode vendor/alm.ldf 0x11 010200FE --format json")]
    Decode(DecodeArgs),
    /// Rewrite files in the standard layout; nothing but blanks and line ends changes.
    #[command(after_help = "\
Exit codes:
  0  done; with --check: every file is in the standard layout
  1  a file has errors and was left as it is; with --check: a file would change
  4  a file cannot be read or written

Examples:
  hil ldf fmt vendor/alm.ldf
  hil ldf fmt --check vendor/*.ldf
  hil ldf fmt - < vendor/alm.ldf")]
    Fmt(FmtArgs),
    Export(ExportArgs),
    Diff(DiffArgs),
    Timing(TimingArgs),
    /// Say what the code of a finding means, or list all codes.
    #[command(after_help = "Example:\n  hil ldf explain overlapping-signals")]
    Explain(ExplainArgs),
}

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The files; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// One line for each finding, without excerpt, notes and help.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Warnings count as errors for the exit code.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// How findings are printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: OutputFormat,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Show this frame, by name or id: its signals and where they lie. Repeatable.
    #[arg(long = "frame", value_name = "NAME|ID")]
    pub(crate) frames: Vec<String>,
    /// Show this signal. Repeatable.
    #[arg(long = "signal", value_name = "NAME")]
    pub(crate) signals: Vec<String>,
    /// Show this node. Repeatable.
    #[arg(long = "node", value_name = "NAME")]
    pub(crate) nodes: Vec<String>,
    /// Show this schedule table. Repeatable.
    #[arg(long = "schedule", value_name = "NAME")]
    pub(crate) schedules: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct EncodeArgs {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The frame's name or id.
    #[arg(value_name = "FRAME")]
    pub(crate) frame: String,
    /// Signal values; signals that are not given have their initial value.
    #[arg(value_name = "SIGNAL=VALUE")]
    pub(crate) values: Vec<String>,
    /// What the bits of no signal are set to.
    #[arg(long, value_enum, value_name = "BIT", default_value = "1")]
    pub(crate) fill: FillArg,
    /// How the payload is printed; json is one object.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: OutputFormat,
}

#[derive(Args, Debug)]
pub(crate) struct DecodeArgs {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The frame's name or id.
    #[arg(value_name = "FRAME")]
    pub(crate) frame: String,
    /// The payload in hexadecimal, as `FF 80 00`, `FF8000` or `0xFF,0x80,0x00`.
    #[arg(value_name = "BYTE", required = true)]
    pub(crate) bytes: Vec<String>,
    /// How the values are printed; json is one object.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: OutputFormat,
}

#[derive(Args, Debug)]
pub(crate) struct FmtArgs {
    /// The files; `-` is standard input and goes to standard output.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Only say which files would change.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The code, as it stands in brackets behind a finding.
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Text,
    /// For programs: JSON, one object per line.
    Json,
}

/// The value of unused bits.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FillArg {
    /// Dominant.
    #[value(name = "0")]
    Zeros,
    /// Recessive, as the standard wants it.
    #[value(name = "1")]
    Ones,
}

impl From<FillArg> for Fill {
    fn from(fill: FillArg) -> Self {
        match fill {
            FillArg::Zeros => Self::Zeros,
            FillArg::Ones => Self::Ones,
        }
    }
}
