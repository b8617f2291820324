//! Says what a plan permits.

use serde::{Deserialize, Serialize};

use crate::diff::{Access, FileUse, HeldPermission, Host, Program, SecretEnd, Statement};
use crate::graph::Acting;
use crate::plan::{ListedStep, Listing};

/// Everything that a run of a plan may do outside of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permits {
    /// The identities that act, in words.
    pub identities: Vec<String>,
    /// The permissions that they need, with their scopes.
    pub permissions: Vec<HeldPermission>,
    /// The hosts that the run contacts, and the tokens that they receive.
    pub hosts: Vec<Host>,
    /// The ends of secrets.
    pub secrets: Vec<SecretEnd>,
    /// The files that steps use.
    pub files: Vec<FileUse>,
    /// The programs that steps start.
    pub programs: Vec<Program>,
    /// The statements that steps execute in databases.
    pub statements: Vec<Statement>,
}

impl Permits {
    /// Sums up a plan.
    #[must_use]
    pub fn of(listing: &Listing) -> Self {
        let Access { permissions, hosts, secrets, files, programs, statements } = Access::of(listing);
        let declared = listing.identities.iter().filter(|identity| identity.acts);
        let declared = declared.map(|identity| format!("{}: {}", identity.address, identity.source));
        let of_machine = |step: &ListedStep| step.acts_as.as_deref() == Some(Acting::MACHINE);
        let machine = listing.record.is_some() || listing.steps.iter().any(of_machine);
        let machine = machine.then(|| listing.identity.clone());
        Self {
            identities: machine.into_iter().chain(declared).collect(),
            permissions: permissions.into_keys().collect(),
            hosts: hosts.into_keys().collect(),
            secrets: secrets.into_keys().collect(),
            files: files.into_keys().collect(),
            programs: programs.into_keys().collect(),
            statements: statements.into_keys().collect(),
        }
    }
}
