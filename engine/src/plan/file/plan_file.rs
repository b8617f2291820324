//! Writes and reads plan files.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::error::Category;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::canonical::canonical;
use super::facts::{Digester, sha256};
use super::{Bound, FileDigest, FileFacts, Made, PlanFileError};
use crate::expression::functions::Clock;
use crate::graph::ModuleId;
use crate::plan::{ListedAnswers, Listing, Plan, SelectionFacts, Source};
use crate::redact::{Redact as _, Salt, Secrets};
use crate::runbook::Runbook;
use crate::source::{Sources, without_mark};
use crate::step::Platform;
use crate::value::Value;

const KIND: &str = "arcbook plan";
pub(super) const FORMAT: u64 = 1;
/// The size limit of a plan file, in bytes.
const LARGEST: u64 = 1 << 28;

/// The input from which a plan file is made.
pub struct PlanFileInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The planned runbook.
    pub runbook: &'a Runbook,
    /// The files of the runbook.
    pub sources: &'a Sources,
    /// The paths among `sources` of variable files that load automatically.
    pub values: &'a [PathBuf],
    /// The platform, which provides the identity of the steps.
    pub platform: &'a dyn Platform,
    /// The secrets to keep out of the file; those of the plan must be registered already.
    pub secrets: &'a Secrets,
    /// The version of arcbook.
    pub version: &'a str,
    /// The path of the runbook, relative to the directory of the file.
    pub path: String,
    /// The salt of the seals; for a comparison, the salt of the earlier file.
    pub salt: Salt,
    /// The earlier file, for a comparison.
    pub earlier: Option<&'a PlanFile>,
    /// The person who makes the file, and the time; for a comparison, those of the earlier file.
    pub made: Made,
    /// The machine and the principal that the file is for; for a comparison, those of the earlier file.
    pub bound: Bound,
}

/// A plan as a file; `docs/plan.md` describes the format.
pub struct PlanFile {
    pub(super) contents: Contents,
    json: Json,
    /// The digests of the files that steps send or run, by their paths as the steps name them; empty for a file that
    /// was read.
    sent: HashMap<PathBuf, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    kind: String,
    format: u64,
    arcbook: String,
    path: String,
    made: Made,
    bound: Bound,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    pub seals: BTreeMap<String, String>,
    pub sources: Vec<FileFacts>,
    plan: Listing,
}

/// The members that say whether this version of arcbook can read the file.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    kind: Json,
    #[serde(default)]
    format: Json,
    #[serde(default)]
    arcbook: Json,
}

impl Head {
    fn check(self) -> Result<(), PlanFileError> {
        if self.kind != KIND {
            return Err(PlanFileError::Other);
        }
        if self.format != FORMAT {
            let version = self.arcbook.as_str().unwrap_or("of an unknown version").to_owned();
            return Err(PlanFileError::Format { format: self.format.to_string(), version });
        }
        Ok(())
    }
}

impl PlanFile {
    /// Makes the file of a plan. The same input gives the same file; otherwise two files of one plan differ
    /// only in their salts and seals, if they have any.
    #[must_use]
    pub fn of(input: &PlanFileInput<'_>) -> Self {
        let PlanFileInput { plan, runbook, sources, secrets, salt, .. } = input;
        let digester = Digester { directory: &runbook.directory, salt: *salt, secrets };
        let sent = digester.contents(plan, input.earlier.map(|earlier| &*earlier.contents.sources));
        let mut files = [
            digester.runbook(runbook, sources),
            digester.values(input.values, sources),
            digester.read(plan),
            digester.sent(&sent),
        ]
        .concat();
        files.sort();
        files.dedup();
        let mut listing = Listing::of(plan, runbook, input.platform);
        listing.redact(secrets);
        let (made, bound) = (secrets.redacted(&input.made), secrets.redacted(&input.bound));
        let seals = seals(&listing, plan, *salt);
        let is_sealed = |file: &FileFacts| matches!(file.digest, FileDigest::Seal(_));
        // A file without seals needs no salt, and so contains nothing random.
        let salt = (!seals.is_empty() || files.iter().any(is_sealed)).then(|| salt.to_string());
        let contents = Contents {
            kind: KIND.to_owned(),
            format: FORMAT,
            arcbook: input.version.to_owned(),
            path: input.path.clone(),
            made: made.into_owned(),
            bound: bound.into_owned(),
            time: time(plan),
            salt,
            seals,
            sources: files,
            plan: listing,
        };
        // Serialization cannot fail: the contents are strings, numbers and values.
        let json = serde_json::to_value(&contents).unwrap_or(Json::Null);
        let sent = sent.into_iter().filter_map(|(path, content)| Some((path, content?.sha256)));
        Self { contents, json, sent: sent.collect() }
    }

    /// Returns true if a file that begins with these bytes may be a plan file: no runbook begins as JSON
    /// does.
    #[must_use]
    pub fn is_meant(beginning: &[u8]) -> bool {
        without_mark(beginning).trim_ascii_start().starts_with(b"{")
    }

