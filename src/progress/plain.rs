//! For files and pipes: one plain line an event.

use std::sync::Arc;

use arcbook_engine::run::{Observer, Record};

use super::words::words;
use crate::screen::Screen;

pub struct Plain(Screen);

impl Plain {
    pub fn new(screen: Screen) -> Self {
        Self(screen)
    }
}

impl Observer for Plain {
    fn observe(&mut self, record: &Arc<Record>) {
        if let Some(line) = words(&record.event) {
            self.0.line(&line);
        }
    }
}
