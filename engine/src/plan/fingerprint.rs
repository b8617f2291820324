//! What tells whether a step is asked the same thing another time.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::redact::{REPLACEMENT, Secrets, redact_json};
use crate::runbook::Step;
use crate::step::Touch;
use crate::value::Value;

use super::shown;
use super::shown::HIDDEN;

/// A larger file counts by its size alone: no step sends one.
const LARGEST: u64 = 256 << 20;

/// Where a step finds the files that it sends, and what is kept out of every digest.
#[derive(Clone, Copy)]
pub struct Fingerprints<'a> {
    /// The directory that relative paths start from.
    pub directory: &'a Path,
    /// What is blotted out before anything is digested.
    pub secrets: &'a Secrets,
}

impl Fingerprints<'_> {
    /// The SHA-256, in hexadecimal, of what an instance of `step` is asked with: its type, its arguments and the files that
    /// it touches, as they may be shown, without anything sensitive and any known secret.
    #[must_use]
    pub fn of<'a>(
        &self,
        step: &Step,
        arguments: impl Iterator<Item = (&'a str, &'a Value)>,
        touches: &[Touch],
    ) -> String {
        let arguments: Map<_, _> = arguments.map(|(name, value)| (name.to_owned(), shown(value))).collect();
        let mut arguments = redact_json(self.secrets, arguments.into());
        blot(&mut arguments);
        // As text its members are in the order of their names, whoever gave them.
        arguments.sort_all_objects();
        let mut sha = Sha256::new();
        sha.update(format!("{}\0{arguments}", step.type_name.value));
        for Touch::Reads { path, .. } in touches {
            sha.update(format!("\0{}", self.file(path)));
        }
        format!("{:x}", sha.finalize())
    }

    /// What tells whether the file at `path` is the same another time.
    fn file(&self, path: &Path) -> String {
        let path: PathBuf = self.directory.join(path);
        // Reading from a pipe or a device could block.
        let Some(metadata) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) else {
            return "none".to_owned();
        };
        if metadata.len() > LARGEST {
            return metadata.len().to_string();
        }
        fs::read(&path).map_or_else(
            |_| "unreadable".to_owned(),
            |bytes| format!("{:x}", Sha256::digest(self.secrets.redact_bytes(&bytes))),
        )
    }
}

/// Writes all texts that something was blotted out of alike: they are no longer told apart when they are read again.
fn blot(json: &mut Json) {
    match json {
        Json::String(text) if text.contains(REPLACEMENT) => HIDDEN.clone_into(text),
        Json::Array(elements) => elements.iter_mut().for_each(blot),
        Json::Object(members) => members.values_mut().for_each(blot),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_blotted_out_is_like_what_was_left_out() {
        let mut json = json!({ "a": ["it is (sensitive)", "(sensitive value)"], "b": "plain" });
        blot(&mut json);
        assert_eq!(json, json!({ "a": ["(sensitive value)", "(sensitive value)"], "b": "plain" }));
    }

    #[test]
    fn a_file_counts_by_what_it_holds_without_its_secrets() {
        let directory = tempfile::tempdir().unwrap();
        let secrets = Secrets::new();
        let prints = Fingerprints { directory: directory.path(), secrets: &secrets };
        let print = |content: &str| {
            fs::write(directory.path().join("a"), content).unwrap();
            prints.file(Path::new("a"))
        };
        assert_eq!(print("a"), print("a"));
        assert_ne!(print("a"), print("b"));
        secrets.add("hunter2");
        secrets.add("hunter3");
        assert_eq!(print("it is hunter2"), print("it is hunter3"));
        assert_eq!(prints.file(Path::new(".")), "none");
        assert_eq!(prints.file(Path::new("missing")), "none");
    }
}