    /// Returns the size limit of a plan file, in bytes.
    #[must_use]
    pub const fn largest() -> u64 {
        LARGEST
    }

    /// Parses the output of [`text`](Self::text); a byte-order mark, as some editors write it, is ignored.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let bytes = without_mark(bytes);
        if bytes.len() as u64 > LARGEST {
            return Err(PlanFileError::TooLarge(LARGEST));
        }
        let json: Json = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            Category::Eof => PlanFileError::CutOff,
            _ => PlanFileError::Syntax(error),
        })?;
        Head::deserialize(&json).map_err(|_| PlanFileError::Other)?.check()?;
        let contents: Contents = serde_path_to_error::deserialize(&json)
            .map_err(|error| PlanFileError::Invalid(format!("{} in it: {}", error.path(), error.inner())))?;
        if contents.salt.as_ref().is_some_and(|salt| Salt::parse(salt).is_none()) {
            return Err(PlanFileError::Invalid("salt in it is not one".to_owned()));
        }
        if canonical(&json).as_bytes() != bytes {
            return Err(PlanFileError::Edited);
        }
        Ok(Self { contents, json, sent: HashMap::new() })
    }

    /// Returns the file as canonical JSON text.
    #[must_use]
    pub fn text(&self) -> String {
        canonical(&self.json)
    }

    /// Returns the SHA-256 of the text, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self.text().as_bytes())
    }

    /// Returns the file as JSON.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// Returns the digests of the files that the plan was made from.
    #[must_use]
    pub fn sources(&self) -> &[FileFacts] {
        &self.contents.sources
    }

    /// Returns the listing of the plan.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.contents.plan
    }

    /// Returns the version of arcbook that made the file.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.contents.arcbook
    }

    /// Returns the path of the runbook, relative to the directory of the file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.contents.path
    }

    /// Returns the person who made the file, and the time.
    #[must_use]
    pub fn made(&self) -> &Made {
        &self.contents.made
    }

    /// Returns the machine and the principal that the file is for.
    #[must_use]
    pub fn bound(&self) -> &Bound {
        &self.contents.bound
    }

    /// Returns the source of the known results when the plan was made.
    #[must_use]
    pub fn source(&self) -> Source {
        match &self.contents.plan.answers {
            None => Source::Nobody,
            Some(ListedAnswers::Services) => Source::Services,
            Some(ListedAnswers::Run { run }) => Source::Run(run.clone()),
        }
    }

    /// Returns the selected part of the runbook.
    #[must_use]
    pub fn selection(&self) -> &SelectionFacts {
        &self.contents.plan.selection
    }

    /// Returns the digests of the files that steps send or run, by their paths as the steps name them, for the files
    /// that existed when this file was made from a plan.
    #[must_use]
    pub fn sent(&self) -> &HashMap<PathBuf, String> {
        &self.sent
    }

    /// Returns the salt of the seals.
    #[must_use]
    pub fn salt(&self) -> Salt {
        // Reading the file has refused an invalid salt; a file without a salt has no seals.
        self.contents.salt.as_deref().and_then(Salt::parse).unwrap_or_else(Salt::random)
    }

    /// Returns the recorded time of the plan if anything in it depends on the time, otherwise the current
    /// time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let time = self.contents.time.as_ref().and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok());
        time.map_or_else(Clock::plan, Clock::Plan)
    }

    /// Returns the variables whose values the file holds.
    pub fn values(&self) -> impl Iterator<Item = (&str, Value)> {
        let values = self.contents.plan.variables.iter();
        values
            .filter(move |(name, shown)| !self.contents.seals.contains_key(*name) && shown.is_whole())
            .filter_map(|(name, shown)| Some((name, shown.to_value().ok()?)))
    }

    /// Returns the variables that the user must give again to run the file: sensitive ones, which it holds as
    /// seals, and ephemeral ones, which it does not hold.
    pub fn withheld(&self) -> impl Iterator<Item = &str> {
        let held: Vec<&str> = self.values().map(|(name, _)| name).collect();
        self.contents.plan.variables.names().filter(move |name| !held.contains(name))
    }
}

/// Returns the time at which the plan was made, if anything in it depends on the time.
fn time(plan: &Plan) -> Option<String> {
    let asked = plan.state.known(ModuleId::ROOT).files.asked_for_time();
    let time = plan.state.clock.planned().replace_nanosecond(0).ok()?;
    asked.then(|| time.format(&Rfc3339).ok())?
}

/// Returns the seals of the sensitive variables in `listing` that may be recorded.
fn seals(listing: &Listing, plan: &Plan, salt: Salt) -> BTreeMap<String, String> {
    let variables = listing.variables.iter().zip(&plan.variables);
    let withheld =
        variables.filter(|((_, listed), value)| !listed.is_whole() && !value.deep_marks().is_ephemeral());
    withheld.filter_map(|((name, _), value)| Some((name.to_owned(), salt.seal(value)?))).collect()
}
