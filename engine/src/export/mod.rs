//! Writes a plan as a script of bash, curl and jq.
//!
//! The script sends the requests of the plan. Where a request holds a result of an earlier step, the plan is made once more with
//! samples in place of the results: the places at which they appear become variables. A value that is more than a
//! result, or a step without a [counterpart](crate::step::Script), is refused, so that no script does something else than
//! the runbook.

mod block;
mod computed;
mod condition;
mod head;
mod kind;
mod leaf;
mod outputs;
mod prelude;
mod refusal;
mod request;
mod samples;
mod script;
mod subject;
mod word;

pub use script::bash;
