//! What takes its time before a run begins.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arcbook_engine::diagnostic::visible_line;
use serde_json::json;

use super::silence::{SILENCE, silence};
use super::words::length;
use crate::screen::Screen;

/// How often the time is drawn anew at a terminal.
const TICK: Duration = Duration::from_millis(200);

/// Says on standard error what is being done, when that takes long, until it is dropped.
///
/// It has a thread of its own: a huge plan keeps the program's only other one busy.
pub struct Phase {
    over: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Phase {
    /// `doing` is asked anew each time that it is said.
    pub fn begin(screen: &Screen, doing: impl Fn() -> String + Send + 'static) -> Self {
        Self::begin_quiet(screen, SILENCE, doing)
    }

    /// One that is said when it takes longer than `quiet`.
    pub fn begin_quiet(
        screen: &Screen,
        quiet: Duration,
        doing: impl Fn() -> String + Send + 'static,
    ) -> Self {
        if screen.quiet {
            return Self { over: None, thread: None };
        }
        let (over, ends) = mpsc::channel();
        let teller = Teller { screen: screen.clone(), began: Instant::now() };
        let thread = std::thread::spawn(move || {
            let is_watched = std::io::stderr().is_terminal();
            let is_drawn = !teller.screen.json && is_watched;
            let (mut wait, mut signs) = (quiet, 0);
            while ends.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                teller.tell(&doing(), is_drawn);
                signs += 1;
                wait = if is_drawn { TICK } else { silence(signs, is_watched) };
            }
            if is_drawn && wait == TICK {
                teller.screen.draw_note("");
            }
        });
        Self { over: Some(over), thread: Some(thread) }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.over = None;
        if let Some(thread) = self.thread.take() {
            // What it panicked with was told where it happened.
            let _ = thread.join();
        }
    }
}

struct Teller {
    screen: Screen,
    began: Instant,
}

impl Teller {
    fn tell(&self, doing: &str, is_drawn: bool) {
        let elapsed = self.began.elapsed();
        let line = format!("{}, {}", visible_line(doing), length(elapsed));
        if is_drawn {
            self.screen.draw_note(&line);
        } else if self.screen.json {
            let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            self.screen
                .note_object(&json!({ "event": "waiting", "elapsed_milliseconds": elapsed, "doing": doing }));
        } else {
            self.screen.note(&line);
        }
    }
}
