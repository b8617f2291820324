//! Restores the identities of a run that is undone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{PriorRun, RecordedIdentity};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::Acting;
use crate::step::{ArgumentValues, Field, Identity, Registry};
use crate::value::Value;

/// The identities as which an undo acts, by address, or `machine`.
#[derive(Clone, Default)]
pub struct UndoIdentities(BTreeMap<String, Arc<dyn Identity>>);

impl UndoIdentities {
    /// Returns the identity of that address.
    #[must_use]
    pub fn get(&self, acts_as: &str) -> Option<Arc<dyn Identity>> {
        self.0.get(acts_as).cloned()
    }

    /// Returns the identities by address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<dyn Identity>)> {
        self.0.iter().map(|(acts_as, identity)| (acts_as.as_str(), identity))
    }

    /// Adds an identity.
    pub fn add(&mut self, acts_as: String, identity: Arc<dyn Identity>) {
        self.0.insert(acts_as, identity);
    }

    /// Restores the identities of these addresses that are not there yet, from the record of `prior_run`.
    ///
    /// No record has the secrets among their arguments: `given` returns the value of an environment variable.
    pub fn restore(
        &mut self,
        actors: &BTreeSet<&str>,
        prior_run: &PriorRun,
        registry: &Registry,
        given: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), Diagnostics> {
        let mut found = Diagnostics::new();
        for &acts_as in actors {
            if self.0.contains_key(acts_as) {
                continue;
            }
            let restored = match prior_run.identities.get(acts_as) {
                Some(recorded) => {
                    let given = |argument: &str| {
                        let name = variable(acts_as, argument, prior_run.identities.keys());
                        (given(&name), name)
                    };
                    identity(acts_as, recorded, registry, &given)
                }
                None => Err(unrecorded(acts_as).into()),
            };
            if let Some(identity) = found.take(restored) {
                self.add(acts_as.to_owned(), identity);
            }
        }
        found.or(())
    }
}

impl FromIterator<(String, Arc<dyn Identity>)> for UndoIdentities {
    fn from_iter<I: IntoIterator<Item = (String, Arc<dyn Identity>)>>(identities: I) -> Self {
        Self(identities.into_iter().collect())
    }
}

/// Shows the addresses only.
impl fmt::Debug for UndoIdentities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn identity(
    address: &str,
    recorded: &RecordedIdentity,
    registry: &Registry,
    given: &dyn Fn(&str) -> (Option<String>, String),
) -> Result<Arc<dyn Identity>, Diagnostics> {
    let kind = registry.identity(&recorded.kind).ok_or_else(|| unrecorded(address))?;
    let (mut arguments, mut found) = (ArgumentValues::new(), Diagnostics::new());
    for (name, shown) in recorded.arguments.iter() {
        let Some(field) = kind.schema().argument(name) else { continue };
        let known = shown.to_value().ok().filter(|_| shown.is_whole());
        let value = known.map_or_else(|| secret(address, field, given), Ok);
        let value =
            value.and_then(|value| field.convert(&value, address).map_err(|_| misfit(address, name).into()));
        if let Some(value) = found.take(value) {
            arguments.insert(name.into(), value);
        }
    }
    found.or(())?;
    kind.prepare(&arguments).map_err(|errors| {
        let errors = errors.into_iter().map(|error| {
            let name = error.argument().to_owned();
            Diagnostic::error("invalid-argument", format!("`{name}` of {address} {}", error.message))
                .maybe_help(error.help)
        });
        errors.collect::<Diagnostics>()
    })
}

/// Returns the value of a secret argument from the environment.
fn secret(
    address: &str,
    field: &Field,
    given: &dyn Fn(&str) -> (Option<String>, String),
) -> Result<Value, Diagnostics> {
    let (text, variable) = given(field.name);
    let text = text.ok_or_else(|| -> Diagnostics {
        let summary = format!("the record does not have the secret `{}` of {address}", field.name);
        Diagnostic::error("missing-secret", summary)
            .detail("The run acted as this identity, and so does its undo.")
            .help(format!("set the environment variable `{variable}` to it"))
            .into()
    })?;
    Ok(Value::from(text.as_str()))
}

fn misfit(address: &str, name: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", format!("`{name}` of {address} is of the wrong type"))
        .help("undo the changes with the arcbook that made them")
}

/// Returns the name of the environment variable with a secret argument:
/// `ARCBOOK_IDENTITY_CLIENT_SECRET_OPERATOR_SECRET`. If `all` has other identities of that name, it ends with a digest
/// of the address.
fn variable<'a>(address: &str, argument: &str, all: impl Iterator<Item = &'a String>) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name =
        |address: &str| -> String { format!("ARCBOOK_{address}_{argument}").chars().map(letter).collect() };
    let own = name(address);
    if all.filter(|other| name(other) == own).count() < 2 {
        return own;
    }
    let digest = format!("{:X}", Sha256::digest(address));
    format!("{own}_{}", &digest[..8])
}

fn unrecorded(address: &str) -> Diagnostic {
    let kind = if address == Acting::MACHINE { "this machine" } else { address };
    Diagnostic::error("cannot-undo", format!("the record does not describe the identity of {kind}"))
        .help("undo the changes with the arcbook that made them, or by hand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_identities_share_a_variable() {
        let all = ["identity.k.op", "identity.k.Op", "module.x-1[\"a\"].identity.k.i", "identity.k.other"];
        let all: Vec<String> = all.map(str::to_owned).into();
        let names: Vec<String> = all.iter().map(|address| variable(address, "secret", all.iter())).collect();
        assert_eq!(names[3], "ARCBOOK_IDENTITY_K_OTHER_SECRET");
        assert!(names[0].starts_with("ARCBOOK_IDENTITY_K_OP_SECRET_") && names[0] != names[1], "{names:?}");
    }
}
