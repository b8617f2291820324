//! What would happen, as data.

use std::collections::BTreeMap;

use crate::expression::functions::Clock;
use crate::graph::Graph;
use crate::step::{Audience, Call, Effect, Touch};
use crate::value::{Entries, Value};

use super::show::host;

/// What a run would do, as far as it can be known before.
pub struct Plan {
    /// When it was made.
    pub clock: Clock,
    /// Who waits for whom, tokens included.
    pub graph: Graph,
    /// The values of the variables, in the order of the runbook.
    pub variables: Vec<Value>,
    /// What each step would do, in the order of the runbook.
    pub steps: Vec<PlannedStep>,
    /// The tokens that are needed, in the order of their audiences.
    pub tokens: Vec<PlannedToken>,
    /// The files that were read for it, in order; paths are from the runbook's directory where they are in it.
    pub files: Vec<String>,
    /// What would come out, in the order of the runbook.
    pub outputs: Vec<PlannedOutput>,
}

/// What one step would do.
pub struct PlannedStep {
    /// The address.
    pub address: String,
    /// Whether it changes anything.
    pub effect: Effect,
    /// What it is for.
    pub description: Option<String>,
    /// The arguments, in the order they were written.
    pub arguments: Vec<(String, Value)>,
    /// The requests it would make.
    pub calls: Vec<Call>,
    /// What it would touch on this machine.
    pub touches: Vec<Touch>,
    /// The outputs that are certain already.
    pub foreseen: Entries,
    /// The addresses of what it waits for.
    pub waits: Vec<String>,
}

/// A token that would be fetched.
pub struct PlannedToken {
    /// Who it is for.
    pub audience: Audience,
    /// The addresses of the steps that need it.
    pub steps: Vec<String>,
}

/// What would come out under one name.
pub struct PlannedOutput {
    /// The name.
    pub name: String,
    /// The value, as far as it is known.
    pub value: Value,
}

impl Plan {
    /// The steps that change something.
    pub fn changes(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.effect == Effect::Changes)
    }

    /// A URL of each host that is known already.
    #[must_use]
    pub fn known_hosts(&self) -> BTreeMap<String, String> {
        let urls = self.steps.iter().flat_map(|step| &step.calls).map(|call| &call.url);
        let known = urls.filter(|url| !url.is_sensitive()).filter_map(|url| Some((host(url), url.reveal()?)));
        known.collect()
    }
}
