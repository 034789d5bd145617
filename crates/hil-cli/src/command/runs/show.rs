//! `hil runs show`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use hil_archive::Archive;
use hil_exchange::document;
use hil_model::ExitStatus;
use hil_model::run::{Attachment, Run};
use hil_report::present::{self, Logs};

use super::{find, print, terminal};
use crate::console::visible_json;

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// The run's id, or at least 8 characters from its beginning.
    #[arg(value_name = "RUN")]
    run: String,
    /// Print every line of the log.
    #[arg(long)]
    logs: bool,
    /// Print the run's document as JSON.
    #[arg(long, conflicts_with_all = ["html", "logs"])]
    json: bool,
    /// Write a page in place of printing, with the attachments in a folder beside it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Shows a run.
pub(super) fn run(args: &ShowArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let run = find(archive, &args.run)?;
    if let Some(file) = &args.html {
        write_page(&run, file, archive)?;
        print(&format!("{}\n", file.display()))?;
    } else if args.json {
        let mut json = Vec::new();
        document::to_writer(&run, &mut json)?;
        print(&(visible_json(&String::from_utf8(json)?) + "\n"))?;
    } else {
        let logs = if args.logs { Logs::Listed } else { Logs::Counted };
        print(&present::text(&run, logs, &terminal()))?;
    }
    Ok(ExitStatus::Passed)
}

/// Writes the page, and the contents of the attachments under their digests: what they are called is no path.
fn write_page(run: &Run, file: &Path, archive: &Archive) -> anyhow::Result<()> {
    let folder = file.with_extension("files");
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !run.attachments.is_empty() {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for attachment in &run.attachments {
        let path = folder.join(attachment.digest.to_string());
        let mut content = archive.content(&attachment.digest)?;
        let written = File::create(&path).and_then(|mut file| io::copy(&mut content, &mut file));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    let link = |attachment: &Attachment| Some(format!("{name}/{}", attachment.digest));
    let page = present::html(run, &link)?;
    fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))
}
