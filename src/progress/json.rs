//! Progress for tools: one JSON object per event, and a heartbeat during silence.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use arcbook_engine::run::Record;
use serde_json::{Value, json};

use super::background::Reader;
use super::board::{Board, Counts, Running};
use super::silence::Silence;
use crate::screen::Screen;

/// The maximum number of running steps in a heartbeat.
const NAMED: usize = 10;

pub struct Json {
    screen: Screen,
    board: Board,
    silence: Silence,
}

impl Json {
    pub fn new(screen: Screen) -> Self {
        let now = Instant::now();
        let silence = Silence::new(now, std::io::stdout().is_terminal());
        Self { screen, board: Board::new(now), silence }
    }
}

impl Reader for Json {
    fn take(&mut self, record: &Record, now: Instant) {
        self.board.take(&record.event, now);
        self.screen.typed(record);
        self.silence.broken(now);
    }

    fn due(&self) -> Option<Instant> {
        Some(self.silence.due())
    }

    fn wake(&mut self, now: Instant) {
        self.screen.object(&waiting(&self.board, now));
        self.silence.signed(now);
    }
}

fn waiting(board: &Board, now: Instant) -> Value {
    let Counts { done, failed, skipped, running, pausing, waiting, .. } = board.counts();
    json!({
        "event": "waiting",
        "elapsed_milliseconds": milliseconds(board.elapsed(now)),
        "done": done,
        "failed": failed,
        "skipped": skipped,
        "running": running,
        "pausing": pausing,
        "waiting": waiting,
        "for": board.running().take(NAMED).map(|running| object(running, now)).collect::<Vec<_>>(),
    })
}

fn object(running: &Running, now: Instant) -> Value {
    let mut object = json!({
        "address": running.name,
        "milliseconds": milliseconds(now.saturating_duration_since(running.since)),
        "doing": running.doing(now),
    });
    if let Some((attempt, attempts)) = running.attempt {
        object["attempt"] = attempt.into();
        if let Some(attempts) = attempts {
            object["attempts"] = attempts.into();
        }
    }
    if let Some(pause) = running.pause(now) {
        object["next_in_milliseconds"] = milliseconds(pause).into();
    }
    object
}

fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::board::tests::{board, retried, started};
    use super::*;

    const PAGE: &str = include_str!("../../docs/events.md");

    #[test]
    fn a_sign_of_life_is_as_the_page_says() {
        let now = Instant::now();
        let mut board = board(3, now);
        board.take(&started("step.echo.a"), now);
        board.take(&retried("step.echo.a", 3_000), now);
        let sign = waiting(&board, now + Duration::from_secs(2));
        let (_, page) = PAGE.split_once("a `waiting` object").expect("it is described");
        let members = sign.as_object().expect("an object").keys();
        let named = sign["for"][0].as_object().expect("an object").keys();
        for member in members.chain(named) {
            assert!(page.contains(&format!("`{member}`")), "{member}");
        }
        assert_eq!(sign["for"][0]["next_in_milliseconds"], 1_000);
        assert_eq!((&sign["pausing"], &sign["waiting"]), (&1.into(), &2.into()));
    }
}
