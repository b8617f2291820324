//! For tools: one JSON object an event.

use std::sync::Arc;

use arcbook_engine::run::{Observer, Record};

use crate::screen::Screen;

pub struct Json(Screen);

impl Json {
    pub fn new(screen: Screen) -> Self {
        Self(screen)
    }
}

impl Observer for Json {
    fn observe(&mut self, record: &Arc<Record>) {
        self.0.object(record);
    }
}
