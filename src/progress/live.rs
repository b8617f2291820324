//! Progress at a terminal: finished steps, and below them a line for each running step and a status line.

use std::time::{Duration, Instant};

use arcbook_engine::diagnostic::visible_line;
use arcbook_engine::run::{Event, Record};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::background::Reader;
use super::board::Board;
use super::words::{length, words};
use crate::screen::{Screen, height, width};

/// The interval between redraws.
const TICK: Duration = Duration::from_millis(100);

/// The number of screen lines without a running step: the count of further ones, the status line, and the
/// cursor's line.
const OTHER_LINES: usize = 3;

pub struct Live {
    screen: Screen,
    board: Board,
    /// The lines of finished steps that are not printed yet.
    over: String,
    /// The number of redrawable lines on the screen.
    drawn: usize,
    due: Instant,
}

impl Live {
    pub fn new(screen: Screen) -> Self {
        let now = Instant::now();
        Self { screen, board: Board::new(now), over: String::new(), drawn: 0, due: now }
    }

    /// Clears the lines of running steps, prints the finished ones, and draws `lines`.
    fn draw(&mut self, lines: &[String]) {
        let mut text = std::mem::take(&mut self.over);
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        let before = std::mem::replace(&mut self.drawn, lines.len());
        if before > 0 || !text.is_empty() {
            self.screen.redraw(before, &text);
        }
    }
}

impl Reader for Live {
    fn take(&mut self, record: &Record, now: Instant) {
        let event = &record.event;
        self.board.take(event, now);
        let begins = matches!(
            event,
            Event::TokenRequested { .. }
                | Event::StepStarted { .. }
                | Event::ChangeChecking { .. }
                | Event::StepsAdded { .. }
                | Event::RequestRetried { .. }
                | Event::StepRetried { .. }
                | Event::StepWaiting { .. }
                | Event::OperationStarted { .. }
                | Event::OperationPolled { .. }
                | Event::OperationFinished { .. }
        );
        if let Some(line) = words(event).filter(|_| !begins) {
            self.over.push_str(&self.screen.flowed(&visible_line(&line)));
        }
    }

    fn due(&self) -> Option<Instant> {
        Some(self.due)
    }

    fn wake(&mut self, now: Instant) {
        let lines = lines(&self.board, now, width(), height());
        self.draw(&lines);
        self.due = now + TICK;
    }

    fn end(&mut self) {
        self.draw(&[]);
    }
}

/// Returns the lines for a screen of this size, the oldest step first.
fn lines(board: &Board, now: Instant, width: usize, height: usize) -> Vec<String> {
    // Lines that have scrolled off the screen cannot be redrawn.
    let shown = height.saturating_sub(OTHER_LINES).max(1);
    let room = width.saturating_sub(1);
    let mut lines: Vec<String> = board
        .running()
        .take(shown)
        .map(|running| {
            let time = length(now.saturating_duration_since(running.since));
            let name = ending(&running.name, room / 2);
            cut(&format!("  {name} {time}  {}", visible_line(&running.doing(now))), room)
        })
        .collect();
    let more = board.running().len().saturating_sub(shown);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines.push(cut(&format!("{}; {}", board.status(), length(board.elapsed(now))), room));
    lines
}

/// Returns the beginning of `text` that fits into `room` columns.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let fits = |c: &char| {
        let width = c.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Returns the end of an address that fits into `room` columns; its beginning is common to many.
fn ending(name: &str, room: usize) -> String {
    if name.width() <= room {
        return name.to_owned();
    }
    let reversed: String = name.chars().rev().collect();
    cut(&reversed, room).chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::super::board::tests::{board, finished, retried, started};
    use super::*;

    #[test]
    fn each_has_a_line_and_what_has_none_is_counted() {
        let now = Instant::now();
        let mut board = board(6, now);
        for step in ["step.echo.a", "step.echo.b", "step.echo.c", "step.echo.d", "step.echo.e"] {
            board.take(&started(step), now);
        }
        board.take(&retried("step.echo.b", 3_000), now);
        board.take(&finished("step.echo.e"), now);
        let later = now + Duration::from_millis(1_500);
        let seen = lines(&board, later, 80, 5);
        assert_eq!(
            seen,
            [
                "  step.echo.a 1.5 s  reading",
                "  step.echo.b 1.5 s  attempt 3 of 5 in 1.5 s; not yet: self.state is \"Creating\"",
                "  and 2 more",
                "1 of 6 steps done, 3 running, 1 between attempts, 1 waiting for others; 1.5 s",
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let now = Instant::now();
        let mut board = board(2, now);
        board.take(&started("module.site[\"west\"].step.blob_upload.日本語の報告[0]"), now);
        board.take(&retried("module.site[\"west\"].step.blob_upload.日本語の報告[0]", 3_000), now);
        for width in [20, 21, 40, 79] {
            for line in lines(&board, now, width, 24) {
                assert!(line.width() < width, "{line}");
            }
        }
        assert_eq!(lines(&board, now, 40, 24)[0], "  …ad.日本語の報告[0] 0 ms  attempt 3 …");
    }

    #[test]
    fn what_a_service_says_cannot_move_the_cursor() {
        let now = Instant::now();
        let mut board = board(1, now);
        board.take(&started("a"), now);
        let (method, url) = ("GET".to_owned(), "x\x1b[2J\ny".to_owned());
        board.take(&Event::RequestSent { step: "a".to_owned(), method, url }, now);
        assert_eq!(lines(&board, now, 80, 24)[0], "  a 0 ms  GET x\\u{1b}[2J y");
    }
}
