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

pub use background::{Background, Reader};
pub use phase::Phase;
pub use words::{plural, seconds};

use crate::screen::Screen;

/// The observer that suits whoever reads `screen`.
pub fn observe(screen: &Screen, observers: &mut Observers<'_>) {
    if screen.json {
        observers.add(Background::new(json::Json::new(screen.clone())));
    } else if screen.is_live() {
        observers.add(Background::new(live::Live::new(screen.clone())));
    } else {
        observers.add(Background::new(plain::Plain::new(screen.clone())));
    }
}
