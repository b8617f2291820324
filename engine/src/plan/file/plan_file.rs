//! The file: made from a plan, or read.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::error::Category;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::canonical::canonical;
use super::facts::{Digester, sha256};
use super::{FileDigest, FileFacts, PlanFileError};
use crate::expression::functions::Clock;
use crate::graph::ModuleId;
use crate::plan::{ListedAnswers, Listing, Plan, SelectionFacts, Source, is_whole, to_public_json};
use crate::redact::{Redact as _, Salt, Secrets};
use crate::runbook::Runbook;
use crate::source::{Sources, without_mark};
use crate::step::Platform;
use crate::value::Value;

/// What a plan file says it is.
const KIND: &str = "arcbook plan";
/// The number of the form.
pub(super) const FORMAT: u64 = 1;
/// A larger file is none.
const LARGEST: u64 = 1 << 28;

/// What a plan file is made from.
pub struct PlanFileInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What it is a plan of.
    pub runbook: &'a Runbook,
    /// Its files.
    pub sources: &'a Sources,
    /// Those of them that give values to variables by themselves.
    pub values: &'a [PathBuf],
    /// Who steps act as.
    pub platform: &'a dyn Platform,
    /// What must not be in the file; they know those of the plan already.
    pub secrets: &'a Secrets,
    /// The version of arcbook.
    pub version: &'a str,
    /// The runbook, as it is reached from the directory of the file.
    pub path: String,
    /// What seals are made with: of an earlier file, to compare with it.
    pub salt: Salt,
}

/// A plan as a file; see `docs/plan.md`.
pub struct PlanFile {
    pub(super) contents: Contents,
    json: Json,
    /// The digests of the files that steps send, as the steps name them; none of a file that was read.
    sent: HashMap<PathBuf, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    kind: String,
    format: u64,
    arcbook: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    pub seals: BTreeMap<String, String>,
    pub sources: Vec<FileFacts>,
    plan: Listing,
}

impl PlanFile {
    /// The file of a plan. The same sketch gives the same file; two differ in their salts and seals, if they have any.
    #[must_use]
    pub fn of(sketch: &PlanFileInput<'_>) -> Self {
        let PlanFileInput { plan, runbook, sources, secrets, salt, .. } = sketch;
        let digester = Digester { directory: &runbook.directory, salt: *salt, secrets };
        let sent = digester.contents(plan);
        let mut files = [
            digester.runbook(runbook, sources),
            digester.values(sketch.values, sources),
            digester.read(plan),
            digester.sent(&sent),
        ]
        .concat();
        files.sort();
        files.dedup();
        let mut listing = Listing::of(plan, runbook, sketch.platform);
        listing.redact(secrets);
        let seals = seals(&listing, plan, *salt);
        let is_sealed = |file: &FileFacts| matches!(file.digest, FileDigest::Seal(_));
        // Without seals it has nothing random in it.
        let salt = (!seals.is_empty() || files.iter().any(is_sealed)).then(|| salt.to_string());
        let contents = Contents {
            kind: KIND.to_owned(),
            format: FORMAT,
            arcbook: sketch.version.to_owned(),
            path: sketch.path.clone(),
            time: time(plan),
            salt,
            seals,
            sources: files,
            plan: listing,
        };
        // It is made of texts, numbers and values, all of which JSON has.
        let json = serde_json::to_value(&contents).unwrap_or(Json::Null);
        let sent = sent.into_iter().filter_map(|(path, content)| Some((path, content?.sha256)));
        Self { contents, json, sent: sent.collect() }
    }

    /// Whether a file that begins with these bytes is meant as a plan file: no runbook begins as JSON does.
    #[must_use]
    pub fn is_meant(beginning: &[u8]) -> bool {
        without_mark(beginning).trim_ascii_start().starts_with(b"{")
    }

    /// The largest file that is read, in bytes.
    #[must_use]
    pub const fn largest() -> u64 {
        LARGEST
    }

