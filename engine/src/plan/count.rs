//! Counts the steps and changes of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Listing, Plan, PlannedChange, PlannedStep};
use crate::redact::Redact;

/// The summary line of a plan: `Plan: 5 steps; 2 changes.`
pub struct Count<'a>(pub &'a Listing);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(plan) = self;
        let steps = plan.steps.iter().filter(|step| step.is_certain()).count();
        let later = plan.steps.len() - steps;
        write!(f, "Plan: {}", plural(steps, "step"))?;
        if later > 0 {
            write!(f, ", {later} more for each instance known only during the run")?;
        }
        f.write_str("; ")?;
        if let Some(changes) = &plan.planned_changes {
            return changes.fmt(f);
        }
        match plan.changes {
            0 => f.write_str("no changes."),
            1 => f.write_str("1 change."),
            changes => write!(f, "{changes} changes."),
        }
    }
}

/// Formats a count: `1 step`, `2 steps`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("{count} {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None if noun.ends_with("ss") => format!("{count} {noun}es"),
        None => format!("{count} {noun}s"),
    }
}

/// The number of planned changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct PlannedChanges {
    create: usize,
    update: usize,
    replace: usize,
    delete: usize,
    nothing: usize,
    unknown: usize,
}

impl PlannedChanges {
    /// Counts the planned changes of a plan made with `-live`.
    pub fn of(plan: &Plan) -> Self {
        let planned_change = |step: &'_ PlannedStep| step.planned_change.clone();
        plan.changes().filter_map(planned_change).fold(Self::default(), |mut counts, planned_change| {
            *match planned_change {
                PlannedChange::Create => &mut counts.create,
                PlannedChange::Update(_) => &mut counts.update,
                PlannedChange::Replace(_) => &mut counts.replace,
                PlannedChange::Delete => &mut counts.delete,
                PlannedChange::Nothing => &mut counts.nothing,
                PlannedChange::Unknown { .. } => &mut counts.unknown,
            } += 1;
            counts
        })
    }
}

impl fmt::Display for PlannedChanges {
    /// Writes `1 to create, 0 to update, 0 to replace, 2 as wanted.`, with the numbers of
    /// removals and of unknown changes, if there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, update, replace, delete, nothing, unknown } = self;
        write!(f, "{create} to create, {update} to update, {replace} to replace, ")?;
        if *delete > 0 {
            write!(f, "{delete} to delete, ")?;
        }
        write!(f, "{nothing} as wanted")?;
        if *unknown > 0 {
            write!(f, ", {unknown} unknown")?;
        }
        f.write_str(".")
    }
}
