//! What a step type takes, gives and does, as data.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::value::Type;

/// Whether a step changes anything outside of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Computes from its arguments alone.
    Nothing,
    /// Reads; may be repeated freely.
    Reads,
    /// Changes something; asked for first, and written to the journal before and after.
    Changes,
}

impl Effect {
    /// The word for it in what tools read: `nothing`, `reads` or `changes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Reads => "reads",
            Self::Changes => "changes",
        }
    }
}

/// Whether a step keeps the response it got, as `body`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// It makes no call, or the response has no body: there is no `body`.
    None,
    /// `body` is the response; it inherits the marks of every argument.
    Plain,
    /// `body` is an argument given back, which brings its own marks.
    Echoed,
    /// `body` is the response, and sensitive.
    Sensitive,
}

/// One argument or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The documentation: Markdown, the first line one sentence.
    pub docs: &'static str,
    /// The type.
    pub ty: Type,
    /// For an argument, whether it must be given; for an output, whether it is never null.
    pub required: bool,
    /// For an output, whether it is sensitive whatever it was made from.
    pub sensitive: bool,
    /// For an output, the arguments that it is made from: it is sensitive or ephemeral where one of them is.
    pub from: &'static [&'static str],
}

/// What a step type takes, gives and does.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The name, such as `keyvault_secret`.
    pub name: &'static str,
    /// The documentation: Markdown, the first line one sentence.
    pub docs: &'static str,
    /// Whether it changes anything.
    pub effect: Effect,
    /// Whether doing it twice with the same arguments comes to the same as doing it once.
    pub idempotent: bool,
    /// Whether it can ask what there is before it makes its change.
    pub finds: bool,
    /// Whether it keeps the response.
    pub response: Response,
    /// What it takes.
    pub arguments: Vec<Field>,
    /// What it gives, beside `body` and `extract`.
    pub outputs: Vec<Field>,
}

impl Schema {
    /// The argument of that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Field> {
        self.arguments.iter().find(|field| field.name == name)
    }

    /// The output of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Field> {
        self.outputs.iter().find(|field| field.name == name)
    }

    /// The first line of the documentation.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.docs.lines().next().unwrap_or_default()
    }
}
