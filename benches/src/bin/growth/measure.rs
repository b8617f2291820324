//! One row of a table.

use std::fmt::{self, Display, Formatter};
use std::time::Instant;

/// Ratio of the sizes of the two inputs.
pub const FACTOR: usize = 4;

/// Seconds for the small and the large input.
pub struct Growth {
    small: f64,
    large: f64,
}

impl Growth {
    /// Times `work` on both inputs. It takes the shortest of three times, since other processes can only
    /// lengthen one.
    pub fn of<T, R>(small: &T, large: &T, work: impl Fn(&T) -> R) -> Self {
        let time = |input: &T| {
            let start = Instant::now();
            drop(work(input));
            start.elapsed().as_secs_f64()
        };
        let shortest = |input: &T| (0..3).map(|_| time(input)).fold(f64::INFINITY, f64::min);
        Self { small: shortest(small), large: shortest(large) }
    }
}

impl Display for Growth {
    /// Writes the time for the large input, and its ratio to the time for the small one.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} ms, {:.1}×", self.large * 1000.0, self.large / self.small)
    }
}
