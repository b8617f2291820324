//! For people at a terminal: a line for each running step with its time, and above them what is over.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arcbook_engine::run::{Event, Observer, Record, doing};
use tokio::task::JoinHandle;

use super::words::{seconds, words};
use crate::screen::{Screen, height, width};

/// How often the times are drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// Draws until it is dropped.
pub struct Live {
    board: Arc<Mutex<Board>>,
    ticker: JoinHandle<()>,
}

impl Live {
    pub fn new(screen: Screen) -> Self {
        let board = Arc::new(Mutex::new(Board { screen, running: Vec::new(), drawn: 0 }));
        let shared = board.clone();
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                ticks.tick().await;
                lock(&shared).redraw(&[]);
            }
        });
        Self { board, ticker }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.ticker.abort();
        let mut board = lock(&self.board);
        board.running.clear();
        board.redraw(&[]);
    }
}

impl Observer for Live {
    fn observe(&mut self, record: &Arc<Record>) {
        lock(&self.board).take(&record.event);
    }
}

fn lock(board: &Mutex<Board>) -> std::sync::MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is on the screen.
struct Board {
    screen: Screen,
    running: Vec<Running>,
    /// How many lines of running steps are on the screen.
    drawn: usize,
}

struct Running {
    name: String,
    doing: String,
    since: Instant,
}

impl Board {
    fn take(&mut self, event: &Event) {
        match event {
            Event::TokenRequested { audience } => self.begin(token(audience), "asking"),
            Event::StepStarted { step, effect, .. } => self.begin(step.clone(), doing(effect)),
            Event::ChangeSought { step, .. } => self.begin(step.clone(), "asking"),
            Event::RequestSent { step, method, url } => self.doing(step, format!("{method} {url}")),
            Event::RequestRetried { step, attempt, after_milliseconds, reason }
            | Event::StepRetried { step, attempt, after_milliseconds, reason } => {
                self.doing(step, format!("{reason}; attempt {attempt} in {}", seconds(*after_milliseconds)));
            }
            Event::TokenAcquired { audience, .. } | Event::TokenFailed { audience, .. } => {
                self.end(&token(audience));
            }
            Event::StepFinished { step, .. }
            | Event::StepFailed { step, .. }
            | Event::ChangeForeseen { step, .. } => self.end(step),
            _ => {}
        }
        let begins = matches!(
            event,
            Event::TokenRequested { .. }
                | Event::StepStarted { .. }
                | Event::ChangeSought { .. }
                | Event::RequestRetried { .. }
                | Event::StepRetried { .. }
        );
        let over: Vec<String> = if begins { Vec::new() } else { words(event).into_iter().collect() };
        self.redraw(&over);
    }

    fn begin(&mut self, name: String, doing: &str) {
        self.running.push(Running { name, doing: doing.to_owned(), since: Instant::now() });
    }

    fn doing(&mut self, name: &str, doing: String) {
        if let Some(running) = self.running.iter_mut().find(|running| running.name == name) {
            running.doing = doing;
        }
    }

    fn end(&mut self, name: &str) {
        self.running.retain(|running| running.name != name);
    }

    /// Takes the lines of running steps away, adds `over` above them, and draws them again.
    fn redraw(&mut self, over: &[String]) {
        if self.drawn == 0 && self.running.is_empty() && over.is_empty() {
            return;
        }
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}A\x1b[J", self.drawn);
        }
        for line in over {
            text.push_str(line);
            text.push('\n');
        }
        let width = width();
        // What has left the top of the screen cannot be drawn over.
        let shown = height() - 2;
        for running in self.running.iter().take(shown) {
            let time = seconds(u64::try_from(running.since.elapsed().as_millis()).unwrap_or(u64::MAX));
            let line = format!("  {} {time}  {}", running.name, running.doing);
            text.extend(line.chars().take(width - 1));
            text.push('\n');
        }
        self.drawn = self.running.len().min(shown);
        self.screen.print(&text);
    }
}

fn token(audience: &str) -> String {
    format!("token for {audience}")
}
