//! The wire between supply and unit under test.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hil_model::{Amps, BenchTime, Volts};

use crate::FaultWindow;

/// The voltage at a moment, with what is drawn then.
type Source = Box<dyn Fn(BenchTime, Amps) -> Volts + Send>;

/// The supply rail of the simulated unit: who feeds it, and what it draws.
///
/// A handle; clones are the same rail.
#[derive(Clone)]
pub struct Rail(Arc<Mutex<State>>);

struct State {
    source: Source,
    draw: Amps,
    sags: Vec<(FaultWindow, Volts)>,
}

impl Rail {
    /// A rail that is held at `volts` by something outside the simulation.
    pub fn fixed(volts: Volts) -> Self {
        let source = Box::new(move |_, _| volts);
        Self(Arc::new(Mutex::new(State { source, draw: Amps::ZERO, sags: Vec::new() })))
    }

    /// Connects the rail to a source whose voltage depends on the moment and on what is drawn.
    ///
    /// The source is asked while the rail is locked: it must not ask the rail.
    pub(crate) fn feed_loaded(&self, source: impl Fn(BenchTime, Amps) -> Volts + Send + 'static) {
        self.state().source = Box::new(source);
    }

    /// The rail was measured at `volts` by a supply that the simulation does not contain.
    pub fn measured(&self, volts: Volts) {
        self.feed_loaded(move |_, _| volts);
    }

    /// Plants a fault in the wiring: while `window` is open the unit is left with `volts`, whatever the
    /// supply delivers. 0 V is a dead unit, a few volts are a brown-out.
    pub fn sag(&self, window: FaultWindow, volts: Volts) {
        self.state().sags.push((window, volts));
    }

    /// What reaches the unit at a moment.
    pub fn volts_at_unit(&self, at: BenchTime) -> Volts {
        let state = self.state();
        let sag = state.sags.iter().find(|(window, _)| window.is_open(at));
        sag.map_or_else(|| (state.source)(at, state.draw), |(_, volts)| *volts)
    }

    /// The voltage at the supply's terminals at a moment.
    pub fn volts(&self, at: BenchTime) -> Volts {
        let state = self.state();
        (state.source)(at, state.draw)
    }

    /// What the units on the rail draw together.
    pub fn draw(&self) -> Amps {
        self.state().draw
    }

    /// Says what the units on the rail draw together from now on.
    pub fn set_draw(&self, draw: Amps) {
        self.state().draw = draw;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Rail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rail").field("draw", &self.draw()).finish_non_exhaustive()
    }
}
