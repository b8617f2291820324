//! Records the files that a plan is made from, by their digests.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expression::functions::ReadFile;
use crate::graph::ModuleId;
use crate::plan::{MadeFiles, Plan, PlannedStep};
use crate::redact::{Redact, Salt, Secrets};
use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources, open_plain, relative};
use crate::step::{Action, ActionKind};

/// The path and digest of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(try_from = "WrittenFacts")]
pub struct FileFacts {
    /// The path as the user wrote it, or relative to the runbook's directory.
    pub path: String,
    /// The digest of the content.
    #[serde(flatten)]
    pub digest: FileDigest,
}

/// The digest of a file's content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum FileDigest {
    /// The SHA-256 of its bytes, in hexadecimal.
    Sha256(#[redact(word)] String),
    /// The seal of the SHA-256 of a file that contains a secret: a plain digest would make guessing the
    /// secret too cheap.
    Seal(#[redact(word)] String),
    /// The file does not exist.
    Missing(()),
}

/// The members of [`FileFacts`] as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFacts {
    path: String,
    sha256: Option<String>,
    seal: Option<String>,
    /// Null for a file that does not exist.
    #[serde(default, rename = "missing")]
    _missing: (),
}

impl TryFrom<WrittenFacts> for FileFacts {
    type Error = &'static str;

    fn try_from(written: WrittenFacts) -> Result<Self, Self::Error> {
        let digest = match (written.sha256, written.seal) {
            (Some(sha256), None) => FileDigest::Sha256(sha256),
            (None, Some(seal)) => FileDigest::Seal(seal),
            (None, None) => FileDigest::Missing(()),
            (Some(_), Some(_)) => return Err("a file has a `sha256` and a `seal`"),
        };
        Ok(Self { path: written.path, digest })
    }
}

/// The text shown in place of a sensitive path.
const HIDDEN: &str = "(a sensitive path)";
/// The size above which a file is not searched for secrets.
const LOOKED_THROUGH: u64 = 1 << 28;

impl FileFacts {
    /// Records a file of a runbook.
    #[must_use]
    pub fn of(file: &SourceFile) -> Self {
        let path = file.path().display().to_string();
        Self { path, digest: FileDigest::Sha256(file.sha256()) }
    }
}

/// Makes the digests of files.
pub(super) struct Digester<'a> {
    pub directory: &'a Path,
    pub salt: Salt,
    pub secrets: &'a Secrets,
}

