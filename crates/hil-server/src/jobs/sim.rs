//! The simulated kind: frames, warnings and failures as they are ordered, in real time and without a bench. For trying
//! out the server, and for whoever builds a client.

mod record;

use std::time::{Duration, Instant};

use hil_model::WallTime;
use hil_model::run::PhaseOutcome;
use hil_realtime::{Frame, Percent, PluginStatus, Severity, State, Trouble, Warning};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value};

use super::SIM;
use super::control::{Control, Why};
use super::live::{Live, details, millis, plugin};
use super::plugins;
use super::request::SimPlugin;
use crate::iso;

pub(super) use record::{Subject, of_unknown_part, record, run_id};

/// How the plugins ended that were begun, and how the job did.
#[derive(Debug)]
pub(super) struct Simulated {
    pub(super) plugins: Vec<Ended>,
    pub(super) end: End,
}

impl Simulated {
    /// From the first message of a plugin to the last.
    pub(super) fn took(&self) -> Duration {
        let (Some(first), Some(last)) = (self.plugins.first(), self.plugins.last()) else {
            return Duration::ZERO;
        };
        let millis = last.ended_at.unix_millis().saturating_sub(first.started_at.unix_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// How the job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All plugins were run.
    Complete,
    /// One failed, and nothing makes sense after it.
    Fatal,
    /// Somebody ended it.
    Asked(Why),
}

/// A plugin that is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) name: String,
    pub(super) outcome: PhaseOutcome,
    pub(super) started_at: WallTime,
    pub(super) ended_at: WallTime,
    /// What it warned of, and why it failed.
    pub(super) warnings: Vec<String>,
    pub(super) failure: Option<String>,
}

/// Carries the order out.
pub(super) fn run(order: &[SimPlugin], live: &Live, control: &Control) -> Simulated {
    wake_in_time();
    for SimPlugin { name, .. } in order {
        live.say(plugins::simulated(name));
    }
    live.progress(Percent::START, None, None);
    let total = order.iter().map(|plugin| plugin.options.frames).sum();
    let mut bar = Bar { done: 0, total, shown: Percent::START };
    let mut plugins = Vec::new();
    for planned in order {
        let (ended, end) = one(planned, live, control, &mut bar);
        plugins.push(ended);
        if let Some(end) = end {
            return Simulated { plugins, end };
        }
    }
    Simulated { plugins, end: End::Complete }
}

/// How many frames of all plugins are out.
struct Bar {
    done: u64,
    total: u64,
    shown: Percent,
}

/// Why a plugin did not come to its end.
enum Stopped {
    /// It failed, as it was told to.
    Failed(String),
    /// Somebody ended it.
    Asked(Why),
}

fn one(planned: &SimPlugin, live: &Live, control: &Control, bar: &mut Bar) -> (Ended, Option<End>) {
    let SimPlugin { name, options } = planned;
    let (began, started_at) = (Instant::now(), iso::now());
    let status = |status, frames, warnings: usize| PluginStatus {
        plugin: plugin(name),
        status,
        timing_ms: if status == State::Started { 0.0 } else { millis(began.elapsed()) },
        frames_processed: Some(frames),
        warnings_count: u64::try_from(warnings).ok(),
    };
    live.say(status(State::Started, 0, 0));
    let mut sent = 0;
    let stopped = frames(planned, began, &mut sent, live, control, bar).err();
    let mut warnings = Vec::new();
    if !matches!(stopped, Some(Stopped::Asked(_))) {
        for message in &options.warnings {
            warnings.push(message.clone());
            live.say(Warning {
                plugin: plugin(name),
                message: message.clone(),
                severity: Some(Severity::Low),
                frame_id: None,
            });
        }
    }
    let (outcome, end, failure) = match stopped {
        None => (PhaseOutcome::Pass, None, None),
        Some(Stopped::Failed(message)) => {
            live.say(Trouble {
                error: "Plugin failed".to_owned(),
                plugin: Some(plugin(name)),
                details: Some(details("PLUGIN_FAILED", &*message)),
                frame_id: None,
            });
            if options.fatal {
                (PhaseOutcome::Error, Some(End::Fatal), Some(message))
            } else {
                (PhaseOutcome::Fail, None, Some(message))
            }
        }
        Some(Stopped::Asked(why)) => {
            (PhaseOutcome::Error, Some(End::Asked(why)), Some("ended before it was done".to_owned()))
        }
    };
    let state = if outcome == PhaseOutcome::Pass { State::Completed } else { State::Failed };
    live.say(status(state, sent, warnings.len()));
    let ended = Ended { name: name.clone(), outcome, started_at, ended_at: iso::now(), warnings, failure };
    (ended, end)
}

/// The shortest pause, in intervals. A bus keeps to its schedule: who wakes a little late makes up for it, but no two
/// frames come much closer to each other than was asked for.
const SHORTEST: f64 = 0.9;

/// Works, then sends the frames.
fn frames(
    planned: &SimPlugin,
    began: Instant,
    sent: &mut u64,
    live: &Live,
    control: &Control,
    bar: &mut Bar,
) -> Result<(), Stopped> {
    let SimPlugin { name, options } = planned;
    let wait = |moment| control.wait_until(moment).map_or(Ok(()), |why| Err(Stopped::Asked(why)));
    wait(began + options.sleep)?;
    let pad = "x".repeat(options.pad);
    let mut due = Instant::now();
    let mut sent_at = due;
    for index in 0..options.frames {
        if index > 0 {
            due += options.interval;
            wait(due.max(sent_at + options.interval.mul_f64(SHORTEST)))?;
        }
        if options.fail_at == Some(index) {
            return Err(Stopped::Failed(format!("it fails at frame {index}, as it was told to")));
        }
        let frame = frame(name, index, &pad, began.elapsed());
        sent_at = Instant::now();
        live.say(frame);
        *sent += 1;
        bar.done += 1;
        let now = Percent::under_way(bar.done, bar.total);
        if now > bar.shown {
            bar.shown = now;
            live.progress(now, None, Some(plugin(name)));
        }
    }
    Ok(())
}

fn frame(name: &str, index: u64, pad: &str, timing: Duration) -> Frame {
    let mut data = Map::new();
    data.insert("n".to_owned(), Value::from(index));
    data.insert("pad".to_owned(), Value::from(pad));
    data.insert("t_ns".to_owned(), Value::from(monotonic_ns()));
    Frame {
        frame_id: format!("{name}-{index}"),
        plugin: plugin(name),
        data,
        device_used: SIM.to_owned(),
        timing_ms: millis(timing),
    }
}

/// Threads are woken up to 50 µs late, to save power; for a millisecond's pause that is a lot. Without it all is well, too.
fn wake_in_time() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_timerslack(1);
}

/// The system's monotonic clock, which a client on the same machine can read as well.
fn monotonic_ns() -> i64 {
    let Ok(now) = clock_gettime(ClockId::CLOCK_MONOTONIC) else { return 0 };
    now.tv_sec().saturating_mul(1_000_000_000).saturating_add(now.tv_nsec())
}
