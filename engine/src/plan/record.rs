//! Evaluates the place that keeps the records of a runbook.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arguments::{arguments, refused};
use super::{Plan, PlannedToken, State};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Acting, ModuleId};
use crate::redact::Redact;
use crate::runbook::Runbook;
use crate::step::{Action, ActionFacts, ArgumentError, Audience, RecordStore, Title};

/// The address of the upload of records, in place of that of a step.
pub const RECORD: &str = "record";

/// The upload of records, as a plan lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ListedRecord {
    /// The place, as `-ship` takes it.
    pub place: String,
    /// The object that the record of the run becomes, in words.
    pub title: Title,
    /// The actions.
    pub actions: Vec<ActionFacts>,
}

/// Returns the place that the `record` block of the runbook names, if it has one; adds the errors to `found`.
pub(super) fn record_store(
    state: &State,
    runbook: &Runbook,
    found: &mut Diagnostics,
) -> Option<Arc<dyn RecordStore>> {
    let block = runbook.settings.record.as_ref()?;
    let (scope, typed) = (state.scope(ModuleId::ROOT), block.typed());
    let mut warnings = Diagnostics::new();
    let values = found.take(arguments(&scope, typed, RECORD, &mut warnings));
    found.append(warnings);
    // The errors in the block are reported already.
    let values = values.filter(|_| block.is_whole)?;
    let mut unfit = Diagnostics::new();
    for argument in &block.arguments {
        let Some(value) = values.get(&*argument.name.value) else { continue };
        let name = &argument.name.value;
        let error = |summary: String, why: &str| {
            Diagnostic::error("invalid-argument", summary).at(argument.expression.span, why).about(RECORD)
        };
        if value.has_deep_marks() {
            let summary = format!("`{name}` is a secret");
            let error = Diagnostic::error("sensitive-setting", summary);
            let error = error.at(argument.expression.span, "plan and record name the place").about(RECORD);
            found.push(error.help("take a value that is neither sensitive nor ephemeral"));
        } else if !value.is_wholly_known() {
            let error = error(format!("`{name}` is not known before the run"), "known later");
            unfit.push(error.help("take it from variables and files: the plan shows where the record goes"));
        }
    }
    found.take(unfit.or(()))?;
    let report = |errors: Vec<ArgumentError>| -> Diagnostics {
        errors.into_iter().map(|error| refused(&scope, typed, RECORD, &values, error)).collect()
    };
    found.take(block.kind.prepare(&values).map_err(report))
}

impl Plan {
    /// Returns the actions that upload the record of the run, as the identity of the machine.
    #[must_use]
    pub fn record_actions(&self) -> Vec<Action> {
        self.record.as_ref().map(|store| store.actions()).unwrap_or_default()
    }

    /// Returns the tokens that the run and the upload of its record need.
    #[must_use]
    pub fn all_tokens(&self) -> Vec<PlannedToken> {
        let mut tokens = self.tokens.clone();
        let actions = self.record_actions();
        for audience in actions.iter().filter_map(Action::audience) {
            let acting = Acting::Machine;
            let is_it = |token: &&mut PlannedToken| token.acting == acting && token.audience == *audience;
            match tokens.iter_mut().find(is_it) {
                Some(token) if token.steps.iter().any(|step| step == RECORD) => {}
                Some(token) => token.steps.push(RECORD.to_owned()),
                None => tokens.push(token(acting, audience)),
            }
        }
        tokens.sort_by(|a, b| (a.acting, &a.audience).cmp(&(b.acting, &b.audience)));
        tokens
    }
}

fn token(acting: Acting, audience: &Audience) -> PlannedToken {
    PlannedToken { acting, audience: audience.clone(), steps: vec![RECORD.to_owned()] }
}

impl ListedRecord {
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let store = plan.record.as_ref()?;
        Some(Self {
            place: store.place().to_owned(),
            title: store.title(),
            actions: store.actions().iter().map(ActionFacts::from).collect(),
        })
    }
}
