//! Checks a run against a reviewed plan, beyond the requests that the plan lists.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::file::Made;
use crate::plan::{PlannedChange, PlannedStep, StepIndex, When};
use crate::redact::Redact;
use crate::runbook::Step;
use crate::step::{ArgumentValues, ErrorKind, Existing, StepError};
use crate::value::{Data, Value, show_inline, unseen_difference};

/// The maximum number of characters shown of a value.
const SHORT: usize = 120;

/// A plan reviewed as a file, which the steps must match when they run.
#[derive(Clone)]
pub struct ReviewedPlan<'a> {
    /// The SHA-256 of the plan file, in hexadecimal.
    pub sha256: String,
    /// The reviewed steps, with the results known then.
    pub steps: StepIndex<'a>,
    /// The digests of the files that steps send or run, by their paths as the steps name them.
    pub files: Arc<HashMap<PathBuf, String>>,
    /// The signature that the run required.
    pub signature: Option<PlanSignature>,
}

/// The signature of a plan file, without which it does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct PlanSignature {
    /// The id of the key: the SHA-256 of the public key in DER, in hexadecimal.
    #[redact(word)]
    pub key: String,
    /// The person who made the plan, and the time, as the signed statement says.
    pub made: Made,
}

impl fmt::Display for PlanSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Made { by, at } = &self.made;
        write!(f, "made by {by} at {at}, signed with the key {}", self.key)
    }
}

/// Checks the arguments of the instance of `step` at `address`: values known in the plan must be the same
/// now.
pub fn arguments(
    step: &Step,
    address: &str,
    planned: Option<&PlannedStep>,
    arguments: &ArgumentValues,
) -> Result<(), Diagnostics> {
    let Some(planned) = planned.filter(|planned| planned.when != When::No) else {
        return Err(unplanned_step(step, address).into());
    };
    let planned = &planned.arguments;
    let mut found = Diagnostics::new();
    for (name, then) in planned {
        let now = arguments.get(name.as_str()).cloned().unwrap_or(Value::NULL);
        if !admits(&then.without_marks(), &now.without_marks()) {
            found.push(unplanned_argument(step, address, name, then, &now));
        }
    }
    for (name, now) in arguments {
        if !planned.iter().any(|(planned, _)| **planned == **name) {
            found.push(unplanned_argument(step, address, name, &Value::NULL, now));
        }
    }
    found.or(())
}

/// Returns true if `value` is compatible with `planned`.
fn admits(planned: &Value, value: &Value) -> bool {
    if planned.is_wholly_known() {
        return planned == value;
    }
    match (planned.data(), value.data()) {
        (Data::Unknown(planned), _) => planned.pattern.as_ref().is_none_or(|pattern| {
            value.as_str().map_or(!pattern.is_partly_known(), |text| pattern.admits(text))
        }),
        // Elements of a set cannot be matched while some of them are unknown.
        (Data::Set(..), Data::Set(..)) => true,
        (Data::List(_, planned) | Data::Tuple(planned), Data::List(_, values) | Data::Tuple(values)) => {
            planned.len() == values.len()
                && planned.iter().zip(values.iter()).all(|(planned, value)| admits(planned, value))
        }
        (Data::Map(_, planned) | Data::Object(planned), Data::Map(_, values) | Data::Object(values)) => {
            planned.len() == values.len()
                && planned
                    .iter()
                    .all(|(name, planned)| values.get(name).is_some_and(|value| admits(planned, value)))
        }
        _ => false,
    }
}

fn unplanned_step(step: &Step, address: &str) -> Diagnostic {
    Diagnostic::error("unplanned-step", format!("{address} is not in the plan"))
        .marked(step.header, "nothing was done")
        .detail("Its dependencies changed after the plan was made.")
        .help(REMEDY)
        .about(address)
}

fn unplanned_argument(step: &Step, address: &str, name: &str, then: &Value, now: &Value) -> Diagnostic {
    let unseen = unseen_difference(then, now, SHORT);
    let (then, now) = (show_inline(then, SHORT), show_inline(now, SHORT));
    Diagnostic::error("unplanned-argument", format!("`{name}` differs from the plan"))
        .marked(step.place(name), "nothing was done")
        .detail(format!("Planned {then}, now {now}{unseen}."))
        .help(REMEDY)
        .about(address)
}

