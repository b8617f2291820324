//! Progress output: one reader of events for each kind of output, and the phases before a run.

mod background;
mod board;
mod json;
mod live;
mod phase;
mod plain;
mod silence;
mod words;

use arcbook_engine::run::Observers;

pub use background::{Background, Backlog, Reader};
pub use phase::Phase;
pub use words::{plural, seconds};

use crate::screen::Screen;

/// Adds the observer for the kind of `screen`; returns the backlog to wait for once the observers are
/// dropped.
pub fn observe(screen: &Screen, observers: &mut Observers<'_>) -> Backlog {
    if screen.quiet {
        return Backlog::none();
    }
    let (display, backlog) = if screen.json {
        Background::begin(json::Json::new(screen.clone()))
    } else if screen.is_live() {
        Background::begin(live::Live::new(screen.clone()))
    } else {
        Background::begin(plain::Plain::new(screen.clone()))
    };
    observers.add(display);
    backlog
}
