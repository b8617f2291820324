//! Defines the kinds of parameters.

use super::super::view::View;
use crate::value::Value;

/// A kind of value that a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Sort {
    /// Any value, even an unknown one.
    Any,
    Number,
    Text,
    Array,
    Object,
    /// An array of numbers.
    Numbers,
    /// An array of strings.
    Texts,
    /// An expression, written `&expression`.
    Expression,
}

/// The result of matching a value with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// The value is unknown, or contains unknown parts that the match depends on.
    Unknown,
}

impl Sort {
    /// Returns the name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Numbers => "an array of numbers",
            Self::Texts => "an array of strings",
            Self::Expression => "an expression",
        }
    }

    /// Returns the name in an example of a call.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Number => "number",
            Self::Text => "string",
            Self::Array | Self::Numbers | Self::Texts => "array",
            Self::Object => "object",
            Self::Expression => "&expression",
        }
    }

    fn fit(self, value: &Value) -> Fit {
        let elements = |sort: Self| match View::of(value) {
            View::Array(elements) => {
                let fits = || elements.iter().map(|element| sort.fit(element));
                if fits().any(|fit| fit == Fit::No) {
                    Fit::No
                } else if fits().any(|fit| fit == Fit::Unknown) {
                    Fit::Unknown
                } else {
                    Fit::Yes
                }
            }
            _ => Fit::No,
        };
        match (self, View::of(value)) {
            (Self::Any, _)
            | (Self::Number, View::Number(_))
            | (Self::Text, View::Text(_))
            | (Self::Array, View::Array(_))
            | (Self::Object, View::Object(_)) => Fit::Yes,
            (_, View::Unknown) => Fit::Unknown,
            (Self::Numbers, _) => elements(Self::Number),
            (Self::Texts, _) => elements(Self::Text),
            _ => Fit::No,
        }
    }
}

/// Matches `value` with the accepted kinds.
pub(super) fn fit(sorts: &[Sort], value: &Value) -> Fit {
    let fits = || sorts.iter().map(|sort| sort.fit(value));
    [Fit::Yes, Fit::Unknown].into_iter().find(|wanted| fits().any(|fit| fit == *wanted)).unwrap_or(Fit::No)
}
