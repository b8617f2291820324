//! When to give a sign of life.

use std::time::{Duration, Instant};

/// How long nothing is printed at a terminal: nobody is to see two seconds of silence, however long printing takes.
pub const SILENCE: Duration = Duration::from_millis(1_900);

/// How long nothing is printed elsewhere before the first sign of life, the second and so on; the last counts for all that
/// follow. A log that nobody watches is not to be filled.
const BACKING_OFF: [Duration; 4] =
    [SILENCE, Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(30)];

/// How long to be silent when `signs` signs of life were given with nothing else in between.
pub fn silence(signs: usize, is_watched: bool) -> Duration {
    if is_watched { SILENCE } else { BACKING_OFF[signs.min(BACKING_OFF.len() - 1)] }
}

/// How long nothing has been printed.
pub struct Silence {
    since: Instant,
    /// How many signs of life were given since something else was printed.
    signs: usize,
    /// Whether somebody watches the output as it comes.
    is_watched: bool,
}

impl Silence {
    /// It begins now.
    pub fn new(now: Instant, is_watched: bool) -> Self {
        Self { since: now, signs: 0, is_watched }
    }

    /// Something was printed.
    pub fn broken(&mut self, now: Instant) {
        self.since = now;
        self.signs = 0;
    }

    /// A sign of life was given.
    pub fn signed(&mut self, now: Instant) {
        self.since = now;
        self.signs += 1;
    }

    /// When it has lasted too long.
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
