//! Sets the results of steps, and notes why their queries found nothing before the responses are dropped.

use std::cell::LazyCell;
use std::sync::Arc;

use crate::expression::{evaluate, given_by, texts};
use crate::graph::{Instance, ModuleId};
use crate::jmespath::{self, Nothing};
use crate::runbook::{Extract, Query};
use crate::value::{Data, Value};

use super::found_nothing::Note;
use super::{EvalScope, State};

/// A shorter text from outside hides only texts that are equal to it.
const SHORT: usize = 4;

impl State {
    /// Sets the result of an instance of a step, with a note about each entry of its `extract` that is null or empty.
    pub fn set_step(&mut self, module: ModuleId, step: usize, instance: &Instance, value: Value) {
        let notes = self.notes(module, step, instance, &value);
        self.nothing.replace(module, step, instance, notes);
        self.store_step(module, step, instance, value);
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
