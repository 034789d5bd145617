//! The switches of live running, as the environment and the command line say them.

use std::fmt;

/// The variable that turns live running on.
const RUN_LIVE: &str = "HIL_RUN_LIVE";
/// The variable that allows mutation.
const ALLOW_MUTATION: &str = "HIL_ALLOW_MUTATION";
/// The variable with the server's URL.
const SERVER_URL: &str = "HIL_SERVER_URL";
/// The variable with the key for the server.
const API_KEY: &str = "HIL_API_KEY";

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// A variable of the environment.
    Variable(&'static str),
    /// An argument of the command line.
    Argument(&'static str),
    /// A command that implies it.
    Command(&'static str),
}

impl fmt::Display for SaidBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(word) | Self::Argument(word) | Self::Command(word) => f.write_str(word),
        }
    }
}

/// A switch: on by somebody, or off.
pub type Switch = Option<SaidBy>;

/// A variable whose text is neither yes nor no. A switch that is misread would run what must not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {text:?}; expected 1, true or yes, or 0, false or no")]
pub struct UnclearSwitch {
    /// The variable.
    pub variable: &'static str,
    /// What it says.
    pub text: String,
}

/// What was said about live running beside the configuration.
#[derive(Clone, Default)]
pub struct LiveOptions {
    /// Whether tests may touch a real bench. A suite that is named on the command line may as well.
    pub run_live: Switch,
    /// Whether tests may change what outlives them.
    pub allow_mutation: Switch,
    /// The server's URL, in place of `record.server`.
    pub server_url: Option<String>,
    /// The key for the server, where `record.key_file` is not set.
    pub api_key: Option<String>,
}

impl fmt::Debug for LiveOptions {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run_live, allow_mutation, server_url: _, api_key: _ } = self;
        f.debug_struct("LiveOptions")
            .field("run_live", run_live)
            .field("allow_mutation", allow_mutation)
            .finish_non_exhaustive()
    }
}

impl LiveOptions {
    /// What the environment says; `variable` reads it. An empty variable counts as unset.
    ///
    /// # Errors
    ///
    /// A switch that is neither on nor off.
    pub fn from_env(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, UnclearSwitch> {
        let said = |name| variable(name).filter(|text| !text.trim().is_empty());
        let switch = |name| said(name).map_or(Ok(None), |text| switch(name, &text));
        Ok(Self {
            run_live: switch(RUN_LIVE)?,
            allow_mutation: switch(ALLOW_MUTATION)?,
            server_url: said(SERVER_URL),
            api_key: said(API_KEY),
        })
    }
}

fn switch(variable: &'static str, text: &str) -> Result<Switch, UnclearSwitch> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(Some(SaidBy::Variable(variable))),
        "0" | "false" | "no" => Ok(None),
        _ => Err(UnclearSwitch { variable, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1", Some(true))]
    #[case("true", Some(true))]
    #[case("Yes", Some(true))]
    #[case(" TRUE ", Some(true))]
    #[case("0", Some(false))]
    #[case("no", Some(false))]
    #[case("False", Some(false))]
    #[case("", Some(false))]
    #[case("on", None)]
    #[case("2", None)]
    #[case("untrue", None)]
    #[case("yes please", None)]
    fn a_switch_is_clear_or_refused(#[case] text: &str, #[case] expected: Option<bool>) {
        let read = LiveOptions::from_env(|name| (name == ALLOW_MUTATION).then(|| text.to_owned()));
        match expected {
            Some(on) => assert_eq!(read.unwrap().allow_mutation.is_some(), on),
            None => assert_eq!(read.unwrap_err().variable, ALLOW_MUTATION),
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let options = LiveOptions::from_env(|_| Some("1".to_owned())).unwrap();
        let with_key = LiveOptions { api_key: Some("hil_secret".to_owned()), ..options };
        assert!(!format!("{with_key:?}").contains("secret"));
    }
}
