//! Progress for files and pipes: one plain line per event, and a heartbeat during silence.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::Instant;

use arcbook_engine::diagnostic::visible_line;
use arcbook_engine::run::{Event, Record};

use super::background::Reader;
use super::board::Board;
use super::silence::Silence;
use super::words::{length, words};
use crate::screen::Screen;

pub struct Plain {
    screen: Screen,
    board: Board,
    silence: Silence,
    /// The last line about the operation of each step.
    polled: HashMap<String, String>,
}

impl Plain {
    pub fn new(screen: Screen) -> Self {
        let now = Instant::now();
        let silence = Silence::new(now, std::io::stdout().is_terminal());
        Self { screen, board: Board::new(now), silence, polled: HashMap::new() }
    }
}

impl Plain {
    /// Returns true unless the line repeats the last poll of the same operation.
    fn is_news(&mut self, event: &Event, line: &str) -> bool {
        let Event::OperationPolled { step, .. } = event else { return true };
        let last = self.polled.insert(step.clone(), line.to_owned());
        last.is_none_or(|last| last != line)
    }
}

impl Reader for Plain {
    fn take(&mut self, record: &Record, now: Instant) {
        self.board.take(&record.event, now);
        if let Some(line) = words(&record.event).filter(|line| self.is_news(&record.event, line)) {
            self.screen.flow(&visible_line(&line));
            self.silence.broken(now);
        }
    }

    fn due(&self) -> Option<Instant> {
        Some(self.silence.due())
    }

    fn wake(&mut self, now: Instant) {
        self.screen.line(&still(&self.board, now));
        self.silence.signed(now);
    }
}

/// Returns the heartbeat line, with the steps that the run waits for.
fn still(board: &Board, now: Instant) -> String {
    let mut running = board.running();
    let more = running.len().saturating_sub(1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = running.next().map_or_else(
        || "computing".to_owned(),
        |oldest| {
            let time = length(now.saturating_duration_since(oldest.since));
            format!("{} ({time}, {}){more}", oldest.name, visible_line(&oldest.doing(now)))
        },
    );
    format!("after {}: still {what}; {}", length(board.elapsed(now)), board.status())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::board::tests::{board, retried, started};
    use super::*;

    #[test]
    fn a_sign_of_life_names_the_oldest_and_counts_the_rest() {
        let now = Instant::now();
        let mut board = board(3, now);
        let later = now + Duration::from_secs(2);
        assert_eq!(
            still(&board, later),
            "after 2.0 s: still computing; 0 of 3 steps done, 3 waiting for others"
        );
        board.take(&started("step.echo.a"), now);
        board.take(&started("step.echo.b"), later);
        board.take(&retried("step.echo.a", 3_000), later);
        assert_eq!(
            still(&board, later),
            "after 2.0 s: still step.echo.a (2.0 s, attempt 3 of 5 in 3.0 s; not yet: self.state is \"Creating\") and 1 \
             more; 0 of 3 steps done, 1 running, 1 between attempts, 1 waiting for others"
        );
    }
}
