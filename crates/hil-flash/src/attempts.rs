//! Another attempt where one may help, always from the start.

use std::num::NonZeroU32;

use crate::{FlashError, Flashed, Flasher, Image, Progress, UnitState};

/// Flashes `image` in at most `attempts` attempts. Each begins at the start: nothing is resumed in the middle.
///
/// There is no other attempt where it would end the same way or do harm: after a lost adapter, a refusal, a wrong
/// key, or when the time is up.
///
/// # Errors
///
/// The last attempt's, with the earlier ones in it.
pub fn flash(
    flasher: &mut dyn Flasher,
    image: &Image,
    attempts: NonZeroU32,
    progress: &mut dyn FnMut(Progress),
) -> Result<Flashed, FlashError> {
    let mut failed: Vec<FlashError> = Vec::new();
    loop {
        match flasher.flash(image, progress) {
            Ok(flashed) => return Ok(Flashed { failed_attempts: failed, ..flashed }),
            Err(error) => {
                let is_last = failed.len() as u64 + 1 >= u64::from(attempts.get());
                if is_last || !error.cause.may_pass() {
                    let left = left_after(&failed, error.left);
                    return Err(FlashError { left, earlier_attempts: failed, ..error });
                }
                tracing::warn!(attempt = failed.len() + 1, cause = %error.cause, "{error}; again from the start");
                failed.push(error);
            }
        }
    }
}

/// An attempt that leaves the unit untouched leaves it as the one before did.
fn left_after(earlier: &[FlashError], last: UnitState) -> UnitState {
    let states = earlier.iter().rev().map(|error| error.left);
    [last].into_iter().chain(states).find(|left| *left != UnitState::Untouched).unwrap_or(last)
}
