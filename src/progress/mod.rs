//! What the user sees of a run while it goes on: one observer for each kind of reader.

mod json;
mod live;
mod plain;
mod words;

use arcbook_engine::run::Observers;

pub use words::{plural, seconds};

use crate::screen::Screen;

/// The observer that suits whoever reads `screen`.
pub fn observe(screen: &Screen, observers: &mut Observers<'_>) {
    if screen.json {
        observers.add(json::Json::new(screen.clone()));
    } else if screen.is_live() {
        observers.add(live::Live::new(screen.clone()));
    } else {
        observers.add(plain::Plain::new(screen.clone()));
    }
}
