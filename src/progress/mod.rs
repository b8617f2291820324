//! What the user sees while something goes on: one reader of events for each kind of user, and what tells of the time
//! before there are events.

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

/// Adds the observer that suits whoever reads `screen`; gives what is to be waited for when the observers are gone.
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
