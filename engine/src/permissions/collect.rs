//! Collects the needs of a plan.

use std::collections::{BTreeSet, HashSet};

use super::needs::{Actor, DatabaseNeed, LocalNeed, Need, Needs, Place, TokenNeed};
use super::shown;
use crate::graph::{Acting, Item, Node};
use crate::plan::{
    ListedStep, ListedWhen, Listing, Plan, PlannedStep, RECORD, When, open_token, token_actions,
};
use crate::source::{Sources, slashed};
use crate::step::{Action, ActionFacts, KindFacts, Permission, Platform};

impl Needs {
    /// Collects the needs of a plan of the runbook called `runbook`.
    #[must_use]
    pub fn of_plan(plan: &Plan, runbook: &str, sources: &Sources, platform: &dyn Platform) -> Self {
        let mut needs = Self { runbook: runbook.to_owned(), setting: platform.setting(), ..Self::default() };
        let mut acting: BTreeSet<Acting> = BTreeSet::new();
        for token in plan.all_tokens() {
            acting.insert(token.acting);
            for action in token_actions(plan, &token, platform) {
                needs.local(&ActionFacts::brief(&action), &token.steps, platform);
            }
        }
        for step in plan.steps.iter().filter(|step| step.when != When::No) {
            let acts_as = plan.acts_as(step);
            let place = place(plan, step, sources);
            for action in &step.actions {
                let owner = (acts_as.as_deref(), step.address.as_str());
                needs.action(owner, place.as_ref(), action, platform);
            }
        }
        for action in plan.record_actions() {
            needs.action((Some(Acting::MACHINE), RECORD), None, &action, platform);
        }
        let actor = |acting: Acting| Actor {
            address: plan.state.modules.acting_address(acting),
            source: plan.state.acting(acting, platform).map(|one| one.describe()).unwrap_or_default(),
        };
        needs.actors = acting.into_iter().map(actor).collect();
        needs.settle()
    }

    /// Collects the needs of a plan that is known only by its listing, which may come from an untrusted file.
    #[must_use]
    pub fn of_listing(listing: &Listing, platform: &dyn Platform) -> Self {
        let mut needs =
            Self { runbook: listing.runbook.clone(), setting: listing.setting.clone(), ..Self::default() };
        for token in &listing.tokens {
            let source = match listing.identities.iter().find(|one| one.address == token.acts_as) {
                Some(identity) => identity.source.clone(),
                None => listing.identity.clone(),
            };
            if needs.actors.iter().all(|actor| actor.address != token.acts_as) {
                needs.actors.push(Actor { address: token.acts_as.clone(), source });
            }
            for action in &token.actions {
                needs.local(action, &token.steps, platform);
            }
        }
        let is_planned = |step: &&ListedStep| step.when != ListedWhen::Decided(false);
        for step in listing.steps.iter().filter(is_planned) {
            for action in &step.actions {
                needs.facts((step.acts_as.as_deref(), &step.address), action, platform);
            }
        }
        for action in listing.record.iter().flat_map(|record| &record.actions) {
            needs.facts((Some(Acting::MACHINE), RECORD), action, platform);
        }
        needs.settle()
    }

    /// Leaves out the tokens and the programs of steps that know what they use them for, as `arc_connect`.
    fn settle(mut self) -> Self {
        let known: HashSet<&str> = self.permissions.iter().map(|need| need.step.as_str()).collect();
        self.tokens.retain(|token| token.host.is_some() || !known.contains(token.step.as_str()));
        self.programs.retain(|step| !known.contains(step.as_str()));
        self.programs.dedup();
        self
    }

    fn facts(&mut self, owner: (Option<&str>, &str), action: &ActionFacts, platform: &dyn Platform) {
        let of = |need: &crate::step::PermissionFacts| Permission {
            action: need.action.clone().into(),
            plane: need.plane,
            scope: shown::text(&need.scope),
        };
        let permissions: Vec<Permission> = action.needs.iter().map(of).collect();
        self.add(owner, None, (action, permissions), platform);
    }

    fn action(
        &mut self,
        owner: (Option<&str>, &str),
        place: Option<&Place>,
        action: &Action,
        platform: &dyn Platform,
    ) {
        let facts = ActionFacts::brief(action);
        self.add(owner, place, (&facts, action.needs.clone()), platform);
    }

    fn add(
        &mut self,
        (acts_as, step): (Option<&str>, &str),
        place: Option<&Place>,
        (action, permissions): (&ActionFacts, Vec<Permission>),
        platform: &dyn Platform,
    ) {
        self.local(action, &[step.to_owned()], platform);
        if matches!(&action.kind, KindFacts::Exec { of_lab: false, .. }) {
            self.programs.push(step.to_owned());
        }
        if let KindFacts::Sql { host, database, user, password, audience, .. } = &action.kind {
            self.databases.push(DatabaseNeed {
                acts_as: audience.as_ref().and(acts_as).map(ToOwned::to_owned),
                step: step.to_owned(),
                host: host.clone(),
                database: database.clone(),
                user: user.clone(),
                password: *password,
            });
        }
        if let Some(token) = open_token(action, permissions.is_empty() || action.needs_more) {
            let (audience, host) = token;
            let acts_as = acts_as.unwrap_or(Acting::MACHINE).to_owned();
            self.tokens.push(TokenNeed { acts_as, step: step.to_owned(), audience, host });
        }
        let of = |permission| Need {
            acts_as: acts_as.unwrap_or(Acting::MACHINE).to_owned(),
            step: step.to_owned(),
            place: place.cloned(),
            request: action.line(),
            permission,
        };
        self.permissions.extend(permissions.into_iter().map(of));
    }

    fn local(&mut self, action: &ActionFacts, steps: &[String], platform: &dyn Platform) {
        let Some(right) = platform.local_right(action) else { return };
        self.local.extend(steps.iter().map(|step| LocalNeed { right, step: step.clone() }));
    }
}

/// Returns the place of the block of a step.
fn place(plan: &Plan, step: &PlannedStep, sources: &Sources) -> Option<Place> {
    let Node::Item { module, item: Item::Step(index), .. } = plan.graph.get(step.node) else { return None };
    let header = plan.state.runbook(*module).steps.get(*index)?.header;
    let file = sources.file(header.file);
    Some(Place { file: slashed(file.path()), line: sources.start(header).line })
}
