//! Calls functions: evaluates and checks the arguments.

use std::ops::Range;

use super::super::SearchError;
use super::super::budget::Traits;
use super::super::node::{Call, Node};
use super::super::search::Search;
use super::super::view::View;
use super::function::Function;
use super::parameter::{Fit, Sort, fit};
use crate::value::{Entries, Marks, Number, NumberError, Type, Value};

/// The arguments of a call. The values match the parameters, so the accessors by position always find the
/// declared type; otherwise they return an empty value.
pub(in super::super) struct Arguments<'a> {
    pub(super) search: &'a mut Search,
    pub(super) values: &'a [Value],
    expression: Option<&'a Node>,
    function: &'static Function,
    name: &'a Range<usize>,
    pub(super) traits: Traits,
}

impl Search {
    /// Evaluates a call; the result is unknown if an argument that the function needs is.
    pub(in super::super) fn call(&mut self, call: &Call, current: &Value) -> Result<Value, SearchError> {
        let values = call.arguments.iter().map(|node| self.evaluate(node, current));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let traits = self.budget.traits_of(&values)?;
        let mut is_known = true;
        let parameters =
            (0..).map(|at| call.function.parameter(at)).filter(|sorts| !sorts.contains(&Sort::Expression));
        for ((at, value), sorts) in values.iter().enumerate().zip(parameters) {
            match fit(sorts, value) {
                Fit::Yes => {}
                Fit::Unknown => is_known = false,
                Fit::No => return Err(mismatch(call, at, sorts, value)),
            }
        }
        if !is_known {
            return Ok(traits.unknown(call.function.gives.clone()));
        }
        let expression = call.expression.as_deref();
        let (function, name) = (call.function, &call.name);
        (function.apply)(&mut Arguments { search: self, values: &values, expression, function, name, traits })
    }
}

fn mismatch(call: &Call, at: usize, sorts: &[Sort], value: &Value) -> SearchError {
    let wanted: Vec<_> = sorts.iter().map(|sort| sort.name()).collect();
    let name = call.function.name;
    let which =
        if call.arguments.len() > 1 { format!("argument {}", at + 1) } else { "its argument".to_owned() };
    let message = format!("`{name}` needs {}, but {which} is {}", wanted.join(" or "), described(value));
    SearchError::Argument { offset: call.name.clone(), message }
}

/// Describes a value by its type, never by its content.
pub(super) fn described(value: &Value) -> String {
    let sort = |value: &Value| match View::of(value).type_name() {
        None => "not known yet".to_owned(),
        Some("null") => "null".to_owned(),
        Some(name @ ("array" | "object")) => format!("an {name}"),
        Some(name) => format!("a {name}"),
    };
    match View::of(value) {
        View::Array(elements) => {
            let mut sorts: Vec<_> = elements.iter().map(sort).collect();
            sorts.sort_unstable();
            sorts.dedup();
            sorts.truncate(3);
            let inside = if sorts.is_empty() { "nothing".to_owned() } else { sorts.join(" and ") };
            format!("an array with {inside} in it")
        }
        _ => sort(value),
    }
}

impl<'a> Arguments<'a> {
    /// Adds the marks of all arguments and their contents to `value`.
    pub(super) fn marked(&self, value: impl Into<Value>) -> Value {
        value.into().with_marks(&self.traits.marks)
    }

    /// Returns an unknown result with the traits of the arguments.
    pub(super) fn unknown(&self) -> Value {
        self.traits.unknown(self.function.gives.clone())
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
        SearchError::Argument {
            offset: self.name.clone(),
            message: format!("`{}` {message}", self.function.name),
        }
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
