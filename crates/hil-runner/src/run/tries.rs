//! How often a test is tried.

use hil_model::{Failure, Fault, FaultKind, Outcome};

use super::attempt::{Attempted, Wish};

/// How many more attempts a test has: those after a red one, and those that it asks for itself.
#[derive(Debug)]
pub(super) struct Tries {
    retries: u32,
    repeats: u32,
    repeated: u32,
}

impl Tries {
    pub(super) const fn new(retries: u32, repeats: u32) -> Self {
        Self { retries, repeats, repeated: 0 }
    }

    /// What the attempt counts as, and whether another one follows. Without `going_on` none does.
    pub(super) fn after(&mut self, attempted: Attempted, going_on: bool) -> (Outcome, bool) {
        let Attempted { outcome, wish } = attempted;
        match wish {
            Wish::Nothing => {
                let again = outcome.is_red() && self.retries > 0 && going_on;
                self.retries -= u32::from(again);
                (outcome, again)
            }
            Wish::Stop => (outcome, false),
            // Its measurements said enough.
            Wish::Repeat if !going_on && outcome.is_red() => (outcome, false),
            Wish::Repeat if !going_on => {
                let why = "the run ended before it could be repeated";
                (Outcome::Errored(Fault::new(FaultKind::Interrupted, why)), false)
            }
            Wish::Repeat if self.repeated < self.repeats => {
                self.repeated += 1;
                (outcome, true)
            }
            Wish::Repeat => {
                let details = match outcome {
                    Outcome::Skipped { reason } => vec![reason],
                    Outcome::Failed(failure) => [vec![failure.message], failure.details].concat(),
                    Outcome::Passed | Outcome::Errored(_) => Vec::new(),
                };
                let message = format!("asked to be repeated more often than {} times", self.repeats);
                (Outcome::Failed(Failure { details, ..Failure::new(message) }), false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn red() -> (Outcome, Wish) {
        (Outcome::Failed(Failure::new("red")), Wish::Nothing)
    }

    fn repeat() -> (Outcome, Wish) {
        (Outcome::Skipped { reason: "to be repeated: cold".to_owned() }, Wish::Repeat)
    }

    fn failed_and_repeat() -> (Outcome, Wish) {
        (Outcome::Failed(Failure::new("too much")), Wish::Repeat)
    }

    fn stop() -> (Outcome, Wish) {
        (Outcome::Failed(Failure::new("stop")), Wish::Stop)
    }

    fn passed() -> (Outcome, Wish) {
        (Outcome::Passed, Wish::Nothing)
    }

    #[rstest]
    #[case::passed(0, 0, vec![passed()], "passed")]
    #[case::red(0, 9, vec![red()], "failed")]
    #[case::retried(2, 0, vec![red(), red(), passed()], "passed")]
    #[case::exhausted(1, 9, vec![red(), red()], "failed")]
    #[case::repeated(0, 2, vec![repeat(), repeat(), passed()], "passed")]
    #[case::repeated_too_often(9, 1, vec![repeat(), repeat()], "failed")]
    #[case::repeated_after_a_failure(0, 1, vec![failed_and_repeat(), passed()], "passed")]
    #[case::failed_too_often(0, 0, vec![failed_and_repeat()], "failed")]
    #[case::each_has_its_own_number(1, 1, vec![red(), repeat(), passed()], "passed")]
    #[case::stopped(9, 9, vec![stop()], "failed")]
    fn a_test_is_tried_until_its_attempts_are_used_up(
        #[case] retries: u32,
        #[case] repeats: u32,
        #[case] attempts: Vec<(Outcome, Wish)>,
        #[case] expected: &str,
    ) {
        let mut tries = Tries::new(retries, repeats);
        let mut told = Vec::new();
        for (outcome, wish) in attempts {
            told.push(tries.after(Attempted { outcome, wish }, true));
        }
        let (last, again) = told.pop().unwrap();
        assert!(told.iter().all(|(_, again)| *again), "{told:?}");
        assert_eq!((last.word(), again), (expected, false));
    }

    #[rstest]
    #[case(red(), "failed")]
    #[case(repeat(), "errored")]
    #[case(failed_and_repeat(), "failed")]
    #[case(passed(), "passed")]
    fn none_follows_where_the_run_does_not_go_on(
        #[case] (outcome, wish): (Outcome, Wish),
        #[case] expected: &str,
    ) {
        let (outcome, again) = Tries::new(9, 9).after(Attempted { outcome, wish }, false);
        assert_eq!((outcome.word(), again), (expected, false));
    }
}