    /// Reads what [`text`](Self::text) gave; a byte-order mark, as some editors write it, is no edit.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanFileError> {
        let bytes = without_mark(bytes);
        if bytes.len() as u64 > LARGEST {
            return Err(PlanFileError::TooLarge(LARGEST));
        }
        let json: Json = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            Category::Eof => PlanFileError::CutOff,
            _ => PlanFileError::Syntax(error),
        })?;
        if json["kind"] != KIND {
            return Err(PlanFileError::Other);
        }
        if json["format"] != FORMAT {
            let version = json["arcbook"].as_str().unwrap_or("of an unknown version").to_owned();
            return Err(PlanFileError::Format { format: json["format"].to_string(), version });
        }
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

    /// The text of the file: canonical JSON.
    #[must_use]
    pub fn text(&self) -> String {
        canonical(&self.json)
    }

    /// The SHA-256 of the text, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self.text().as_bytes())
    }

    /// All of it.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// What the plan lists.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.contents.plan
    }

    /// The version of arcbook that made it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.contents.arcbook
    }

    /// The runbook, as it is reached from the directory of the file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.contents.path
    }

    /// Who told what steps give when the plan was made.
    #[must_use]
    pub fn source(&self) -> Source {
        match &self.contents.plan.answers {
            None => Source::Nobody,
            Some(ListedAnswers::Services) => Source::Services,
            Some(ListedAnswers::Run { run }) => Source::Run(run.clone()),
        }
    }

    /// The part of the runbook that it is of.
    #[must_use]
    pub fn selection(&self) -> &SelectionFacts {
        &self.contents.plan.selection
    }

    /// The digests of the files that steps send, by their paths as the steps name them: of those that there were when
    /// this was made from a plan.
    #[must_use]
    pub fn sent(&self) -> &HashMap<PathBuf, String> {
        &self.sent
    }

    /// What its seals were made with.
    #[must_use]
    pub fn salt(&self) -> Salt {
        // What cannot be read as one was refused when the file was read; without one there are no seals.
        self.contents.salt.as_deref().and_then(Salt::parse).unwrap_or_else(Salt::random)
    }

    /// The time at which the plan was made, when something in it depends on that, otherwise now.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let time = self.contents.time.as_ref().and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok());
        time.map_or_else(Clock::plan, Clock::Plan)
    }

    /// The variables whose values it holds.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        let whole = |value: &Value| value.is_wholly_known() && is_whole(&to_public_json(value));
        let values = self.contents.plan.variables.0.iter();
        values
            .filter(move |(name, value)| !self.contents.seals.contains_key(name) && whole(value))
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The variables that must be given again to run it: of those that are sensitive it holds a seal, of those that are
    /// ephemeral nothing.
    pub fn withheld(&self) -> impl Iterator<Item = &str> {
        let held: Vec<&str> = self.values().map(|(name, _)| name).collect();
        let names = self.contents.plan.variables.0.iter().map(|(name, _)| name.as_str());
        names.filter(move |name| !held.contains(name))
    }
}

/// When the plan was made, if something in it depends on that.
fn time(plan: &Plan) -> Option<String> {
    let asked = plan.state.known(ModuleId::ROOT).files.asked_for_time();
    let time = plan.state.clock.planned().replace_nanosecond(0).ok()?;
    asked.then(|| time.format(&Rfc3339).ok())?
}

/// For each variable whose value is not whole in `listing`, and that may be kept: what tells whether it is the same.
fn seals(listing: &Listing, plan: &Plan, salt: Salt) -> BTreeMap<String, String> {
    let variables = listing.variables.0.iter().zip(&plan.variables);
    let withheld = variables.filter(|((_, listed), value)| {
        !is_whole(&to_public_json(listed)) && !value.deep_marks().is_ephemeral()
    });
    withheld.filter_map(|((name, _), value)| Some((name.clone(), salt.seal(value)?))).collect()
}
