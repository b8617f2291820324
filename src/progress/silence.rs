//! When to give a sign of life.

use std::time::{Duration, Instant};

/// How long nothing is printed: nobody is to see two seconds of silence, however long printing takes.
pub const SILENCE: Duration = Duration::from_millis(1_900);

/// How long nothing has been printed.
pub struct Silence {
    since: Instant,
}

impl Silence {
    /// It begins now.
    pub fn new(now: Instant) -> Self {
        Self { since: now }
    }

    /// Something was printed.
    pub fn broken(&mut self, now: Instant) {
        self.since = now;
    }

    /// When it has lasted too long.
    pub fn due(&self) -> Instant {
        self.since + SILENCE
    }
}
