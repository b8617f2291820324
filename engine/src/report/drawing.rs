//! Draws the steps of a run or of a plan.

use std::collections::{HashMap, HashSet};

use super::ReportedRun;
use super::outcome::outcome;
use crate::graph::{Drawing, DrawnPart, Kind, Outcome, token_name};
use crate::plan::{ListedStep, Listing, SecretPath, shape};
use crate::run::Event;
use crate::step::Effect;

/// Draws a run: its steps and tokens, and what became of each.
///
/// A record holds for each step the last one that it waited for; a plan beside it has all of them.
pub fn of_run(run: &ReportedRun<'_>) -> Drawing {
    let planned: HashMap<&str, &ListedStep> = run
        .plan
        .iter()
        .flat_map(|plan| &plan.listing.steps)
        .map(|step| (step.address.as_str(), step))
        .collect();
    let tokens = tokens(run);
    let mut parts: Vec<DrawnPart<'_>> = tokens
        .iter()
        .map(|(name, outcome)| DrawnPart {
            address: name,
            block: name.clone(),
            kind: Kind::Token,
            outcome: Some(*outcome),
            after: Vec::new(),
        })
        .collect();
    for (address, step) in &run.run.steps {
        let started = step.started;
        let planned = planned.get(address).copied();
        let effect = started.map(|started| started.effect).or(planned.map(|step| step.effect));
        let after = match planned {
            Some(step) => step.after.iter().map(String::as_str).collect(),
            None => started.and_then(|started| started.after).into_iter().collect(),
        };
        parts.push(DrawnPart {
            address,
            block: shape(address),
            kind: kind(effect.unwrap_or(Effect::Nothing)),
            outcome: Some(outcome(step)),
            after,
        });
    }
    let chains = run.plan.iter().flat_map(|plan| chains(plan.listing)).collect::<Vec<_>>();
    Drawing::of_parts(&parts, &chains)
}

/// Returns the tokens that the run asked for, each with its outcome.
fn tokens(run: &ReportedRun<'_>) -> Vec<(String, Outcome)> {
    let mut tokens: Vec<(String, Outcome)> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    for record in run.journal.records() {
        let Some(name) = record.event.token() else { continue };
        let outcome = match record.event {
            Event::TokenAcquired { .. } => Outcome::Done,
            Event::TokenFailed { .. } => Outcome::Failed,
            _ => Outcome::Unfinished,
        };
        let index = *at.entry(name.clone()).or_insert(tokens.len());
        match tokens.get_mut(index) {
            Some(token) => token.1 = outcome,
            None => tokens.push((name, outcome)),
        }
    }
    tokens
}

/// Draws a plan.
pub fn of_plan(plan: &Listing) -> Drawing {
    let names: Vec<String> =
        plan.tokens.iter().map(|token| token_name(&token.acts_as, &token.audience)).collect();
    let mut seen = HashSet::new();
    let tokens = names.iter().filter(|name| seen.insert(name.as_str()));
    let tokens = tokens.map(|name| DrawnPart {
        address: name,
        block: name.clone(),
        kind: Kind::Token,
        outcome: None,
        after: Vec::new(),
    });
    let steps = plan.steps.iter().map(|step| DrawnPart {
        address: &step.address,
        block: shape(&step.address),
        kind: kind(step.effect),
        outcome: None,
        after: step.after.iter().map(String::as_str).collect(),
    });
    Drawing::of_parts(&tokens.chain(steps).collect::<Vec<_>>(), &chains(plan))
}

/// Returns the ways of secrets in a plan, by the addresses that they pass.
fn chains(plan: &Listing) -> Vec<Vec<&str>> {
    plan.secret_paths.iter().map(chain).collect()
}

fn chain(path: &SecretPath) -> Vec<&str> {
    let through = path.through.iter().map(String::as_str);
    [path.source.origin.as_str()].into_iter().chain(through).chain([path.end.address.as_str()]).collect()
}

const fn kind(effect: Effect) -> Kind {
    match effect {
        Effect::Nothing => Kind::Computes,
        Effect::Reads => Kind::Reads,
        Effect::Changes => Kind::Changes,
    }
}
