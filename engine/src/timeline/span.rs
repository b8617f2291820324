//! A span of time.

use serde_json::Value as Json;

use crate::redact::Redact;

/// Something of a run that took time. Times are microseconds since the run began.
#[derive(Clone, Debug, PartialEq, Redact)]
pub struct Span {
    /// Its number in the run; the run itself is 0.
    pub id: u64,
    /// The span that it is a part of; none for the run.
    pub parent: Option<u64>,
    /// What it is.
    pub kind: Kind,
    /// Its name: an address, or method and URL.
    pub name: String,
    /// When it began.
    pub began: u64,
    /// When it ended; not before it began.
    pub ended: u64,
    /// Why it failed, when it did.
    pub failure: Option<String>,
    /// The step or token that it waited for last.
    pub after: Option<u64>,
    /// What else is known of it: members of its events, by their names.
    pub facts: Vec<(&'static str, Json)>,
    /// What happened meanwhile.
    pub marks: Vec<Mark>,
}

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Redact)]
pub enum Kind {
    /// The run.
    Run,
    /// Getting a token.
    Token,
    /// A step, all attempts and the pauses between them.
    Step,
    /// One attempt at a step that was tried more than once.
    Attempt,
    /// A request until it was answered.
    Request,
}

impl Kind {
    /// `run`, `token`, `step`, `attempt`, `request`.
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

/// Something that happened at one moment.
#[derive(Clone, Debug, PartialEq, Redact)]
pub struct Mark {
    /// When.
    pub at: u64,
    /// The name of the event.
    pub event: String,
    /// What it is about, or why.
    pub text: String,
}

impl Span {
    /// One that begins, and has not taken any time yet.
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

    /// The fact of that name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Json> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, fact)| fact)
    }

    /// Notes those members of an event that it has.
    pub(super) fn note(&mut self, record: &Json, members: &[&'static str]) {
        let known = members.iter().filter_map(|&name| Some((name, record.get(name)?.clone())));
        self.facts.extend(known);
    }
}
