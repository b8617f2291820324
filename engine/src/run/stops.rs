//! Keeps the reasons why a run stops early.

use crate::step::{ErrorKind, StepError};

/// The interrupts of the user, and the time limit of the run.
#[derive(Debug, Default)]
pub(super) struct Stops {
    interrupts: usize,
    expired: bool,
}

impl Stops {
    /// Records an interrupt; returns true if the run still waits for running steps, as it does after the first one.
    pub fn interrupt(&mut self) -> bool {
        self.interrupts += 1;
        self.interrupts == 1
    }

    /// Records the end of the time limit.
    pub fn expire(&mut self) {
        self.expired = true;
    }

    /// Returns true if another interrupt would have an effect.
    pub fn may_interrupt(&self) -> bool {
        self.interrupts < 2
    }

    /// Returns true if the user has interrupted the run.
    pub fn is_interrupted(&self) -> bool {
        self.interrupts > 0
    }

    /// Returns true if the time limit has passed.
    pub fn is_expired(&self) -> bool {
        self.expired
    }

    /// Returns true if the run is stopped for a step, which may be one that `cleans_up`.
    pub fn stops(&self, cleans_up: bool) -> bool {
        self.interrupts > 1 || ((self.interrupts > 0 || self.expired) && !cleans_up)
    }

    /// Returns the reason, in words.
    pub fn why(&self) -> &'static str {
        if self.is_interrupted() { "the run was stopped" } else { "the time limit of the run was reached" }
    }

    /// Returns the error that the run stopped before `then`.
    pub fn error(&self, then: &str) -> StepError {
        StepError::new(ErrorKind::Stopped, format!("{} before {then}", self.why()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleanup_continues_until_the_second_interrupt() {
        let stops = |interrupts, expired| Stops { interrupts, expired };
        for (stops, work, cleanup) in [
            (stops(0, false), false, false),
            (stops(0, true), true, false),
            (stops(1, false), true, false),
            (stops(2, false), true, true),
        ] {
            assert_eq!((stops.stops(false), stops.stops(true)), (work, cleanup), "{stops:?}");
        }
    }
}
