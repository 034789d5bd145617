//! What the harness and its guardian say to each other: a line of JSON for each word.
//!
//! A word that was torn by the death of its speaker lacks its line feed, or is no JSON.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Eol, Identity, SerialParams};

/// What a guardian guards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The bench's name.
    pub bench: String,
    /// The port that the supply hangs on, as an absolute path.
    pub port: PathBuf,
    /// How the line is set up, should it have to be opened again.
    pub params: SerialParams,
    /// Where the note goes, as an absolute path; see [`super::folder`].
    pub folder: PathBuf,
    /// The process id of the harness.
    pub harness: u32,
}

/// Who hangs on the port, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Armed {
    /// Its whole identity: a device that is found again must be the very same.
    pub(super) identity: Identity,
    /// The line end that was heard.
    pub(super) eol: Eol,
}

/// What the harness says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    Charge(Charge),
    Armed(Armed),
    Disarm,
}

/// What the guardian says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Ready,
    Armed,
    Refused(String),
}

/// Says a word, at once.
pub(super) fn say(to: &mut impl Write, word: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_torn_word_is_no_word() {
        let armed =
            Armed { identity: Identity::new("OWON,SPE6103,24371986,FV:V5.2.0".to_owned()), eol: Eol::CrLf };
        for word in [Word::Armed(armed), Word::Disarm] {
            let mut line = Vec::new();
            say(&mut line, &word).unwrap();
            assert_eq!(serde_json::from_slice::<Word>(&line).unwrap(), word);
            for end in 0..line.len() - 1 {
                assert!(serde_json::from_slice::<Word>(&line[..end]).is_err(), "{end} bytes of {word:?}");
            }
        }
    }
}
