//! Collects the values that an error message shows.

use super::Evaluator;
use crate::diagnostic::{Diagnostic, Shown};
use crate::syntax::{Expression, ExpressionKind, Reference, Segment};
use crate::value::{Data, Marks, Value, attribute, index, show_inline};

/// The maximum number of characters shown of a value.
const MAX_WIDTH: usize = 60;

impl Evaluator<'_> {
    /// Adds the values of the references in `expression`.
    pub(super) fn explain(&self, mut error: Diagnostic, expression: &Expression) -> Diagnostic {
        for shown in self.seen(expression) {
            if !error.values.contains(&shown) {
                error.values.push(shown);
            }
        }
        self.because(error, expression)
    }

    /// Returns the values of the references in `expression`.
    pub(super) fn seen(&self, expression: &Expression) -> Vec<Shown> {
        expression.references().iter().filter_map(|reference| self.shown(reference)).collect()
    }

    /// Returns the marks of everything that `expression` refers to, for unknown results.
    pub(super) fn marks_within(&self, expression: &Expression) -> Marks {
        let values =
            expression.references().into_iter().filter_map(|reference| self.known_prefix(&reference));
        let mut marks: Marks = values.map(|(_, value)| value.deep_marks()).collect();
        if calls_sensitive(expression) {
            marks.add(&Marks::sensitive("sensitive"));
        }
        marks
    }

    fn shown(&self, reference: &Reference) -> Option<Shown> {
        let (used, value) = self.known_prefix(reference)?;
        let steps = reference.path[..used].iter().map(ToString::to_string);
        let expression = std::iter::once(reference.root.value.to_string()).chain(steps).collect();
        let phrase = match self.given_by(reference) {
            Some(origin) if !value.is_marked() => phrase_of_given(&value, &origin),
            _ => phrase(&value),
        };
        Some(Shown { expression, phrase })
    }

    /// Returns the value of the longest valid prefix of a reference, and its number of segments.
    pub(super) fn known_prefix(&self, reference: &Reference) -> Option<(usize, Value)> {
        let bound = self.bound_value(&reference.root.value).map(|value| (value, 0));
        let (mut value, mut used) =
            bound.or_else(|| Some(self.scope.resolve(reference).ok()?.value(&reference.path)))?;
        while let Some(segment) = reference.path.get(used) {
            let Some(inside) = step(&value, segment) else { break };
            value = inside;
            used += 1;
        }
        Some((used, value))
    }
}

fn step(value: &Value, segment: &Segment) -> Option<Value> {
    match segment {
        Segment::Attribute(name) => attribute(value, &name.value).ok(),
        Segment::Index(key) => index(value, &key.value.to_value()).ok(),
    }
}

/// Describes a value as a phrase after an expression: `is "west"`.
///
/// A marked value is hidden, and a structure is described only by its size.
pub(super) fn phrase(value: &Value) -> String {
    match value.data() {
        _ if value.is_sensitive() => "is a sensitive value".to_owned(),
        _ if value.is_marked() => "is an ephemeral value".to_owned(),
        Data::Null(_) => "is null".to_owned(),
        Data::Unknown(unknown) => format!("is {}", unknown.origins),
        Data::Bool(_) | Data::Number(_) | Data::String(_) => format!("is {}", show_inline(value, MAX_WIDTH)),
        Data::List(ty, all) => format!("is a list of {}", counted(all.len(), &ty.friendly_name())),
        Data::Set(ty, all) => format!("is a set of {}", counted(all.len(), &ty.friendly_name())),
        Data::Map(ty, all) => format!("is a map of {}", counted(all.len(), &ty.friendly_name())),
        Data::Tuple(all) => format!("is a tuple of {}", counted(all.len(), "element")),
        Data::Object(all) => format!("is an object with {}", counted(all.len(), "attribute")),
    }
}

/// Describes a value from outside the runbook, given by `origin`: only by its type and size.
fn phrase_of_given(value: &Value, origin: &str) -> String {
    let what = match value.data() {
        Data::Bool(_) | Data::Number(_) | Data::String(_) => format!("is {}", value.ty().with_article()),
        _ => phrase(value),
    };
    format!("{what}, given by {origin}")
}

fn counted(count: usize, noun: &str) -> String {
    // The plural of a compound noun such as `list of string` changes its first word.
    let noun = if noun == "dynamic" { "element" } else { noun };
    match (count, noun.split_once(' ')) {
        (1, _) => format!("1 {noun}"),
        (_, None) => format!("{count} {noun}s"),
        (_, Some((first, rest))) => format!("{count} {first}s {rest}"),
    }
}

/// Returns true if the expression makes a value sensitive by itself.
fn calls_sensitive(expression: &Expression) -> bool {
    let mut found = false;
    expression.walk(&mut |part| {
        found |= matches!(&part.kind, ExpressionKind::Call(call) if call.function() == "sensitive");
    });
    found
}
