//! The intervals between heartbeats.

use std::time::{Duration, Instant};

/// The heartbeat interval at a terminal: just under two seconds, which leaves time for printing.
pub const SILENCE: Duration = Duration::from_millis(1_900);

/// The heartbeat intervals elsewhere; the last one repeats. They grow, to keep unwatched logs short.
const BACKING_OFF: [Duration; 4] =
    [SILENCE, Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(30)];

/// Returns the interval after `signs` heartbeats without other output.
pub fn silence(signs: usize, is_watched: bool) -> Duration {
    if is_watched { SILENCE } else { BACKING_OFF[signs.min(BACKING_OFF.len() - 1)] }
}

/// The time since the last output.
pub struct Silence {
    since: Instant,
    /// The number of heartbeats since other output.
    signs: usize,
    /// True if the output goes to a terminal.
    is_watched: bool,
}

impl Silence {
    /// Starts the interval now.
    pub fn new(now: Instant, is_watched: bool) -> Self {
        Self { since: now, signs: 0, is_watched }
    }

    /// Resets the interval after other output.
    pub fn broken(&mut self, now: Instant) {
        self.since = now;
        self.signs = 0;
    }

    /// Starts the next interval after a heartbeat.
    pub fn signed(&mut self, now: Instant) {
        self.since = now;
        self.signs += 1;
    }

    /// Returns the time of the next heartbeat.
    pub fn due(&self) -> Instant {
        self.since + silence(self.signs, self.is_watched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_life_become_rare_where_nobody_watches() {
        let now = Instant::now();
        for (is_watched, expected) in
            [(true, [1_900; 6]), (false, [1_900, 5_000, 10_000, 30_000, 30_000, 1_900])]
        {
            let mut silence = Silence::new(now, is_watched);
            let mut lengths = Vec::new();
            for at in 0..6 {
                if at == 5 {
                    silence.broken(now);
                }
                lengths.push((silence.due() - now).as_millis());
                silence.signed(now);
            }
            assert_eq!(lengths, expected);
        }
    }
}
