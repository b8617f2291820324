//! Defines one side of a comparison.

use std::collections::BTreeMap;

use super::code::{self, by_path};
use super::made_from::MadeFrom;
use super::meaning::{BlockForm, blocks};
use crate::plan::file::{FileDigest, PlanFile, read_files, runbook_files};
use crate::plan::{Listing, Plan, register_plan_secrets};
use crate::redact::{Redact as _, Salt, Secrets};
use crate::runbook::Runbook;
use crate::source::Sources;
use crate::step::Platform;

/// One side of a comparison: a plan, with the expressions of its runbook if they are at hand.
pub struct Subject {
    /// The name, for people.
    pub name: String,
    /// The plan as data.
    pub listing: Listing,
    /// The blocks of the runbook; none for a plan file, which has no expressions.
    pub(super) blocks: Option<Vec<BlockForm>>,
    /// The digests of the files of the runbook and its modules, by their paths; none for a plan file.
    pub(super) text: BTreeMap<String, FileDigest>,
    /// The origin of a plan file; none for a runbook.
    pub(super) made_from: Option<MadeFrom>,
    /// The digests of the files that functions read, by their paths.
    pub(super) inputs: BTreeMap<String, FileDigest>,
    /// The digests of the files that steps run, or read to decide, by their paths.
    pub(super) code: BTreeMap<String, FileDigest>,
    /// The salt of the digests of files that contain a secret.
    pub(super) salt: String,
}

impl Subject {
    /// Describes a plan and its runbook. Files that contain a secret are compared by seals with `salt`.
    #[must_use]
    pub fn of_plan(
        name: String,
        (plan, runbook, sources): (&Plan, &Runbook, &Sources),
        platform: &dyn Platform,
        salt: Salt,
    ) -> Self {
        let listing = Listing::of(plan, runbook, platform);
        // No digest of a secret is compared, whoever made it one.
        let hidden = Secrets::new();
        register_plan_secrets(&hidden, plan);
        let inputs = by_path(read_files(plan, runbook, salt, &hidden));
        let code = code::of_plan((plan, runbook), salt, &hidden);
        let text = by_path(runbook_files(runbook, sources));
        let (blocks, salt) = (Some(blocks(plan, sources)), salt.to_string());
        Self { name, listing, blocks, text, made_from: None, inputs, code, salt }
    }

    /// Describes a plan file.
    #[must_use]
    pub fn of_file(name: String, file: &PlanFile) -> Self {
        let read = file.listing().files.iter();
        let digests = by_path(file.sources().to_vec());
        let inputs = read.filter_map(|path| Some((path.clone(), digests.get(path)?.clone())));
        Self {
            name,
            listing: file.listing().clone(),
            blocks: None,
            text: BTreeMap::new(),
            made_from: Some(MadeFrom::of(file)),
            inputs: inputs.collect(),
            code: code::of_file(file),
            salt: file.salt().to_string(),
        }
    }

    /// Replaces the secrets in its plan.
    pub fn redact(&mut self, secrets: &Secrets) {
        self.listing.redact(secrets);
    }

    /// Returns true if it is a plan file.
    pub(super) fn is_file(&self) -> bool {
        self.made_from.is_some()
    }

    /// Returns true if the expressions of the runbook are at hand.
    #[must_use]
    pub fn has_expressions(&self) -> bool {
        self.blocks.is_some()
    }
}
