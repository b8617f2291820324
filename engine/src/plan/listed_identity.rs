//! Lists who acts in a plan: identities, their tokens, and the roles that they need.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::secrets_of::secrets_of;
use super::{Named, Plan, PlannedToken, When};
use crate::graph::{Acting, ModuleId};
use crate::redact::Redact;
use crate::step::{Action, ActionFacts, Permission, Platform, Right};

/// An identity that the runbook declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ListedIdentity {
    /// The address.
    pub address: String,
    /// The kind.
    pub kind: String,
    /// The description.
    pub description: Option<String>,
    /// The identity and how it is found, in words.
    pub source: String,
    /// The arguments.
    pub arguments: Named,
    /// The secrets that go into each argument.
    pub secrets: BTreeMap<String, Vec<String>>,
    /// True if a step acts as it.
    pub acts: bool,
}

/// A planned token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ListedToken {
    /// The address of the identity, or `machine`.
    #[serde(default = "machine")]
    pub acts_as: String,
    /// The audience.
    pub audience: String,
    /// The addresses of the steps that need it.
    pub steps: Vec<String>,
    /// The actions that get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionFacts>,
}

/// Returns the actions that get a token, as far as they are known.
#[must_use]
pub fn token_actions(plan: &Plan, token: &PlannedToken, platform: &dyn Platform) -> Vec<Action> {
    let identity = plan.state.acting(token.acting, platform);
    identity.map(|identity| identity.actions(&token.audience)).unwrap_or_default()
}

fn machine() -> String {
    Acting::MACHINE.to_owned()
}

impl ListedToken {
    pub(super) fn of(plan: &Plan, token: &PlannedToken, platform: &dyn Platform) -> Self {
        Self {
            acts_as: plan.state.modules.acting_address(token.acting),
            audience: token.audience.to_string(),
            steps: token.steps.clone(),
            actions: token_actions(plan, token, platform).iter().map(ActionFacts::from).collect(),
        }
    }
}

impl ListedIdentity {
    /// Lists the identities in the order of the modules and of the runbook.
    pub(super) fn all(plan: &Plan) -> Vec<Self> {
        let state = &plan.state;
        let modules = state.modules.iter();
        let all = modules.flat_map(|(module, inner)| {
            (0..inner.runbook.identities.len()).map(move |index| (module, index))
        });
        all.filter_map(|(module, index)| Self::of(plan, module, index)).collect()
    }

    fn of(plan: &Plan, module: ModuleId, index: usize) -> Option<Self> {
        let acting = Acting::Declared { module, index };
        let evaluated = plan.state.identity(module, index)?;
        let declared = &plan.state.runbook(module).identities[index];
        let address = plan.state.modules.acting_address(acting);
        let arguments = evaluated.arguments.iter().map(|(name, value)| (name.as_str(), value));
        Some(Self {
            kind: declared.kind.schema().name.to_owned(),
            description: declared.description.clone(),
            source: evaluated.identity.describe(),
            arguments: evaluated.shown(),
            secrets: secrets_of(&address, arguments),
            acts: plan.tokens.iter().any(|token| token.acting == acting),
            address,
        })
    }
}

/// Returns the roles that each identity needs for its steps.
pub fn rights(plan: &Plan, platform: &dyn Platform) -> Vec<Right> {
    let mut needs: IndexMap<String, Vec<Permission>> = IndexMap::new();
    for step in plan.steps.iter().filter(|step| step.when != When::No) {
        let needed = step.actions.iter().flat_map(|action| action.needs.iter().cloned());
        let acts_as = plan.acts_as(step).unwrap_or_else(machine);
        needs.entry(acts_as).or_default().extend(needed);
    }
    let of_record = plan.record_actions().into_iter().flat_map(|action| action.needs);
    let of_record: Vec<Permission> = of_record.collect();
    if !of_record.is_empty() {
        needs.entry(machine()).or_default().extend(of_record);
    }
    let of = |(acts_as, needs): (String, Vec<Permission>)| {
        let rights = platform.rights(&needs).into_iter();
        rights.map(move |right| Right { acts_as: acts_as.clone(), ..right })
    };
    needs.into_iter().flat_map(of).collect()
}
