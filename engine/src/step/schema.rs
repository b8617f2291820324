//! Describes a step type as data.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::value::{Origins, TextKind, Type, Value};

use super::{Accepts, Group, Power, Sink};

/// The effect of a step outside the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The step only computes from its arguments.
    Nothing,
    /// The step reads; it may be repeated freely.
    Reads,
    /// The step changes something; the journal records it before and after.
    Changes,
}

impl Effect {
    /// Returns the JSON name of the effect: `nothing`, `reads` or `changes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Reads => "reads",
            Self::Changes => "changes",
        }
    }
}

/// The treatment of the response as the output `body`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// There is no `body`: the step makes no call, or the response is empty.
    None,
    /// `body` is the response; it inherits the marks of every argument.
    Plain,
    /// `body` is the response; it inherits the marks of these arguments, and cannot contain any other.
    Of(&'static [&'static str]),
    /// `body` is an argument returned as it is, with its own marks.
    Echoed,
    /// `body` is the response, and sensitive.
    Sensitive,
}

/// An argument or output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The documentation: Markdown, with one sentence as the first line.
    pub docs: &'static str,
    /// The type.
    pub ty: Type,
    /// For an argument, the accepted values beyond their type.
    pub accepts: Accepts,
    /// For an argument, true if it is required; for an output, true if it is never null.
    pub required: bool,
    /// True if it is always sensitive.
    pub sensitive: bool,
    /// For an output, true if it lives as long as the run: no record holds it, and another run makes another one.
    pub ephemeral: bool,
    /// For an output, true if it says something about the change that is no secret by itself, such as a file mode: in a
    /// sensitive step it is hidden, and its text is not searched for elsewhere.
    pub is_fact: bool,
    /// For an output, the arguments that it is derived from, whose marks it inherits.
    pub from: &'static [&'static str],
    /// For an output, the kind of its text.
    pub kind: TextKind,
    /// For an output, the member of the response that it is, if it is one: a record holds it once, in `body`.
    pub body: Option<&'static str>,
    /// For an argument, the place where its value ends.
    pub sink: Sink,
}

impl Field {
    /// Returns the value while it is unknown.
    #[must_use]
    pub fn unknown(&self, origins: &Origins) -> Value {
        Value::unknown(self.ty.clone(), origins.clone()).of_kind(self.kind)
    }
}

/// The schema of a step type.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Schema {
    /// The name, such as `keyvault_secret`.
    pub name: &'static str,
    /// The documentation: Markdown, with one sentence as the first line.
    pub docs: &'static str,
    /// A runbook that uses the step type.
    pub example: &'static str,
    /// The effect; the worst one if it depends on the arguments.
    pub effect: Effect,
    /// True if repeating the step with the same arguments never has a further effect.
    pub idempotent: bool,
    /// True if the step can query the existing state before its change.
    pub finds: bool,
    /// The treatment of the response.
    pub response: Response,
    /// True if the response is a list that leaves out the resources that the identity may not read.
    pub lists: bool,
    /// True if a step has a purpose although it changes nothing and nobody reads its results: it waits, or it may fail.
    pub has_own_purpose: bool,
    /// The decisions of the arguments beyond the actions.
    pub power: Power,
    /// The arguments.
    pub arguments: Vec<Field>,
    /// The rules about several arguments.
    pub groups: &'static [Group],
    /// The outputs, other than `body` and `extract`.
    pub outputs: Vec<Field>,
}

impl Schema {
    /// Returns the argument with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Field> {
        self.arguments.iter().find(|field| field.name == name)
    }

    /// Returns the output with that name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Field> {
        self.outputs.iter().find(|field| field.name == name)
    }

    /// Returns the first line of the documentation.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.docs.lines().next().unwrap_or_default()
    }
}
