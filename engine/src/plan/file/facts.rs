//! Files that a plan is made from, by their digests.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::expression::functions::ReadFile;
use crate::graph::ModuleId;
use crate::plan::Plan;
use crate::redact::{Redact, Salt, Secrets};
use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources, read_plain, relative};
use crate::step::Touch;

/// A file, and what tells whether it is the same later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct FileFacts {
    /// The path: as the user wrote it, or from the directory of the runbook.
    pub path: String,
    /// What it held.
    #[serde(flatten)]
    pub digest: FileDigest,
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum FileDigest {
    /// The SHA-256 of its bytes, in hexadecimal.
    Sha256(#[redact(word)] String),
    /// The seal of that: it holds a secret, which a digest alone would let others guess at too cheaply.
    Seal(#[redact(word)] String),
    /// There was none.
    Missing(()),
}

/// The path of a file whose path is a secret.
const HIDDEN: &str = "(a sensitive path)";
/// A larger file is not looked through for secrets.
const LOOKED_THROUGH: usize = 1 << 28;

impl FileFacts {
    /// The facts of a file of a runbook.
    #[must_use]
    pub fn of(file: &SourceFile) -> Self {
        let path = file.path().display().to_string();
        Self { path, digest: FileDigest::Sha256(file.sha256()) }
    }
}

/// What digests are made with.
pub(super) struct Digester<'a> {
    pub directory: &'a Path,
    pub salt: Salt,
    pub secrets: &'a Secrets,
}

impl Digester<'_> {
    fn facts(&self, path: &str, digest: FileDigest) -> FileFacts {
        FileFacts { path: self.secrets.redact(path).into_owned(), digest }
    }

    /// The digest of a file that held `bytes`, which may have a secret among them.
    fn digest(&self, sha256: String, bytes: &[u8]) -> FileDigest {
        let holds_secret =
            bytes.len() > LOOKED_THROUGH || matches!(self.secrets.redact_bytes(bytes), Cow::Owned(_));
        if holds_secret {
            FileDigest::Seal(self.salt.seal_digest(&sha256))
        } else {
            FileDigest::Sha256(sha256)
        }
    }

    /// The files of the runbook and of its modules.
    pub fn runbook(&self, runbook: &Runbook, sources: &Sources) -> Vec<FileFacts> {
        let files = runbook.all_files();
        let file = |file: &SourceFile| {
            self.facts(&relative(self.directory, file.path()), FileDigest::Sha256(file.sha256()))
        };
        files.iter().map(|&id| file(sources.file(id))).collect()
    }

    /// The files that gave values to its variables.
    pub fn values(&self, paths: &[PathBuf], sources: &Sources) -> Vec<FileFacts> {
        let read = |path: &PathBuf| sources.iter().map(|(_, file)| file).find(|file| file.path() == path);
        let facts = |file: &SourceFile| {
            let digest = self.digest(file.sha256(), file.text().as_bytes());
            self.facts(&relative(self.directory, file.path()), digest)
        };
        paths.iter().filter_map(read).map(facts).collect()
    }

    /// The files that functions read.
    pub fn read(&self, plan: &Plan) -> Vec<FileFacts> {
        let files = plan.state.known(ModuleId::ROOT).files.digests();
        let facts = |file: ReadFile| {
            let Some(path) = file.path else {
                return self.facts(HIDDEN, FileDigest::Seal(self.salt.seal_digest(&file.sha256)));
            };
            let digest = match content(&self.directory.join(&path)) {
                Ok(bytes) if sha256(&bytes) == file.sha256 => self.digest(file.sha256, &bytes),
                // Nobody can tell any more what was in it.
                _ => FileDigest::Seal(self.salt.seal_digest(&file.sha256)),
            };
            self.facts(&path, digest)
        };
        files.into_iter().map(facts).collect()
    }

    /// What the files that steps send hold now, by their paths as the steps name them; none where there is no file.
    pub fn contents(&self, plan: &Plan) -> HashMap<PathBuf, Option<Content>> {
        let touches = plan.steps.iter().flat_map(|step| &step.touches);
        let content = |Touch::Reads { path, .. }: &Touch| {
            let bytes = content(&self.directory.join(path)).ok();
            let content = bytes.map(|bytes| {
                let sha256 = sha256(&bytes);
                Content { digest: self.digest(sha256.clone(), &bytes), sha256 }
            });
            (path.clone(), content)
        };
        touches.map(content).collect()
    }

    /// The files that steps send.
    pub fn sent(&self, contents: &HashMap<PathBuf, Option<Content>>) -> Vec<FileFacts> {
        let facts = |(path, content): (&PathBuf, &Option<Content>)| {
            let digest = content.as_ref().map_or(FileDigest::Missing(()), |content| content.digest.clone());
            self.facts(&path.display().to_string(), digest)
        };
        contents.iter().map(facts).collect()
    }
}

/// What a file holds, by its digest.
pub(super) struct Content {
    pub sha256: String,
    digest: FileDigest,
}

/// The files that functions read for `plan`, for the record of its run.
#[must_use]
pub fn read_files(plan: &Plan, runbook: &Runbook, salt: Salt, secrets: &Secrets) -> Vec<FileFacts> {
    Digester { directory: &runbook.directory, salt, secrets }.read(plan)
}

/// No step sends more bytes than this, and no function reads as many.
const LONGEST: u64 = 256 << 20;

/// The bytes of a plain file; reading from a pipe or a device could block.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    read_plain(path, LONGEST)
}

/// The SHA-256 of `bytes`, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
