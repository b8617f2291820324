//! Compares two runbooks, or plans of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::access::Access;
use super::block::{BlockDifference, Change};
use super::code;
use super::difference::{Changes, Difference, FileChange};
use super::listed::listed;
use super::meaning::{BlockForm, BlockKind};
use super::pairing::renames;
use super::part::PartDifference;
use super::privilege::privilege;
use super::renames::Renames;
use super::same::{are_the_same, not_read};
use super::secret_end::revealed;
use super::side::Side;
use super::subject::Subject;
use crate::plan::file::FileDigest;
use crate::plan::{ListedStep, Named};
use crate::source::is_elsewhere;
use crate::step::Registry;
use crate::value::{Value, show_inline};

/// Compares two subjects, whose step types are in `registry`.
#[must_use]
pub fn compare(old: &Subject, new: &Subject, registry: &Registry) -> Difference {
    let compares_expressions = old.has_expressions() && new.has_expressions();
    let code = changed_code(old, new);
    let notes = not_read(old, new);
    if are_the_same(old, new) {
        let privilege = code.iter().map(|file| code::growth(file, &new.listing)).collect();
        let (old, new) = (old.name.clone(), new.name.clone());
        let same = Difference::between(old, new);
        return Difference { compares_expressions: true, inputs: code, privilege, notes, ..same };
    }
    let of_listings = |subject: &Subject| Cow::Owned(listed(&subject.listing));
    let (then, now): (Cow<'_, [BlockForm]>, Cow<'_, [BlockForm]>) = match (&old.blocks, &new.blocks) {
        (Some(then), Some(now)) => (then.into(), now.into()),
        _ => (of_listings(old), of_listings(new)),
    };
    let renames = renames(&then, &now);
    let listing = renames.listing(&old.listing);
    let sides = Sides { old: Side::of(&listing), new: Side::of(&new.listing), renames: &renames };
    let blocks = sides.blocks(&then, &now);
    let (mut before, mut after) = (Access::of(&listing), Access::of(&new.listing));
    before.secrets.extend(revealed(&then, &renames));
    after.secrets.extend(revealed(&now, &Renames::default()));
    let mut privilege =
        privilege((&sides.old, &before), (&sides.new, &after), (&blocks, registry), compares_expressions);
    privilege.extend(code.iter().map(|file| code::growth(file, &new.listing)));
    Difference {
        notes,
        compares_expressions,
        permissions: Changes::between(&before.permissions, &after.permissions),
        hosts: Changes::between(&before.hosts, &after.hosts),
        secrets: Changes::between(&before.secrets, &after.secrets),
        files: Changes::between(&before.files, &after.files),
        programs: Changes::between(&before.programs, &after.programs),
        statements: Changes::between(&before.statements, &after.statements),
        inputs: [inputs(old, new), code].concat(),
        blocks,
        privilege,
        ..Difference::between(old.name.clone(), new.name.clone())
    }
}

struct Sides<'a> {
    /// The old side, with the addresses of the new one.
    old: Side<'a>,
    new: Side<'a>,
    renames: &'a Renames,
}

impl Sides<'_> {
    /// Returns the differences in blocks: in the order of the new side, then those that are gone.
    fn blocks(&self, then: &[BlockForm], now: &[BlockForm]) -> Vec<BlockDifference> {
        let old: HashMap<&str, &BlockForm> =
            then.iter().map(|block| (self.renames.now(&block.address), block)).collect();
        let kept: BTreeSet<&str> = now.iter().map(|block| block.address.as_str()).collect();
        let difference = |block: &BlockForm| match old.get(block.address.as_str()) {
            None => Some(only(block, Change::Added, &self.new)),
            Some(was) => self.between(was, block),
        };
        let gone = then.iter().filter(|block| !kept.contains(self.renames.now(&block.address)));
        let gone = gone.map(|block| only(block, Change::Removed, &self.old));
        let all = now.iter().filter_map(difference).chain(gone);
        // The parts of a module are told by its steps; its own block has no meaning without settings.
        let is_told = |one: &BlockDifference| match one.kind {
            BlockKind::Module => one.change == Change::Changed,
            // Whoever uses an inner name changes with it.
            BlockKind::Variable | BlockKind::Output if one.address.starts_with("module.") => {
                one.change == Change::Changed
            }
            _ => true,
        };
        let all = all.filter(is_told);
        let mut all: Vec<BlockDifference> = all.collect();
        all.sort_by_key(|one| (one.kind, one.change));
        all
    }

    fn between(&self, old: &BlockForm, new: &BlockForm) -> Option<BlockDifference> {
        let mut parts = self.parts(old, new);
        parts.extend(self.consequences(new, &parts));
        let [added_instances, removed_instances] =
            [(&self.new, &self.old), (&self.old, &self.new)].map(|(one, other)| only_in(one, other, new));
        let is_same = parts.is_empty() && added_instances.is_empty() && removed_instances.is_empty();
        let is_renamed = old.address != new.address && !new.is_inner;
        let change = match (is_same, is_renamed) {
            (true, false) => return None,
            (true, true) => Change::Renamed,
            (false, _) => Change::Changed,
        };
        let was = (old.address != new.address).then(|| old.address.clone());
        Some(BlockDifference {
            was,
            parts,
            added_instances,
            removed_instances,
            ..only(new, change, &self.new)
        })
    }

    /// Returns the parts whose expressions differ.
    fn parts(&self, old: &BlockForm, new: &BlockForm) -> Vec<PartDifference> {
        let (none, names) = (Renames::default(), old.parts.keys().chain(new.parts.keys()));
        let names: BTreeSet<&String> = names.collect();
        let difference = |name: &String| {
            let (then, now) = (old.parts.get(name), new.parts.get(name));
            let is_same = match (then, now) {
                (Some(then), Some(now)) => {
                    (self.renames.is_empty() && then == now) || then.key(self.renames) == now.key(&none)
                }
                _ => false,
            };
            (!is_same).then(|| PartDifference {
                name: name.clone(),
                old: then.map(|form| form.shown(self.renames)),
                new: now.map(|form| form.shown(&none)),
                is_consequence: false,
            })
        };
        names.into_iter().filter_map(difference).collect()
    }

    /// Returns the parts whose values differ although their expressions do not.
    fn consequences(&self, block: &BlockForm, told: &[PartDifference]) -> Vec<PartDifference> {
        let is_told = |name: &str| told.iter().any(|part| part.name == name);
        let mut found = Vec::new();
        match block.kind {
            BlockKind::Step => {
                let before: BTreeMap<&str, &ListedStep> =
                    self.old.instances(&block.address).map(|step| (step.address.as_str(), step)).collect();
                for step in self.new.instances(&block.address) {
                    let Some(was) = before.get(step.address.as_str()) else { continue };
                    let names = step.arguments.names().filter(|name| !is_told(name));
                    let key = step.address.strip_prefix(&block.address).unwrap_or_default();
                    found.extend(names.filter_map(|name| {
                        consequence(&format!("{name}{key}"), name, &was.arguments, &step.arguments)
                    }));
                }
            }
            BlockKind::Variable | BlockKind::Output if !block.is_inner => {
                let (then, now) = (self.old.listing, self.new.listing);
                let (name, then, now) = match block.address.split_once('.') {
                    Some(("var", name)) => (name, &then.variables, &now.variables),
                    Some((_, name)) => (name, &then.outputs, &now.outputs),
                    None => return found,
                };
                // The default of a variable is its value here.
                if !["value", "default", "type"].into_iter().any(is_told) {
                    found.extend(consequence("value", name, then, now));
                }
            }
            _ => {}
        }
        found
    }
}

