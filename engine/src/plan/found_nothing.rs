//! Records why queries of steps found nothing, before the responses are dropped.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::expression::{evaluate, given_by, texts};
use crate::graph::{Instance, ModuleId};
use crate::jmespath::{self, Nothing};
use crate::runbook::{Extract, Query};
use crate::value::{Data, Value};

use super::{EvalScope, State};

/// The largest number of notes for one step.
const MOST: usize = 1000;
/// A shorter text from outside hides only texts that are equal to it.
const SHORT: usize = 4;

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
}

impl State {
    /// Records notes about the entries of `extract` that are null or empty in the object of an instance of a step.
    pub(super) fn note_nothing(
        &mut self,
        module: ModuleId,
        step: usize,
        instance: &Instance,
        object: &Value,
    ) {
        let notes = self.notes(module, step, instance, object);
        if notes.is_empty() && self.nothing.of_step(module, step).is_empty() {
            return;
        }
        let kept = self.nothing.0.entry((module, step)).or_default();
        kept.retain(|note| note.instance != *instance);
        kept.extend(notes);
        kept.truncate(MOST);
    }

    fn notes(&self, module: ModuleId, step: usize, instance: &Instance, object: &Value) -> Vec<Note> {
        let Data::Object(entries) = object.data() else { return Vec::new() };
        let (Some(extracted), Some(body)) = (entries.get("extract"), entries.get("body")) else {
            return Vec::new();
        };
        // A step that was not run has no response.
        if body.is_null() {
            return Vec::new();
        }
        let Data::Object(extracted) = extracted.data() else { return Vec::new() };
        let runbook = self.runbook(module);
        let empty = runbook.steps[step].extract.iter().filter(|extract| {
            let is_nothing = |value: &Value| match value.data() {
                Data::Null(_) => true,
                Data::Tuple(elements) => elements.is_empty(),
                _ => false,
            };
            extracted.get(&extract.name.value).is_some_and(is_nothing)
        });
        let given = LazyCell::new(|| self.given_texts());
        let note = |extract: &Extract| Note {
            instance: instance.clone(),
            name: extract.name.value.clone(),
            nothing: Arc::new(Self::nothing_in(
                extract,
                body,
                &given,
                &self.step_scope(module, step, instance),
            )),
        };
        empty.map(note).collect()
    }

    /// Explains why an entry of `extract` found nothing, without the texts in `given`.
    fn nothing_in(extract: &Extract, body: &Value, given: &[String], scope: &EvalScope<'_>) -> Nothing {
        let may_tell = |text: &str| !given.iter().any(|given| shows(text, given));
        match &extract.query {
            Query::Constant(query) => query.nothing(body, &may_tell),
            Query::Computed(expression) => {
                // A value from outside may be in the query in any form.
                let is_given = given_by(expression, scope).is_some();
                let text = if is_given { None } else { evaluate(expression, scope).ok() };
                let text = text.filter(|text| !text.has_deep_marks());
                let query = text.and_then(|text| jmespath::Query::parse(text.as_str()?).ok());
                query.map(|query| query.nothing(body, &may_tell)).unwrap_or_default()
            }
        }
    }

    /// Returns all texts that were given from outside the runbook.
    fn given_texts(&self) -> Vec<String> {
        let variables = self.variables();
        let given = variables.iter().enumerate().filter(|(index, _)| self.given_by(*index).is_some());
        given.flat_map(|(_, value)| texts(value)).filter(|text| !text.is_empty()).collect()
    }
}

/// Returns true if `text` reveals a text from outside.
fn shows(text: &str, given: &str) -> bool {
    text == given || (given.chars().count() >= SHORT && text.contains(given))
}
