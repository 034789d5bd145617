//! The markers that exist (RUN-02).

use std::collections::BTreeMap;

use hil_config::nearest;
use hil_model::Marker;

/// The markers that `hil` itself knows, with what they mean.
pub const BUILT_IN_MARKERS: [(&str, &str); 6] = [
    ("hardware", "needs the bench: LIN, the unit, the supply"),
    ("mum", "meant for a bench with a Melexis Universal Master"),
    ("babylin", "meant for a bench with a BabyLIN (deprecated)"),
    ("slow", "takes long on a real bench"),
    ("psu_settling", "characterises how the supply settles"),
    ("smoke", "the fastest sign that a bench is ready"),
];

/// The markers that are declared: the built-in ones and those of `run.markers`.
#[derive(Clone, Debug)]
pub struct Markers(BTreeMap<String, String>);

impl Markers {
    /// The built-in markers and `own`, name to description.
    pub fn with(own: &BTreeMap<String, String>) -> Self {
        let built_in = BUILT_IN_MARKERS.map(|(name, meaning)| (name.to_owned(), meaning.to_owned()));
        Self(built_in.into_iter().chain(own.clone()).collect())
    }

    /// Whether `marker` is declared.
    pub fn declares(&self, marker: &Marker) -> bool {
        self.0.contains_key(marker.as_str())
    }

    /// The declared marker that `marker` was probably meant to be.
    pub fn nearest(&self, marker: &Marker) -> Option<&str> {
        nearest(marker.as_str(), self.0.keys().map(String::as_str))
    }

    /// Every declared marker with its meaning.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, meaning)| (name.as_str(), meaning.as_str()))
    }
}