/// Returns the difference of a block that is only on one side.
fn only(block: &BlockForm, change: Change, side: &Side<'_>) -> BlockDifference {
    let step = side.instances(&block.address).next();
    BlockDifference {
        kind: block.kind,
        address: block.address.clone(),
        change,
        was: None,
        effect: step.map(|step| step.effect),
        title: step.map(|step| step.title.whole()).unwrap_or_default(),
        parts: Vec::new(),
        added_instances: Vec::new(),
        removed_instances: Vec::new(),
    }
}

/// Returns the difference in a value that is wholly known on both sides.
fn consequence(part: &str, name: &str, then: &Named, now: &Named) -> Option<PartDifference> {
    let shown = |values: &Named| {
        let value = values.get(name)?.to_value().ok()?;
        let is_open = value.is_wholly_known() && !value.has_deep_marks();
        is_open.then(|| text(&value))
    };
    let (old, new) = (shown(then)?, shown(now)?);
    (old != new).then(|| PartDifference {
        name: part.to_owned(),
        old: Some(old),
        new: Some(new),
        is_consequence: true,
    })
}

fn text(value: &Value) -> String {
    show_inline(value, usize::MAX)
}

/// Returns the instances of a repeated step that are only on one side.
fn only_in(one: &Side<'_>, other: &Side<'_>, block: &BlockForm) -> Vec<String> {
    if block.kind != BlockKind::Step {
        return Vec::new();
    }
    let others: BTreeSet<&str> = other.instances(&block.address).map(|step| step.address.as_str()).collect();
    let only = one.instances(&block.address).map(|step| step.address.as_str());
    only.filter(|address| !others.contains(address)).map(str::to_owned).collect()
}

/// Returns the files beside the runbooks that both run, and that differ. A path that only one names is told by its step.
fn changed_code(old: &Subject, new: &Subject) -> Vec<FileChange> {
    let is_comparable = old.salt == new.salt;
    let is_hidden = |digest: &FileDigest| matches!(digest, FileDigest::Seal(_)) && !is_comparable;
    let differs = |path: &String, now: &FileDigest| {
        old.code.get(path).is_some_and(|then| then != now && !is_hidden(then) && !is_hidden(now))
            && !old.inputs.contains_key(path)
    };
    let changed = new.code.iter().filter(|(path, now)| differs(path, now));
    changed.map(|(path, _)| FileChange { path: path.clone(), change: Change::Changed }).collect()
}

/// Returns the differences in files that functions read. Seals with different salts, those of two plan files, cannot be
/// compared, and nor can a file elsewhere, which a review does not read.
fn inputs(old: &Subject, new: &Subject) -> Vec<FileChange> {
    let is_comparable = old.salt == new.salt;
    let is_read = |path: &str| old.is_file() == new.is_file() || !is_elsewhere(path);
    let (old, new) = (&old.inputs, &new.inputs);
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).filter(|path| is_read(path)).collect();
    let change = |path: &String| match (old.get(path), new.get(path)) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        (Some(FileDigest::Seal(_)), Some(FileDigest::Seal(_))) if !is_comparable => None,
        (then, now) => (then != now).then_some(Change::Changed),
    };
    paths
        .into_iter()
        .filter_map(|path| Some(FileChange { path: path.clone(), change: change(path)? }))
        .collect()
}
