//! Describes the sources of secrets.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::plan::secrets_of::RUNBOOK;
use crate::plan::{Plan, PlannedStep};
use crate::redact::Redact;
use crate::step::{ActionKind, Effect, Text, Title};

/// The source of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct SecretSource {
    /// The kind.
    pub kind: SourceKind,
    /// The value, such as `step.keyvault_secret.db.value` or `var.password`.
    pub origin: String,
    /// The object that the step reads or changes, if the source is a step.
    #[serde(default, skip_serializing_if = "Title::is_empty")]
    pub object: Title,
}

impl SecretSource {
    /// Returns the token of an identity, which a step takes.
    pub(super) fn token(identity: &str, audience: &Text) -> Self {
        let object = Title::new("token").placed(format!("for {audience}"));
        Self { kind: SourceKind::Token, origin: identity.to_owned(), object }
    }
}

/// The kind of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A step reads it.
    Read,
    /// A step that changes something returns it.
    Returned,
    /// A step makes it without asking anybody, such as a random value.
    Made,
    /// A step takes a token as a value.
    Token,
    /// The user gives it as a variable.
    Given,
    /// The runbook itself writes it, or declares it.
    Written,
}

impl SourceKind {
    /// Returns the verb, such as `read by`.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Read => "read by",
            Self::Returned => "returned by",
            Self::Made => "made by",
            Self::Token => "token of",
            Self::Given => "given as",
            Self::Written => "written in",
        }
    }
}

/// The planned steps by address, to find the sources of secrets.
pub(super) struct Sources<'a>(HashMap<&'a str, &'a PlannedStep>);

impl<'a> Sources<'a> {
    pub fn of(plan: &'a Plan) -> Self {
        Self(plan.steps.iter().map(|step| (step.address.as_str(), step)).collect())
    }

    /// Describes an origin of marks.
    pub fn source(&self, origin: &str) -> SecretSource {
        let step = self.step(origin);
        let kind = match step {
            Some(step) if step.actions.iter().any(|action| matches!(action.kind, ActionKind::Token(_))) => {
                SourceKind::Token
            }
            Some(step) => match step.effect {
                Effect::Nothing => SourceKind::Made,
                Effect::Reads => SourceKind::Read,
                Effect::Changes => SourceKind::Returned,
            },
            None if origin.starts_with("var.") || origin.contains(".var.") => SourceKind::Given,
            None => SourceKind::Written,
        };
        let origin = if step.is_none() && origin == "sensitive()" { RUNBOOK } else { origin };
        let object = step.map(|step| step.title.clone()).unwrap_or_default();
        SecretSource { kind, origin: origin.to_owned(), object }
    }

    /// Returns the step of an origin such as `step.keyvault_secret.db["a.b"].value`: the longest beginning that is one.
    fn step(&self, origin: &str) -> Option<&'a PlannedStep> {
        let mut address = origin;
        loop {
            if let Some(step) = self.0.get(address) {
                return Some(step);
            }
            address = &address[..address.rfind(['.', '['])?];
        }
    }
}
