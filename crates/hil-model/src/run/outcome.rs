//! How runs, phases and measurements end, and how one follows from the other (REC-02, REC-05, REC-06).

use std::fmt;
use std::str::FromStr;

/// A word that is no such outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not the outcome of a {of}")]
pub struct UnknownOutcome {
    /// What it should have been the outcome of.
    pub of: &'static str,
    /// The word.
    pub word: String,
}

macro_rules! outcome {
    ($(#[$doc:meta])* $name:ident, $of:literal, $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that records use.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownOutcome;

            fn from_str(word: &str) -> Result<Self, UnknownOutcome> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|outcome| outcome.word() == word)
                    .ok_or_else(|| UnknownOutcome { of: $of, word: word.to_owned() })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

outcome!(
    /// How a run ended.
    RunOutcome, "run",
    /// Every phase passed or was skipped.
    Pass = "PASS",
    /// A phase failed.
    Fail = "FAIL",
    /// A phase could not reach a verdict.
    Error = "ERROR",
    /// A phase, or the run, took longer than it may.
    Timeout = "TIMEOUT",
    /// Somebody stopped the run.
    Aborted = "ABORTED",
);

outcome!(
    /// How a phase ended.
    PhaseOutcome, "phase",
    /// Everything that it checked was good.
    Pass = "PASS",
    /// A requirement was not met.
    Fail = "FAIL",
    /// It could not reach a verdict.
    Error = "ERROR",
    /// It did not run.
    Skip = "SKIP",
);

outcome!(
    /// What a measurement says about its limits.
    MeasurementOutcome, "measurement",
    /// Within its limits, or without any.
    Pass = "PASS",
    /// Outside its limits.
    Fail = "FAIL",
    /// Left out on purpose.
    Skip = "SKIP",
    /// It could not be taken.
    Error = "ERROR",
    /// Declared and never set, or never held against its limits.
    Unset = "UNSET",
);

impl RunOutcome {
    /// What follows from the phases: an error outweighs a failure, a failure everything else.
    ///
    /// Time-outs and aborts are facts about the run that its phases do not hold; whoever knows of one says so.
    /// A phase that was repeated counts with its last attempt only: phases that follow each other under one name
    /// and with a rising retry count are attempts at the same thing.
    pub fn from_phases<'a>(phases: impl IntoIterator<Item = &'a super::Phase>) -> Self {
        let mut worst = Self::Pass;
        let mut pending: Option<&super::Phase> = None;
        for phase in phases {
            if let Some(before) = pending.replace(phase)
                && !(before.name == phase.name && phase.retry_count > before.retry_count)
            {
                worst = worst.with(before.outcome);
            }
        }
        pending.map_or(worst, |last| worst.with(last.outcome))
    }

    /// The worse of what is known and of one more phase.
    const fn with(self, phase: PhaseOutcome) -> Self {
        match (phase, self) {
            (PhaseOutcome::Error, Self::Pass | Self::Fail | Self::Error) => Self::Error,
            (PhaseOutcome::Fail, Self::Pass | Self::Fail) => Self::Fail,
            (
                PhaseOutcome::Fail | PhaseOutcome::Error,
                known @ (Self::Error | Self::Timeout | Self::Aborted),
            ) => known,
            (PhaseOutcome::Pass | PhaseOutcome::Skip, known) => known,
        }
    }
}

impl PhaseOutcome {
    /// What the measurements of a phase make of the verdict `so_far` that its test reached.
    ///
    /// A measurement that failed fails the phase (REC-05), and so does one that was declared, never set, and not
    /// marked optional (REC-06); one that could not be taken makes it an error. A phase that was skipped stays so.
    pub fn with_measurements<'a>(
        self,
        measurements: impl IntoIterator<Item = &'a super::Measurement>,
    ) -> Self {
        if self == Self::Skip {
            return self;
        }
        measurements.into_iter().fold(self, |so_far, measurement| {
            match (measurement.outcome, so_far) {
                (MeasurementOutcome::Error, _) => Self::Error,
                (MeasurementOutcome::Fail, Self::Pass) => Self::Fail,
                // A value that was set and never judged says nothing against the phase.
                (MeasurementOutcome::Unset, Self::Pass)
                    if measurement.value.is_unset() && !measurement.optional =>
                {
                    Self::Fail
                }
                (
                    MeasurementOutcome::Pass
                    | MeasurementOutcome::Fail
                    | MeasurementOutcome::Skip
                    | MeasurementOutcome::Unset,
                    so_far,
                ) => so_far,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{MeasuredValue, Measurement, Phase};
    use rstest::rstest;

    fn phases(attempts: &[(&str, PhaseOutcome, u32)]) -> Vec<Phase> {
        attempts
            .iter()
            .map(|&(name, outcome, retry_count)| Phase { outcome, retry_count, ..Phase::new(name) })
            .collect()
    }

    #[rstest]
    #[case(&[], RunOutcome::Pass)]
    #[case(&[("a", PhaseOutcome::Pass, 0), ("b", PhaseOutcome::Skip, 0)], RunOutcome::Pass)]
    #[case(&[("a", PhaseOutcome::Pass, 0), ("b", PhaseOutcome::Fail, 0), ("c", PhaseOutcome::Pass, 0)], RunOutcome::Fail)]
    #[case(&[("a", PhaseOutcome::Error, 0), ("b", PhaseOutcome::Fail, 0)], RunOutcome::Error)]
    #[case(&[("a", PhaseOutcome::Fail, 0), ("b", PhaseOutcome::Error, 0)], RunOutcome::Error)]
    #[case(&[("a", PhaseOutcome::Fail, 0), ("a", PhaseOutcome::Pass, 1)], RunOutcome::Pass)]
    #[case(&[("a", PhaseOutcome::Pass, 0), ("a", PhaseOutcome::Fail, 1)], RunOutcome::Fail)]
    #[case(&[("a", PhaseOutcome::Fail, 0), ("b", PhaseOutcome::Pass, 1)], RunOutcome::Fail)]
    #[case(&[("a", PhaseOutcome::Fail, 0), ("a", PhaseOutcome::Pass, 0)], RunOutcome::Fail)]
    fn a_run_follows_from_its_phases(
        #[case] attempts: &[(&str, PhaseOutcome, u32)],
        #[case] expected: RunOutcome,
    ) {
        assert_eq!(RunOutcome::from_phases(&phases(attempts)), expected);
    }

    #[rstest]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Pass, true, false, PhaseOutcome::Pass)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Fail, true, false, PhaseOutcome::Fail)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Fail, true, true, PhaseOutcome::Fail)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Error, true, false, PhaseOutcome::Error)]
    #[case(PhaseOutcome::Fail, MeasurementOutcome::Error, true, false, PhaseOutcome::Error)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Unset, false, false, PhaseOutcome::Fail)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Unset, false, true, PhaseOutcome::Pass)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Unset, true, false, PhaseOutcome::Pass)]
    #[case(PhaseOutcome::Pass, MeasurementOutcome::Skip, false, false, PhaseOutcome::Pass)]
    #[case(PhaseOutcome::Error, MeasurementOutcome::Fail, true, false, PhaseOutcome::Error)]
    #[case(PhaseOutcome::Skip, MeasurementOutcome::Unset, false, false, PhaseOutcome::Skip)]
    fn a_phase_follows_from_its_measurements(
        #[case] so_far: PhaseOutcome,
        #[case] outcome: MeasurementOutcome,
        #[case] set: bool,
        #[case] optional: bool,
        #[case] expected: PhaseOutcome,
    ) {
        let value = if set { MeasuredValue::Number(1.0) } else { MeasuredValue::Unset };
        let measurement = Measurement { outcome, optional, value, ..Measurement::new("m") };
        assert_eq!(so_far.with_measurements([&measurement]), expected);
    }

    #[test]
    fn words_come_back() {
        for outcome in RunOutcome::ALL {
            assert_eq!(outcome.word().parse(), Ok(*outcome));
        }
        assert_eq!(
            "pass".parse::<PhaseOutcome>().unwrap_err().to_string(),
            "\"pass\" is not the outcome of a phase"
        );
    }
}
