//! Plans a runbook: evaluates it without side effects and lists the requests that a run would make.
//!
//! [`make`] evaluates everything that can be evaluated without the network: the result of a step is an
//! unknown value of the type in its schema. The run uses the same evaluation with the real results.

mod address;
mod arguments;
mod concurrency;
mod control;
mod count;
mod ephemeral;
mod eval_scope;
mod evaluate;
mod expand;
mod expander;
pub mod file;
mod fingerprint;
mod found_nothing;
mod given;
mod index;
mod instance_map;
mod known_results;
mod listing;
mod make;
mod marking;
mod pending;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod plan;
mod plan_secrets;
mod planned_change;
mod provenance;
mod recorded;
mod register;
mod repeated_change;
mod repetition;
mod rule;
mod secret_flow;
mod secrets_of;
mod selection;
mod sent_file;
mod show;
mod shown_value;
mod state;
mod step_result;
mod target_filter;
mod touches;
mod when;
mod why_nothing;

pub use address::{Address, shape};
pub use arguments::{arguments, prepare};
pub use concurrency::{Concurrency, Limit, LimitId, Limited};
pub use control::{Retry, RetryOn, StepLimits, Until, When, limits};
pub use eval_scope::EvalScope;
pub use expand::{expand_block, instances};
pub use fingerprint::Fingerprints;
pub use given::object;
pub use index::{AddressIndex, StepIndex};
pub use instance_map::{InstanceMap, Instances, Later};
pub use known_results::{Answered, KnownResult, KnownResults, Source};
pub use listing::{ListedAnswers, ListedStep, Listing};
pub use make::{check, make, outline, value};
pub use marking::{ArgumentMarks, Marking};
pub use pending::{nothing, object as pending};
pub use plan::{Plan, PlannedOutput, PlannedStep, PlannedToken};
pub use plan_secrets::register_plan_secrets;
pub use planned_change::PlannedChange;
pub use recorded::Recorded;
pub use register::register_secrets;
pub use rule::{Subject, check_all, holds};
pub use secret_flow::SecretFlow;
pub use secrets_of::{secrets_of, secrets_of_output};
pub use selection::{LeftOut, Selection, SelectionFacts, abridged};
pub use sent_file::SentFile;
pub use show::{PlanView, show, show_listing, to_json};
pub use shown_value::{Key, Named, Path, ShownValue};
pub use state::State;
pub use target_filter::{TargetFilter, View};
pub use when::{decide_all, of_step};
