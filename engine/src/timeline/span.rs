//! Defines spans of time.

use serde_json::Value as Json;

use crate::redact::Redact;

/// A part of a run with a duration. Times are in microseconds since the start of the run.
#[derive(Clone, Debug, PartialEq, Redact)]
pub struct Span {
    /// The ID within the run; the run itself is 0.
    pub id: u64,
    /// The parent span; none for the run.
    pub parent: Option<u64>,
    /// The kind.
    pub kind: Kind,
    /// The name: an address, or a method and URL.
    pub name: String,
    /// The start.
    pub began: u64,
    /// The end; not before the start.
    pub ended: u64,
    /// The error message, if it failed.
    pub failure: Option<String>,
    /// The last step or token that it waited for.
    pub after: Option<u64>,
    /// Further facts: members of its events, by their names.
    pub facts: Vec<(&'static str, Json)>,
    /// The events during the span.
    pub marks: Vec<Mark>,
}

/// The kind of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Redact)]
pub enum Kind {
    /// A run.
    Run,
    /// A token request.
    Token,
    /// A step, including all attempts and the pauses between them.
    Step,
    /// One attempt of a step with several attempts.
    Attempt,
    /// A request until its response.
    Request,
}

impl Kind {
    /// Returns `run`, `token`, `step`, `attempt` or `request`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Token => "token",
            Self::Step => "step",
            Self::Attempt => "attempt",
            Self::Request => "request",
        }
    }
}

/// An event without duration.
#[derive(Clone, Debug, PartialEq, Redact)]
pub struct Mark {
    /// The time.
    pub at: u64,
    /// The name of the event.
    pub event: String,
    /// The subject or the reason.
    pub text: String,
}

impl Span {
    /// Returns a span that begins, with no duration yet.
    pub(super) fn new(id: u64, parent: Option<u64>, kind: Kind, name: String, began: u64) -> Self {
        Self {
            id,
            parent,
            kind,
            name,
            began,
            ended: began,
            failure: None,
            after: None,
            facts: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Returns the fact with that name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Json> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, fact)| fact)
    }

    /// Adds a fact under the name of the member of the event.
    pub(super) fn note(&mut self, name: &'static str, fact: impl Into<Json>) {
        self.facts.push((name, fact.into()));
    }
}
