//! Finds the changes of arguments that decide what a step may do.

use std::collections::{HashMap, HashSet};

use super::block::{BlockDifference, Change};
use super::grows::{Growth, GrowthKind};
use super::meaning::BlockKind;
use super::part::PartDifference;
use crate::plan::{ListedStep, Listing, shape};
use crate::redact::REPLACEMENT;
use crate::step::{ActionFacts, KindFacts, Power, Registry, Schema};

/// The directories whose files programs of the system read or run.
const OF_SYSTEM: [&str; 14] = [
    "/bin/",
    "/boot/",
    "/etc/",
    "/lib/",
    "/lib64/",
    "/opt/",
    "/root/",
    "/sbin/",
    "/usr/",
    "/var/lib/cloud/",
    "/var/spool/cron/",
    "c:/program files",
    "c:/programdata",
    "c:/windows",
];

/// Returns the growth by new steps and by changed arguments of `blocks`, which are differences to the steps of `listing`.
///
/// A changed argument may make a step less powerful too: nobody can tell from two scripts, so it counts.
pub fn powers(blocks: &[BlockDifference], listing: &Listing, registry: &Registry) -> Vec<Growth> {
    let mut instances: HashMap<String, Vec<&ListedStep>> = HashMap::new();
    for step in &listing.steps {
        instances.entry(shape(&step.address)).or_default().push(step);
    }
    let steps = blocks.iter().filter(|one| one.kind == BlockKind::Step);
    let of = |one: &BlockDifference| {
        let own = instances.get(&shape(&one.address)).map_or(&[][..], Vec::as_slice);
        of_step(one, own, registry)
    };
    steps.flat_map(of).collect()
}

fn of_step(one: &BlockDifference, instances: &[&ListedStep], registry: &Registry) -> Vec<Growth> {
    let Some(schema) = schema_of(&one.address, registry) else { return Vec::new() };
    let Some(kind) = kind(schema.power, instances) else { return Vec::new() };
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
pub fn hidden(then: &Listing, now: &Listing, registry: &Registry) -> Vec<Growth> {
    let before: HashSet<&str> = then.steps.iter().map(|step| step.address.as_str()).collect();
    let growth = |step: &ListedStep| {
        let schema = schema_of(&step.address, registry)?;
        kind(schema.power, &[step])?;
        let of_words = step.actions.iter().filter_map(ActionFacts::command);
        let is_hidden =
            !step.secrets.is_empty() || of_words.into_iter().any(|words| words.contains(REPLACEMENT));
        let access = "a plan file hides a part of it".to_owned();
        is_hidden.then(|| Growth { kind: GrowthKind::Unknown, access, blocks: vec![step.address.clone()] })
    };
    now.steps.iter().filter(|step| before.contains(step.address.as_str())).filter_map(growth).collect()
}

/// Returns the kind of the growth by an argument of a step with these instances; none if it decides nothing.
fn kind(power: Power, instances: &[&ListedStep]) -> Option<GrowthKind> {
    let actions = || instances.iter().flat_map(|step| &step.actions);
    match power {
        Power::Actions => None,
        Power::Rights => Some(GrowthKind::Rights),
        Power::Code => Some(GrowthKind::Code),
        Power::Content => actions().any(|action| is_code(&action.kind)).then_some(GrowthKind::Content),
        Power::Request => {
            actions().any(|action| action.sent_token().is_some()).then_some(GrowthKind::Request)
        }
    }
}

/// Returns true for the writing of a file that can be executed, or that a program of the system may read or run.
fn is_code(kind: &KindFacts) -> bool {
    let KindFacts::WriteFile { path, mode } = kind else { return false };
    let mode = mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let is_of_system = OF_SYSTEM.iter().any(|directory| path.starts_with(directory));
    let is_of_login = ["/.ssh/", "/.profile", "/.bash"].iter().any(|part| path.contains(part));
    is_of_system || is_of_login || path.contains("(known after") || mode.is_some_and(|mode| mode & 0o111 != 0)
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
