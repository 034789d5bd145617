//! What the doctor finds.

use owo_colors::OwoColorize;

/// How a finding looks to whoever wants to run tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Good,
    /// What can be told without touching the device is good; the device itself was not looked at.
    NotChecked,
    /// Something is missing that the configured bench does not need, or that makes tests skip.
    Missing,
    /// The configured bench cannot work like this.
    Bad,
}

/// A finding, and what to do about it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) health: Health,
    what: String,
    advice: Option<String>,
}

impl Finding {
    pub(super) fn good(what: impl Into<String>) -> Self {
        Self { health: Health::Good, what: what.into(), advice: None }
    }

    pub(super) fn not_checked(what: impl Into<String>) -> Self {
        let advice = "`hil doctor --probe` asks it; that may power the unit".to_owned();
        Self { health: Health::NotChecked, what: what.into(), advice: Some(advice) }
    }

    pub(super) fn missing(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { health: Health::Missing, what: what.into(), advice: Some(advice.into()) }
    }

    pub(super) fn bad(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { health: Health::Bad, what: what.into(), advice: Some(advice.into()) }
    }

    pub(super) fn show(&self) {
        let mark = match self.health {
            Health::Good => "ok         ".green().to_string(),
            Health::NotChecked => "not checked".cyan().to_string(),
            Health::Missing => "missing    ".yellow().to_string(),
            Health::Bad => "BAD        ".red().bold().to_string(),
        };
        anstream::println!("{mark}  {}", self.what);
        if let Some(advice) = &self.advice {
            anstream::println!("             {} {advice}", "→".dimmed());
        }
    }
}
