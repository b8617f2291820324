//! Finds the changes of arguments that decide what a step may do.

use std::collections::HashSet;

use super::block::{BlockDifference, Change};
use super::grows::{Growth, GrowthKind};
use super::meaning::BlockKind;
use super::part::PartDifference;
use super::run_files::RunFiles;
use super::side::Side;
use crate::plan::{ListedStep, Listing, shape};
use crate::redact::REPLACEMENT;
use crate::step::{ActionFacts, KindFacts, Power, Registry, Safety, Schema};

/// Returns the growth by new steps and by changed arguments of `blocks`, which are differences to the steps of `new`.
///
/// A changed argument may make a step less powerful too: nobody can tell from two scripts, so it counts.
pub fn powers(blocks: &[BlockDifference], new: &Side<'_>, (registry, run): Judges<'_>) -> Vec<Growth> {
    let steps = blocks.iter().filter(|one| one.kind == BlockKind::Step);
    steps.flat_map(|one| of_step(one, new.block(&one.address), (registry, run))).collect()
}

/// The schemas of step types, and the files that may be run: they decide which arguments count.
pub type Judges<'a> = (&'a Registry, &'a RunFiles);

fn of_step(one: &BlockDifference, instances: &[&ListedStep], (registry, run): Judges<'_>) -> Vec<Growth> {
    let Some(schema) = schema_of(&one.address, registry) else { return Vec::new() };
    let kind = kind(schema.power, instances, run).or_else(|| weaker_kind(schema.power, instances));
    let Some(kind) = kind else { return Vec::new() };
    let growth = |access: String| Growth { kind, access, blocks: vec![one.address.clone()] };
    match one.change {
        Change::Added if one.title.is_empty() => vec![growth(schema.name.to_owned())],
        Change::Added => vec![growth(one.title.clone())],
        Change::Changed => {
            let own = |part: &&PartDifference| schema.argument(argument(&part.name)).is_some();
            let parts = one.parts.iter().filter(own).map(|part| growth(words(part)));
            let instances = one.added_instances.iter().map(|instance| growth(format!("new: {instance}")));
            parts.chain(instances).collect()
        }
        Change::Removed | Change::Renamed => Vec::new(),
    }
}

/// Returns the growth of what a plan file hides: another one may hide something else behind the same words.
pub fn hidden(then: &Listing, now: &Listing, (registry, run): Judges<'_>) -> Vec<Growth> {
    let before: HashSet<&str> = then.steps.iter().map(|step| step.address.as_str()).collect();
    let growth = |step: &ListedStep| {
        let schema = schema_of(&step.address, registry)?;
        kind(schema.power, &[step], run)?;
        let of_words = step.actions.iter().filter_map(ActionFacts::command);
        let is_hidden =
            !step.secrets.is_empty() || of_words.into_iter().any(|words| words.contains(REPLACEMENT));
        let access = "a plan file hides a part of it".to_owned();
        is_hidden.then(|| Growth { kind: GrowthKind::Unknown, access, blocks: vec![step.address.clone()] })
    };
    now.steps.iter().filter(|step| before.contains(step.address.as_str())).filter_map(growth).collect()
}

/// Returns the kind of the growth by an argument of a step with these instances; none if it decides nothing.
fn kind(power: Power, instances: &[&ListedStep], run: &RunFiles) -> Option<GrowthKind> {
    let actions = || instances.iter().flat_map(|step| &step.actions);
    match power {
        Power::Rights => return Some(GrowthKind::Rights),
        Power::Code => return Some(GrowthKind::Code),
        Power::Request if actions().any(|action| action.sent_token().is_some()) => {
            return Some(GrowthKind::Request);
        }
        Power::Actions | Power::Content | Power::Request => {}
    }
    // Whatever writes it: a program runs it, or decides by it.
    actions().any(|action| run.has(&action.kind)).then_some(GrowthKind::Content)
}

/// Returns the kind of the growth by an argument of a step that has no token and writes nothing that decides: a secret is a
/// credential for requests, and others may read the file that holds one.
fn weaker_kind(power: Power, instances: &[&ListedStep]) -> Option<GrowthKind> {
    let has_secret = instances.iter().any(|step| !step.secrets.is_empty());
    let actions = || instances.iter().flat_map(|step| &step.actions);
    // Whatever the step says of its effect.
    let changes = |action: &ActionFacts| match &action.kind {
        KindFacts::Http { method, .. } => {
            action.safety != Safety::Reads || !["GET", "HEAD", "OPTIONS"].contains(&method.as_str())
        }
        _ => false,
    };
    let writes = |action: &ActionFacts| matches!(action.kind, KindFacts::WriteFile { .. });
    match power {
        Power::Request if has_secret || actions().any(changes) => Some(GrowthKind::Request),
        _ => (has_secret && actions().any(writes)).then_some(GrowthKind::Content),
    }
}

/// Returns the schema of the type of the step at an address.
fn schema_of<'a>(address: &str, registry: &'a Registry) -> Option<&'a Schema> {
    let block = shape(address);
    let (_, step) = block.rsplit_once("step.")?;
    let (ty, _) = step.split_once('.')?;
    registry.get(ty).map(|ty| ty.schema())
}

/// Returns the argument of a part, which may name one instance.
fn argument(part: &str) -> &str {
    part.split(['[', '.']).next().unwrap_or(part)
}

fn words(part: &PartDifference) -> String {
    let PartDifference { name, old, new, .. } = part;
    match (old, new) {
        (Some(old), Some(new)) => format!("{name}: {old} → {new}"),
        (None, Some(new)) => format!("{name}: {new}"),
        (Some(old), None) => format!("{name}: {old} is gone"),
        (None, None) => name.clone(),
    }
}
