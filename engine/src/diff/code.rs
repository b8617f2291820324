//! Finds the files beside a runbook that are code: programs, scripts, and what decides as they do.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::difference::FileChange;
use super::grows::{Growth, GrowthKind};
use crate::plan::file::{FileDigest, FileFacts, PlanFile, files_beside};
use crate::plan::{Listing, Plan, shape};
use crate::program;
use crate::redact::{Salt, Secrets};
use crate::runbook::Runbook;
use crate::step::{Action, ActionFacts, ActionKind, KindFacts, Power};

/// Returns the digests of the files that the steps of a plan run, or read to decide, below the directory of the runbook.
pub fn of_plan(
    (plan, runbook): (&Plan, &Runbook),
    salt: Salt,
    secrets: &Secrets,
) -> BTreeMap<String, FileDigest> {
    let decides =
        |step: &&_| plan.written(step).is_some_and(|step| step.step_type.schema().power != Power::Actions);
    let actions = plan.steps.iter().filter(decides).flat_map(|step| &step.actions);
    let paths: BTreeSet<String> = actions.flat_map(files).collect();
    by_path(files_beside((plan, runbook), (salt, secrets), paths))
}

/// Returns the digests of the files of a plan file that its actions name.
pub fn of_file(file: &PlanFile) -> BTreeMap<String, FileDigest> {
    let named = named(file.listing());
    let facts = file.sources().iter().filter(|facts| named.contains(facts.path.as_str()));
    by_path(facts.cloned().collect())
}

/// Returns the digests by the paths of their files.
pub(super) fn by_path(facts: Vec<FileFacts>) -> BTreeMap<String, FileDigest> {
    facts.into_iter().map(|FileFacts { path, digest }| (path, digest)).collect()
}

/// Returns the growth by another content of a file, with the blocks of `listing` whose actions name it.
pub(super) fn growth(file: &FileChange, listing: &Listing) -> Growth {
    let names_it = |action: &ActionFacts| names(action).any(|path| *path == file.path);
    let steps = listing.steps.iter().filter(|step| step.actions.iter().any(names_it));
    let blocks: BTreeSet<String> = steps.map(|step| shape(&step.address)).collect();
    let access = format!("{} has another content", file.path);
    Growth { kind: GrowthKind::Code, access, blocks: blocks.into_iter().collect() }
}

fn files(action: &Action) -> Vec<String> {
    match &action.kind {
        ActionKind::Exec(process) => {
            process.files().into_iter().map(|path| path.display().to_string()).collect()
        }
        _ => action.input_file().and_then(|file| file.path.reveal()).into_iter().collect(),
    }
}

fn named(listing: &Listing) -> BTreeSet<Cow<'_, str>> {
    let actions = listing.steps.iter().flat_map(|step| &step.actions);
    actions.flat_map(names).collect()
}

/// Returns the words of an action that may be the paths of files.
fn names(action: &ActionFacts) -> impl Iterator<Item = Cow<'_, str>> {
    let (words, scripts) = match &action.kind {
        KindFacts::ReadFile { path } => (std::slice::from_ref(path), Vec::new()),
        KindFacts::Exec { argv, directory, .. } => {
            let known: Vec<Option<&str>> = argv.iter().map(|word| Some(word.as_str())).collect();
            let based = |path: String| match directory {
                Some(directory) => Path::new(directory).join(path).display().to_string(),
                None => path,
            };
            (argv.as_slice(), program::files(&known).into_iter().map(based).collect::<Vec<_>>())
        }
        _ => (&[] as &[String], Vec::new()),
    };
    words.iter().map(|word| Cow::Borrowed(word.as_str())).chain(scripts.into_iter().map(Cow::Owned))
}
