//! `hil ldf show`: what a file describes.

mod frame;
mod node;
mod overview;
mod page;
mod picture;
mod quantity;
mod schedule;
mod signal;

use hil_ldf::FrameId;
use hil_model::ExitStatus;

use self::page::Page;
use super::args::ShowArgs;
use super::source;

/// Shows what is asked for, or an overview. Nothing is shown if one of the names is unknown.
pub(super) fn run(args: &ShowArgs) -> anyhow::Result<ExitStatus> {
    let parsed = source::open(&args.file)?;
    let database = &parsed.database;
    let mut page = Page::default();
    let mut all = true;
    for name in &args.frames {
        frame::show(&mut page, database, name)?;
        all = false;
    }
    for name in &args.signals {
        signal::show(&mut page, database, name)?;
        all = false;
    }
    for name in &args.nodes {
        node::show(&mut page, database, name)?;
        all = false;
    }
    for name in &args.schedules {
        schedule::show(&mut page, database, name)?;
        all = false;
    }
    if all {
        overview::show(&mut page, &args.file, &parsed);
    }
    super::print(&page.into_text())?;
    Ok(ExitStatus::Passed)
}

/// An id with the byte that stands for it on the bus.
fn id_and_pid(id: FrameId) -> String {
    match hil_lin::FrameId::new(id.get()) {
        Ok(bare) => format!("{id}, PID 0x{:02X}", bare.protected().get()),
        // No id of a file is beyond those of the bus.
        Err(_) => id.to_string(),
    }
}

/// Names in the order of their first appearance, each once.
fn once<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if !seen.iter().any(|other| other == name) {
            seen.push(name.to_owned());
        }
    }
    seen
}

/// How many there are.
fn count<T>(items: impl IntoIterator<Item = T>) -> usize {
    items.into_iter().count()
}
