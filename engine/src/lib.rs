//! The engine of arcbook: the language, the graph, the plan, the run and the journal.
//!
//! It knows no step type and no Azure. Each folder is a stage of the pipeline, in this order: `source`,
//! `diagnostic`, `layout`, `value`, `redact`, `jmespath`, `syntax`, `format`, `expression`, `program`, `step`, `runbook`, `explain`,
//! `graph`, `plan`, `permissions`, `diff`, `policy`, `audit`, `export`, `run`, `journal`, `timeline`,
//! `report`, `attest`. A stage imports only earlier ones.

// The derived code refers to the engine by its crate name, even within the engine.
extern crate self as arcbook_engine;

pub mod attest;
pub mod audit;
pub mod diagnostic;
pub mod diff;
pub mod explain;
pub mod export;
pub mod expression;
pub mod format;
pub mod graph;
pub mod jmespath;
pub mod journal;
pub mod layout;
pub mod permissions;
pub mod plan;
pub mod policy;
pub mod program;
pub mod redact;
pub mod report;
pub mod run;
pub mod runbook;
pub mod source;
pub mod step;
pub mod syntax;
pub mod timeline;
pub mod value;