const REMEDY: &str = "review and save a new plan: `arcbook plan -out FILE`";

/// Checks the change that the queried state requires against the planned one.
pub fn change(planned: Option<&PlannedChange>, found: &Existing) -> Result<(), StepError> {
    let Some(planned) = planned else { return Ok(()) };
    let now = PlannedChange::of(found);
    match (planned, &now) {
        (PlannedChange::Unknown { .. }, _) | (_, PlannedChange::Nothing) => Ok(()),
        (planned, now) if planned == now => Ok(()),
        (planned, now) => Err(StepError::new(
            ErrorKind::Unplanned,
            format!("the change differs from the plan: planned {}, now {}", told(planned), told(now)),
        )
        .detail("The existing state changed after the plan was made. arcbook changed nothing.")
        .help(REMEDY)),
    }
}

fn told(planned_change: &PlannedChange) -> String {
    let differences = planned_change.differences().iter();
    let differences = differences.map(|difference| {
        let (was, will) = (show_inline(&difference.was, SHORT), show_inline(&difference.will, SHORT));
        format!("{} from {was} to {will}", difference.attribute)
    });
    let differences: Vec<String> = differences.collect();
    let what = match planned_change {
        PlannedChange::Create => "create",
        PlannedChange::Update(_) => "update",
        PlannedChange::Replace(_) => "replace",
        PlannedChange::Delete => "delete",
        PlannedChange::Nothing => "no change",
        PlannedChange::Unknown { .. } => "unknown",
    };
    if differences.is_empty() { what.to_owned() } else { format!("{what} ({})", differences.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Change, Difference, Outcome};
    use crate::value::{Entries, Marks, Origins, Type};

    #[test]
    fn what_was_known_stays_what_it_is() {
        let later = || Value::unknown(Type::Any, Origins::of("step.a.b"));
        let secret = Value::from("x").with_marks(&Marks::sensitive("var.x"));
        let cases = [
            (Value::from("x"), Value::from("x"), true),
            (Value::from("x"), Value::from("y"), false),
            (later(), Value::from("y"), true),
            (later(), Value::NULL, true),
            (secret.clone(), secret, true),
            (Value::tuple([later(), 1_i64.into()]), Value::tuple([2_i64.into(), 1_i64.into()]), true),
            (Value::tuple([later(), 1_i64.into()]), Value::tuple([2_i64.into(), 2_i64.into()]), false),
            (Value::tuple([later()]), Value::tuple([]), false),
            (Value::object([("a", later())]), Value::object([("a", 1_i64.into())]), true),
            (Value::object([("a", later())]), Value::object([("b", 1_i64.into())]), false),
            (Value::object([("a", later())]), Value::from("a"), false),
        ];
        for (planned, value, expected) in cases {
            let found = admits(&planned.without_marks(), &value.without_marks());
            assert_eq!(found, expected, "{planned:?} {value:?}");
        }
    }

    #[test]
    fn a_change_is_the_planned_one_or_none() {
        let outcome = Outcome::new(Entries::new(), Change::None);
        let update = |was: &str| vec![Difference::new("size", was, "2")];
        let cases = [
            (PlannedChange::Create, Existing::Absent, true),
            (PlannedChange::Create, Existing::AsWanted(outcome.clone()), true),
            (PlannedChange::Create, Existing::Different(update("1"), None), false),
            (PlannedChange::Create, Existing::unasked(), false),
            (PlannedChange::Nothing, Existing::AsWanted(outcome), true),
            (PlannedChange::Nothing, Existing::Absent, false),
            (PlannedChange::Delete, Existing::Unwanted(None), true),
            (PlannedChange::Update(update("1")), Existing::Unwanted(None), false),
            (PlannedChange::Nothing, Existing::Different(Vec::new(), None), false),
            (PlannedChange::Update(update("1")), Existing::Different(update("1"), None), true),
            (PlannedChange::Update(update("1")), Existing::Different(update("3"), None), false),
            (PlannedChange::Update(update("1")), Existing::Absent, false),
            (PlannedChange::unknown("x"), Existing::Absent, true),
        ];
        for (planned_change, found, expected) in cases {
            assert_eq!(
                change(Some(&planned_change), &found).is_ok(),
                expected,
                "{planned_change:?} {found:?}"
            );
        }
        assert!(change(None, &Existing::Absent).is_ok());
    }
}
