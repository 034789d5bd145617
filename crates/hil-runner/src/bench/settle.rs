//! Settle, then validate (HLP-03).

use std::time::Duration;

use hil_model::{Clock, PollError, SourceLocation, Volts, chain, poll_until};
use hil_psu::{SettleDetector, SettleReading};

use super::psu::SharedPsu;
use super::{Excursion, Psu};
use crate::error::{TestError, TestResult};

/// How a rail settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// From the first reading to the one that settled it.
    pub settle_time: Duration,
    /// The last voltage.
    pub final_voltage: Volts,
    /// Every reading.
    pub trace: Vec<SettleReading>,
}

/// A voltage that was applied, settled and held. While it lives, the rail stays there.
#[derive(Debug)]
#[must_use = "the rail goes back to nominal when this is dropped"]
pub struct Applied {
    /// How the rail settled.
    pub settled: Settled,
    /// How long it was held after that, for the firmware to react.
    pub validation_time: Duration,
    guard: Excursion,
}

impl Applied {
    /// Brings the rail back now.
    ///
    /// # Errors
    ///
    /// A bench fault when it did not come back.
    #[track_caller]
    pub fn restore(self) -> TestResult {
        self.guard.restore()
    }
}

/// Waits until the measured voltage is within `tolerance` of `target`, polling every `interval` for at most
/// `timeout`. Settled means two consecutive readings that the instrument really refreshed.
///
/// # Errors
///
/// A bench fault with the last reading and the trace, when it does not settle or the supply does not answer.
#[track_caller]
pub fn wait_until_settled(
    psu: &Psu,
    target: Volts,
    tolerance: Volts,
    interval: Duration,
    timeout: Duration,
) -> TestResult<Settled> {
    let location = SourceLocation::caller();
    psu.ctx.step(&format!("Wait until the rail is at {target:.2} ± {tolerance:.2}"), || {
        psu.ctx.lease().check();
        let settled = settle(&psu.shared, psu.ctx.clock(), target, tolerance, interval, timeout)
            .map_err(|error| error.at(location))?;
        psu.ctx.rp("psu_settled_s", format!("{:.3}", settled.settle_time.as_secs_f64()));
        Ok(settled)
    })
}

/// Sets the voltage, waits until the rail is there, and holds it for `validation_time` so that the
/// firmware's observer can react. How to settle comes from `power_supply.settle`.
///
/// # Errors
///
/// A test error for a voltage beyond the armed limits; a bench fault when the rail does not settle.
#[track_caller]
pub fn apply_voltage_and_settle(psu: &Psu, target: Volts, validation_time: Duration) -> TestResult<Applied> {
    let location = SourceLocation::caller();
    psu.ctx.step(&format!("Apply {target:.2}"), || {
        let guard = psu.excursion(target).map_err(|error| error.at(location.clone()))?;
        let how = psu.settle();
        let tolerance = Volts::new(how.tolerance);
        let settled = wait_until_settled(psu, target, tolerance, how.interval, how.timeout)
            .map_err(|error| error.at(location))?;
        psu.ctx.rp("set_voltage", format!("{:.3}", target.get()));
        psu.ctx.rp("measured_voltage", format!("{:.3}", settled.final_voltage.get()));
        psu.ctx.rp("validation_time_s", format!("{:.3}", validation_time.as_secs_f64()));
        psu.ctx.sleep(validation_time);
        Ok(Applied { settled, validation_time, guard })
    })
}

/// The wait itself, on whatever clock.
pub(super) fn settle(
    psu: &SharedPsu,
    clock: &dyn Clock,
    target: Volts,
    tolerance: Volts,
    interval: Duration,
    timeout: Duration,
) -> TestResult<Settled> {
    let mut detector = SettleDetector::new(target, tolerance);
    let since = clock.now();
    let result = poll_until(clock, "the rail to settle", interval, timeout, || {
        let volts = psu.measure()?.volts;
        Ok::<_, hil_psu::PsuError>(detector.observe(clock.now(), volts).then_some(volts))
    });
    match result {
        Ok(final_voltage) => {
            let settle_time = clock.now().since(since);
            Ok(Settled { settle_time, final_voltage, trace: detector.into_trace() })
        }
        Err(PollError::Failed(error)) => Err(TestError::bench(chain(&error))),
        Err(PollError::TimedOut { .. }) => Err(not_settled(target, timeout, detector.trace())),
    }
}

fn not_settled(target: Volts, timeout: Duration, trace: &[SettleReading]) -> TestError {
    let last = trace.last().map_or_else(|| "none".to_owned(), |reading| format!("{:.2}", reading.volts));
    let readings: Vec<String> = trace
        .iter()
        .map(|reading| format!("{:.3} s {:.3}", reading.at.as_secs_f64(), reading.volts))
        .collect();
    TestError::bench(format!(
        "rail did not settle at {target:.2} within {:.1} s (last reading {last})",
        timeout.as_secs_f64()
    ))
    .with_detail(format!("trace {}", thinned(&readings, 24).join(", ")))
}

/// At most `most` of the readings, evenly chosen, the last one among them.
fn thinned(readings: &[String], most: usize) -> Vec<&str> {
    let step = readings.len().div_ceil(most).max(1);
    let offset = readings.len().saturating_sub(1) % step;
    readings.iter().skip(offset).step_by(step).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_trace_is_thinned_and_keeps_its_end() {
        let readings: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let thin = thinned(&readings, 24);
        assert!(thin.len() <= 24);
        assert_eq!(thin.last(), Some(&"199"));
        assert_eq!(thinned(&readings[..3], 24), ["0", "1", "2"]);
    }
}
