//! Digests that tell whether a step is asked the same thing another time.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::redact::{REPLACEMENT, Secrets, redact_json};
use crate::runbook::Step;
use crate::source::read_plain;
use crate::step::Touch;
use crate::value::Value;

use super::public_json::HIDDEN;
use super::to_public_json;

/// A larger file counts by its size alone: no step sends one.
const LARGEST: u64 = 256 << 20;

/// Where a step finds the files that it sends, and what is kept out of every digest.
#[derive(Clone, Copy)]
pub struct Fingerprints<'a> {
    /// The directory that relative paths start from.
    pub directory: &'a Path,
    /// The secrets that are blotted out before anything is digested.
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
        let (mut shown_arguments, mut hidden) = (Map::new(), Vec::new());
        for (name, value) in arguments {
            shown_arguments.insert(name.to_owned(), to_public_json(value));
            hidden.extend(value.has_deep_marks().then_some(name));
        }
        let mut arguments = redact_json(self.secrets, shown_arguments.into());
        blot(&mut arguments);
        // As text its members are in the order of their names, whoever gave them.
        arguments.sort_all_objects();
        let mut sha = Sha256::new();
        sha.update(format!("{}\0{arguments}", step.type_name.value));
        for Touch::Reads { path, argument, .. } in touches {
            // A file whose path is a secret may be one itself, and a digest of something short is as good as that.
            if !hidden.contains(argument) {
                sha.update(format!("\0{}", self.file(path)));
            }
        }
        format!("{:x}", sha.finalize())
    }

    /// The digest that tells whether the file at `path` is the same another time.
    fn file(&self, path: &Path) -> String {
        let path = self.directory.join(path);
        match read_plain(&path, LARGEST).map_err(|error| error.kind()) {
            Ok(bytes) => format!("{:x}", Sha256::digest(self.secrets.redact_bytes(&bytes))),
            Err(ErrorKind::FileTooLarge) => path.metadata().map_or(0, |metadata| metadata.len()).to_string(),
            Err(ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::InvalidInput) => "none".to_owned(),
            Err(_) => "unreadable".to_owned(),
        }
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
    use std::fs;

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
