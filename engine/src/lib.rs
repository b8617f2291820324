//! The engine of arcbook: the language, the graph, the plan, the run and the journal.
//!
//! It knows no step type and no Azure. Each folder is a stage; in the order of the pipeline:
//! `source`, `diagnostic`, `value`, `redact`, `jmespath`, `syntax`, `format`, `expression`, `step`, `runbook`, `graph`,
//! `plan`, `run`, `journal`, `timeline`. A stage imports the ones before it and never one after.

// The derives name the engine by its crate, in the engine too.
extern crate self as arcbook_engine;

pub mod diagnostic;
pub mod expression;
pub mod format;
pub mod graph;
pub mod jmespath;
pub mod journal;
pub mod plan;
pub mod redact;
pub mod run;
pub mod runbook;
pub mod source;
pub mod step;
pub mod syntax;
pub mod timeline;
pub mod value;