impl Digester<'_> {
    fn facts(&self, path: &str, digest: FileDigest) -> FileFacts {
        FileFacts { path: self.secrets.redact(path).into_owned(), digest }
    }

    /// Returns the digest of a file with these `bytes`, as a seal if they contain a secret.
    fn digest(&self, sha256: String, bytes: &[u8]) -> FileDigest {
        let is_long = bytes.len() as u64 > LOOKED_THROUGH;
        self.digest_of(sha256, is_long || matches!(self.secrets.redact_bytes(bytes), Cow::Owned(_)))
    }

    /// Returns the digest of a file, as a seal if it may contain a secret.
    fn digest_of(&self, sha256: String, holds_secret: bool) -> FileDigest {
        if holds_secret {
            FileDigest::Seal(self.salt.seal_digest(&sha256))
        } else {
            FileDigest::Sha256(sha256)
        }
    }

    /// Records the files of the runbook and its modules.
    pub fn runbook(&self, runbook: &Runbook, sources: &Sources) -> Vec<FileFacts> {
        let files = runbook_files(runbook, sources);
        files.into_iter().map(|FileFacts { path, digest }| self.facts(&path, digest)).collect()
    }

    /// Records the files that set variables.
    pub fn values(&self, paths: &[PathBuf], sources: &Sources) -> Vec<FileFacts> {
        let read = |path: &PathBuf| sources.iter().map(|(_, file)| file).find(|file| file.path() == path);
        let facts = |file: &SourceFile| {
            let digest = self.digest(file.sha256(), file.text().as_bytes());
            self.facts(&relative(self.directory, file.path()), digest)
        };
        paths.iter().filter_map(read).map(facts).collect()
    }

    /// Records the files that functions read.
    pub fn read(&self, plan: &Plan) -> Vec<FileFacts> {
        let read = &plan.state.known(ModuleId::ROOT).files;
        let files = read.digests();
        let facts = |file: ReadFile| {
            let Some(path) = file.path else {
                return self.facts(HIDDEN, FileDigest::Seal(self.salt.seal_digest(&file.sha256)));
            };
            let content = read.file_system().read(&self.directory.join(&path), LONGEST);
            let digest = match content {
                Ok(bytes) if sha256(&bytes) == file.sha256 => self.digest(file.sha256, &bytes),
                // The bytes are no longer available, so nothing can be searched for secrets.
                _ => FileDigest::Seal(self.salt.seal_digest(&file.sha256)),
            };
            self.facts(&path, digest)
        };
        files.into_iter().map(facts).collect()
    }

    /// Reads the files that steps send or run from the disk, by their paths as the steps name them; a missing file
    /// reads as none. A file that an earlier step writes is no part of the review.
    ///
    /// A program, and a file that an earlier program may make, counts if it is there; if there are facts of an `earlier` plan, if they name it.
    pub fn contents(&self, plan: &Plan, earlier: Option<&[FileFacts]>) -> HashMap<PathBuf, Option<Content>> {
        let actions = || plan.steps.iter().flat_map(|step| &step.actions);
        let made = MadeFiles::of(plan);
        let is_named = |path: &Path| {
            let shown = path.display().to_string();
            let is_of =
                |facts: &[FileFacts]| facts.iter().any(|facts| facts.path == self.secrets.redact(&shown));
            earlier.map(is_of)
        };
        let counts = |step: &PlannedStep, path: &Path| {
            made.writers(step, path).is_empty()
                && match is_named(path) {
                    None => !made.may_come_from_a_program(step, path),
                    Some(is_named) => is_named || !made.follows_a_program(step),
                }
        };
        let sent = |step: &PlannedStep| {
            let paths =
                step.actions.iter().filter_map(Action::input_file).filter_map(|file| file.path.reveal());
            paths.map(PathBuf::from).filter(|path| counts(step, path)).collect::<Vec<_>>()
        };
        let sent = plan.steps.iter().flat_map(sent);
        let mut contents: HashMap<PathBuf, Option<Content>> =
            sent.map(|path| (path.clone(), self.content(&path))).collect();
        let written: HashSet<PathBuf> = actions().filter_map(written).map(|path| self.plain(&path)).collect();
        let programs = actions().flat_map(programs).filter(|path| !written.contains(&self.plain(path)));
        for path in programs {
            if contents.contains_key(&path) || is_named(&path) == Some(false) {
                continue;
            }
            let content = self.content(&path);
            if content.is_some() || earlier.is_some() {
                contents.insert(path, content);
            }
        }
        contents
    }

    fn content(&self, path: &Path) -> Option<Content> {
        let file = open_plain(&self.directory.join(path)).ok()?;
        let is_long = file.metadata().ok()?.len() > LOOKED_THROUGH;
        let none = Secrets::new();
        let digests = if is_long { &none } else { self.secrets }.digests(file).ok()?;
        let holds_secret = is_long || digests.sha256 != digests.redacted;
        Some(Content { digest: self.digest_of(digests.sha256.clone(), holds_secret), sha256: digests.sha256 })
    }

    /// Returns the whole path, without `.` in it.
    fn plain(&self, path: &Path) -> PathBuf {
        self.directory.join(path).components().collect()
    }

    /// Records the files that steps send or run.
    pub fn sent(&self, contents: &HashMap<PathBuf, Option<Content>>) -> Vec<FileFacts> {
        let facts = |(path, content): (&PathBuf, &Option<Content>)| {
            let digest = content.as_ref().map_or(FileDigest::Missing(()), |content| content.digest.clone());
            self.facts(&path.display().to_string(), digest)
        };
        contents.iter().map(facts).collect()
    }
}

/// Returns the files of the program that an action runs.
fn programs(action: &Action) -> Vec<PathBuf> {
    match &action.kind {
        ActionKind::Exec(process) => process.files(),
        _ => Vec::new(),
    }
}

/// Returns the file that an action writes.
fn written(action: &Action) -> Option<PathBuf> {
    match &action.kind {
        ActionKind::WriteFile(file) => file.path.reveal().map(PathBuf::from),
        _ => None,
    }
}

/// The content of a file, by its digest.
pub(super) struct Content {
    pub sha256: String,
    digest: FileDigest,
}

/// Records the files of a runbook and its modules.
#[must_use]
pub fn runbook_files(runbook: &Runbook, sources: &Sources) -> Vec<FileFacts> {
    let facts = |file: &SourceFile| {
        let path = relative(&runbook.directory, file.path());
        FileFacts { path, digest: FileDigest::Sha256(file.sha256()) }
    };
    runbook.all_files().into_iter().map(|id| facts(sources.file(id))).collect()
}

/// Records the files that functions read for `plan`, for the journal of its run.
#[must_use]
pub fn read_files(plan: &Plan, runbook: &Runbook, salt: Salt, secrets: &Secrets) -> Vec<FileFacts> {
    Digester { directory: &runbook.directory, salt, secrets }.read(plan)
}

/// The size limit of a file that a function reads.
const LONGEST: u64 = 256 << 20;

/// Returns the SHA-256 of `bytes`, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Records the files of these paths that are below the runbook's directory.
#[must_use]
pub fn files_beside(
    (plan, runbook): (&Plan, &Runbook),
    (salt, secrets): (Salt, &Secrets),
    paths: impl IntoIterator<Item = String>,
) -> Vec<FileFacts> {
    let digester = Digester { directory: &runbook.directory, salt, secrets };
    let files = &plan.state.known(ModuleId::ROOT).files;
    let facts = |path: String| {
        let full = files.locate_inside(&path)?;
        let bytes = files.file_system().read(&full, LONGEST).ok()?;
        Some(digester.facts(&path, digester.digest(sha256(&bytes), &bytes)))
    };
    paths.into_iter().filter_map(facts).collect()
}
