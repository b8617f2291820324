//! arcbook's result for a configuration, from files to outputs, through the whole pipeline.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostics, Severity};
use arcbook_engine::plan::{self, KnownResults};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{self, Job, Observers, Status};
use arcbook_engine::runbook::{self, Files, Inputs, Missing};
use arcbook_engine::source::{Disk, Sources};
use arcbook_engine::value::{Type, Value};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::echo;
use crate::support::{Tokens, origin};

/// The result of a configuration.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Fails(Stage),
    /// `warns` is true if Terraform warns too; arcbook's additional warnings are ignored.
    Gives {
        outputs: BTreeMap<String, Given>,
        steps: BTreeSet<String>,
        warns: bool,
    },
}

/// The stage that fails.
#[derive(Debug, PartialEq)]
pub enum Stage {
    Plan,
    Run,
}

/// One output.
#[derive(Debug, PartialEq)]
pub struct Given {
    pub json: String,
    pub ty: String,
    pub sensitive: bool,
}

/// Returns the result of the runbook in `folder`, and the error messages.
pub fn answer(folder: &Path, variables: &str) -> (Answer, String) {
    let mut found = Diagnostics::new();
    let mut stage = Stage::Plan;
    let gives = go(folder, variables, &mut stage, &mut found);
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    let said =
        errors.map(|one| format!("{} ({:?})", one.summary, one.reason())).collect::<Vec<_>>().join("; ");
    (gives.unwrap_or(Answer::Fails(stage)), said)
}

fn go(folder: &Path, variables: &str, stage: &mut Stage, found: &mut Diagnostics) -> Option<Answer> {
    let mut sources = Sources::new();
    let files = found.take(Files::find(folder))?;
    let runbook = runbook::load(&files, &echo::registry(), &mut sources, found);
    if found.has_errors() {
        return None;
    }
    let path = folder.join("variables.json");
    std::fs::write(&path, variables).unwrap();
    let mut inputs = Inputs::new();
    found.take(inputs.file(&path, &Disk, &mut sources))?;
    let values = inputs.resolve(&runbook, &mut sources, Missing::Refuse, found);
    if found.has_errors() {
        return None;
    }
    let plan = plan::make(&runbook, values, &KnownResults::default(), found)?;
    *stage = Stage::Run;
    let job = Job {
        id: "test".to_owned(),
        origin: origin(),
        runbook: &runbook,
        sources: &sources,
        plan: &plan,
        platform: Arc::new(Tokens::default()),
        secrets: Secrets::new(),
        parallelism: 10,
        audited: false,
        prior_run: None,
        held: None,
        policies: Vec::new(),
        timeout: None,
    };
    let report = block_on(job);
    found.append(report.diagnostics);
    if report.status != Status::Done {
        return None;
    }
    // Terraform omits outputs that are null.
    let outputs = report.outputs.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let declared =
            runbook.outputs.iter().any(|output| *output.name.value == **name && output.secrecy.sensitive);
        (name.clone(), given(value, declared))
    });
    let steps = plan.steps.iter().map(|step| step.address.clone());
    let warns = found.iter().any(|one| one.severity == Severity::Warning);
    Some(Answer::Gives { outputs: outputs.collect(), steps: steps.collect(), warns })
}

fn block_on(job: Job<'_>) -> run::Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (_keep, interrupts) = mpsc::channel(1);
    runtime.block_on(run::run(job, &mut Observers::new(), interrupts))
}

fn given(value: &Value, sensitive: bool) -> Given {
    Given {
        json: value.to_json_text().unwrap_or_else(|error| error.to_string()),
        ty: type_json(&value.ty()).to_string(),
        sensitive: sensitive || value.deep_marks().is_sensitive(),
    }
}

/// Renders a type in Terraform's JSON form.
fn type_json(ty: &Type) -> Json {
    match ty {
        Type::Any => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(element) => json!(["list", type_json(element)]),
        Type::Set(element) => json!(["set", type_json(element)]),
        Type::Map(element) => json!(["map", type_json(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(type_json).collect::<Json>()]),
        Type::Object(attributes) => {
            let attributes = attributes.iter().map(|(name, ty)| (name.to_string(), type_json(ty)));
            json!(["object", attributes.collect::<serde_json::Map<_, _>>()])
        }
    }
}
