//! One step: from its arguments to its object.

use super::repeated::{Repeated, Why};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate};
use crate::jmespath;
use crate::plan::{self, Limits, PlannedStep, Subject, teach};
use crate::redact::Secrets;
use crate::runbook::{Extract, Query, Step};
use crate::step::{ArgumentValues, Call, Outcome, Response, Work};
use crate::value::{Entries, Value};

/// A step that is ready to be run.
pub struct Prepared {
    /// The work.
    pub work: Box<dyn Work>,
    /// The requests it makes.
    pub calls: Vec<Call>,
    /// What further attempts are made with.
    pub arguments: ArgumentValues,
    /// How long it may take, and how often it is tried.
    pub limits: Limits,
}

/// Evaluates the arguments of the instance of `step` at `address`, now that all it waits for is done, and holds its
/// calls to those of the plan.
pub fn prepare(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    planned: Option<&PlannedStep>,
    secrets: &Secrets,
) -> Result<Prepared, Diagnostics> {
    plan::check_all(&step.preconditions, scope, &Subject::Before(address)).or(())?;
    let arguments = plan::arguments(scope, step, address)?;
    for value in arguments.values() {
        teach(secrets, value);
    }
    let work = plan::prepare(step, address, &arguments)?;
    let calls = work.calls();
    let allowed = planned.map(|planned| planned.calls.as_slice()).unwrap_or_default();
    if let Some(stray) = calls.iter().find(|call| !allowed.iter().any(|planned| admits(planned, call))) {
        return Err(unplanned(step, address, stray).into());
    }
    Ok(Prepared { work, calls, arguments, limits: plan::limits(scope, &step.control, address)? })
}

fn admits(planned: &Call, call: &Call) -> bool {
    let url = call.url.reveal();
    planned.method == call.method
        && planned.audience == call.audience
        && url.is_some_and(|url| planned.url.admits(&url))
}

fn unplanned(step: &Step, address: &str, call: &Call) -> Diagnostic {
    Diagnostic::error("unplanned-call", format!("{} {} is not in the plan", call.method, call.url))
        .at(step.header, "nothing was sent")
        .detail("A run sends only the requests that its plan lists.")
        .about(address)
}

/// The object of the instance of `step` at `address`: its outputs, the response and what is extracted from it, marked as
/// they must be.
pub fn object(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    outcome: Outcome,
    secrets: &Secrets,
) -> Result<Value, Diagnostics> {
    let schema = step.step_type.schema();
    let mut entries: Entries = Entries::new();
    for (name, value) in outcome.outputs {
        let sensitive = schema.output(&name).is_some_and(|field| field.sensitive);
        let value = plan::with_marks(value, step, (address, &name), sensitive);
        // The outputs say which parts of a sensitive response are secrets. The rest of it, such as its own URL, is
        // shown to nobody either, but to look for it in all other output would blot out half of that.
        teach(secrets, &value);
        entries.insert(name, value);
    }
    if let Some(body) = outcome.body {
        let body = plan::with_marks(body, step, (address, "body"), schema.response == Response::Sensitive);
        let mut found = Diagnostics::new();
        let extracted = step.extract.iter().filter_map(|extract| {
            found
                .take(extracted(scope, address, extract, &body))
                .map(|value| (extract.name.value.clone(), value))
        });
        let extracted = Value::object(extracted.collect::<Vec<_>>());
        found.or(())?;
        entries.insert("body".into(), body);
        entries.insert("extract".into(), extracted);
    }
    Ok(Value::object(entries))
}

/// What is made of what a step gave.
pub enum Verdict {
    /// It is done.
    Good,
    /// It is done once more, if it may.
    Again(Repeated),
}

/// Looks at what the instance of `step` at `address` gave, which is `self` in `scope`; fails with postconditions that do
/// not hold.
pub fn judge(scope: &dyn Scope, step: &Step, address: &str) -> Result<Verdict, Diagnostics> {
    let retry = step.control.retry.as_ref().and_then(|retry| retry.condition.as_ref());
    if let Some(condition) = retry
        && plan::holds(condition, scope)? == Some(true)
    {
        return Ok(Verdict::Again(Repeated::new(Why::Retry, condition, scope)));
    }
    if let Some(until) = &step.control.until
        && plan::holds(&until.condition, scope)? != Some(true)
    {
        return Ok(Verdict::Again(Repeated::new(Why::Until, &until.condition, scope)));
    }
    plan::check_all(&step.postconditions, scope, &Subject::After(address)).or(Verdict::Good)
}

fn extracted(
    scope: &dyn Scope,
    address: &str,
    extract: &Extract,
    body: &Value,
) -> Result<Value, Diagnostics> {
    let fail = |summary: String| {
        Diagnostics::from(
            Diagnostic::error("failed-query", format!("`{}` cannot be extracted", extract.name.value))
                .at(extract.span, summary)
                .about(address),
        )
    };
    match &extract.query {
        Query::Constant(query) => query.search(body).map_err(|error| fail(error.to_string())),
        Query::Computed(expression) => {
            let text = evaluate(expression, scope)?;
            let known = text.as_str().ok_or_else(|| fail("a JMESPath query is text".to_owned()))?;
            let query = jmespath::Query::parse(known).map_err(|error| fail(error.message.clone()))?;
            let value = query.search(body).map_err(|error| fail(error.to_string()))?;
            Ok(value.with_marks(text.marks()))
        }
    }
}
