//! Asks the policies of an organisation about a runbook and its plan.
//!
//! A policy is a file in Rego, the language of Open Policy Agent, in its version 1. Its input is the plan and the runbook as
//! JSON; what its rules `deny` and `warn` give are the answers. No policy reads files or the network.

mod answer;
mod asked;
mod policies;
mod runbook_json;

pub use answer::{Answers, PolicyMessage};
pub use policies::{Policies, PolicyFile};
pub use runbook_json::runbook_json;
