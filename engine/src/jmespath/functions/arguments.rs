//! Provides the arguments of a call to the body of a function.

use std::ops::Range;

use super::super::SearchError;
use super::super::budget::Traits;
use super::super::node::Node;
use super::super::search::Search;
use super::super::view::View;
use crate::value::{Entries, Marks, Number, NumberError, Type, Value};

/// The arguments of a call. The values match the parameters, so the accessors by position always find the
/// declared type; otherwise they return an empty value.
pub(in super::super) struct Arguments<'a> {
    pub(super) search: &'a mut Search,
    pub(super) values: &'a [Value],
    /// The expression argument, if the function takes one.
    pub(super) expression: Option<&'a Node>,
    /// The name of the function.
    pub(super) function: &'static str,
    /// The type of an unknown result.
    pub(super) gives: &'static Type,
    /// The place of the function's name in the query.
    pub(super) name: &'a Range<usize>,
    pub(super) traits: Traits,
}

impl<'a> Arguments<'a> {
    /// Adds the marks of all arguments and their contents to `value`.
    pub(super) fn marked(&self, value: impl Into<Value>) -> Value {
        value.into().with_marks(&self.traits.marks)
    }

    /// Returns an unknown result with the traits of the arguments.
    pub(super) fn unknown(&self) -> Value {
        self.traits.unknown(self.gives.clone())
    }

    pub(super) fn number(&self, at: usize) -> Number {
        match View::of(&self.values[at]) {
            View::Number(number) => number.clone(),
            _ => Number::ZERO,
        }
    }

    /// Returns an integer; none if the argument is missing. A number that is too large saturates.
    pub(super) fn integer(&self, at: usize) -> Result<Option<i64>, SearchError> {
        if at >= self.values.len() {
            return Ok(None);
        }
        let number = self.number(at);
        if !number.is_integer() {
            return Err(self.error(&format!("needs a whole number, but argument {} has a fraction", at + 1)));
        }
        let limit = if number.is_negative() { i64::MIN } else { i64::MAX };
        Ok(Some(number.to_i64().unwrap_or(limit)))
    }

    /// Returns a non-negative integer; none if the argument is missing.
    pub(super) fn count(&self, at: usize) -> Result<Option<usize>, SearchError> {
        let Some(count) = self.integer(at)? else { return Ok(None) };
        match usize::try_from(count) {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(self.error(&format!("counts, so argument {} cannot be negative", at + 1))),
        }
    }

    /// Returns a string; empty if the argument is missing.
    pub(super) fn text(&self, at: usize) -> &'a str {
        self.values.get(at).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn elements(&self, at: usize) -> &'a [Value] {
        match View::of(&self.values[at]) {
            View::Array(elements) => elements,
            _ => &[],
        }
    }

    pub(super) fn entries(&self, at: usize) -> Option<&'a Entries> {
        match View::of(&self.values[at]) {
            View::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the marks of an argument, without those of its contents.
    pub(super) fn own_marks(&self, at: usize) -> &'a Marks {
        self.values[at].marks()
    }

    pub(super) fn evaluate(&mut self, element: &Value) -> Result<Value, SearchError> {
        match self.expression {
            Some(node) => self.search.evaluate(node, element),
            None => Ok(Value::NULL),
        }
    }

    /// Returns an error about the arguments that only the function itself can detect.
    pub(super) fn error(&self, message: &str) -> SearchError {
        SearchError::Argument { offset: self.name.clone(), message: format!("`{}` {message}", self.function) }
    }

    /// Returns the number with all marks, or its error.
    pub(super) fn result(&self, number: Result<Number, NumberError>) -> Result<Value, SearchError> {
        let number = number.map_err(|error| SearchError::Number { offset: self.name.clone(), error })?;
        Ok(self.marked(number))
    }

    /// Returns an unknown result with the traits of the arguments and `more`.
    pub(super) fn unknown_with(&self, more: &Traits) -> Value {
        let mut traits = self.traits.clone();
        traits.add(more);
        traits.unknown(Type::Any)
    }
}
