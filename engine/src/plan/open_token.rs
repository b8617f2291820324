//! Finds the tokens that may be used for more than a plan can list.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};

use super::{ListedStep, ListedWhen, Listing, host, shape};
use crate::graph::Acting;
use crate::step::{ActionFacts, KindFacts};

/// The use of a token that tells no permission: a value of the run, or a request to a service whose permissions are not all
/// known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenToken {
    /// The address of the identity, or `machine`.
    pub acts_as: String,
    /// The audience.
    pub audience: String,
    /// The host that receives the token with a request; none if it is a value of the run.
    pub host: Option<String>,
    /// The blocks of the steps that take or send it.
    pub steps: IndexSet<String>,
}

impl OpenToken {
    /// Returns the open tokens of a plan, each once.
    pub(super) fn all(plan: &Listing) -> Vec<Self> {
        let mut uses: IndexMap<(&str, String, Option<String>), IndexSet<String>> = IndexMap::new();
        for step in plan.steps.iter().filter(|step| step.when != ListedWhen::Decided(false)) {
            for (audience, host) in of_step(step) {
                let acts_as = step.acts_as.as_deref().unwrap_or(Acting::MACHINE);
                uses.entry((acts_as, audience, host)).or_default().insert(shape(&step.address));
            }
        }
        let all = uses.into_iter().map(|((acts_as, audience, host), steps)| Self {
            acts_as: acts_as.to_owned(),
            audience,
            host,
            steps,
        });
        all.collect()
    }
}

/// Returns the audiences and hosts of a step; a step that knows what it uses its token for, as `arc_connect`, takes no open one.
fn of_step(step: &ListedStep) -> HashSet<(String, Option<String>)> {
    let is_known = step.actions.iter().any(|action| !action.needs.is_empty());
    let open = |action| open_token(action, action.needs.is_empty() || action.needs_more);
    step.actions.iter().filter_map(open).filter(|(_, host)| host.is_some() || !is_known).collect()
}

/// Returns the audience of a token that may be used for anything, and the host that receives it, if it is a request.
#[must_use]
pub fn open_token(action: &ActionFacts, is_open: bool) -> Option<(String, Option<String>)> {
    match &action.kind {
        KindFacts::Token { audience } => Some((audience.clone(), None)),
        KindFacts::Http { url, audience: Some(audience), .. } if is_open => {
            Some((audience.clone(), Some(host(url))))
        }
        _ => None,
    }
}
