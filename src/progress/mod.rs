//! What the user sees of a run while it goes on: one observer for each kind of reader.

mod background;
mod json;
mod live;
mod plain;
mod words;

use arcbook_engine::run::Observers;

use background::Background;
pub use words::{plural, seconds};

use crate::screen::Screen;

/// The observer that suits whoever reads `screen`.
pub fn observe(screen: &Screen, observers: &mut Observers<'_>) {
    if screen.json {
        observers.add(Background::new(json::Json::new(screen.clone())));
    } else if screen.is_live() {
        observers.add(live::Live::new(screen.clone()));
    } else {
        observers.add(Background::new(plain::Plain::new(screen.clone())));
    }
}
