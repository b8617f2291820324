//! Examines what a run needs of this machine, its network and its identity, and changes nothing.
//!
//! [`CHECKS`] lists every check: its id, its meaning, and the checks that must not have failed before it. One file makes the
//! findings of one family, and asks `Examination::begin` first, which leaves out a check whose conditions failed.
//! A token goes to hosts of its own audience only: every request with one is an action that a session sends.

mod agent;
mod case;
mod checks;
mod clock;
mod endpoint;
mod examination;
mod finding;
mod identity;
mod network;
mod propagation;
mod provider;
mod records;
mod rights;
mod service;

use std::sync::Arc;

use arcbook_engine::redact::Secrets;

use crate::azure::Azure;
use examination::Examination;

pub use case::Case;
pub use checks::{CHECKS, Check};
pub use finding::{Finding, Status};

/// Examines this machine for `case`; returns the findings in the order of [`CHECKS`].
///
/// Every token that is received is among `secrets` before its first use.
pub async fn examine(azure: &Arc<Azure>, case: &Case, secrets: &Secrets) -> Vec<Finding> {
    let mut examination = Examination::new(azure, case, secrets);
    let it = &mut examination;
    agent::address(it);
    agent::installed(it);
    service::check(it).await;
    agent::port(it).await;
    agent::machine(it).await;
    network::settings(it).await;
    endpoint::check(it).await;
    endpoint::discovery(it);
    identity::check(it).await;
    clock::check(it);
    provider::check(it).await;
    rights::machine(it).await;
    rights::runbook(it).await;
    records::check(it).await;
    examination.finish()
}
