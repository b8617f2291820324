//! Keeps why queries of steps found nothing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::{Instance, ModuleId};
use crate::jmespath::Nothing;

/// The largest number of notes for one step.
const MOST: usize = 1000;

/// The notes for each step.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundNothing(HashMap<(ModuleId, usize), Vec<Note>>);

/// A note about an entry of an `extract` that is null or empty.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub instance: Instance,
    /// The name of the entry.
    pub name: Arc<str>,
    pub nothing: Arc<Nothing>,
}

impl FoundNothing {
    /// Returns the notes for a step.
    pub fn of_step(&self, module: ModuleId, step: usize) -> &[Note] {
        self.0.get(&(module, step)).map_or(&[], Vec::as_slice)
    }

    /// Replaces the notes for an instance of a step.
    pub fn replace(&mut self, module: ModuleId, step: usize, instance: &Instance, notes: Vec<Note>) {
        if notes.is_empty() && self.of_step(module, step).is_empty() {
            return;
        }
        let kept = self.0.entry((module, step)).or_default();
        kept.retain(|note| note.instance != *instance);
        kept.extend(notes);
        kept.truncate(MOST);
    }
}
