//! Computes step fingerprints: digests that show whether the inputs of a step are the same another time.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::redact::{REPLACEMENT, Secrets, redact_json};
use crate::runbook::Step;
use crate::source::read_plain;
use crate::step::{Action, FileRead};
use crate::value::Value;

use super::public_json::HIDDEN;
use super::to_public_json;

/// The size above which only the size of a file counts: no step sends a larger one.
const LARGEST: u64 = 256 << 20;

/// Computes fingerprints, relative to a directory and without secrets.
#[derive(Clone, Copy)]
pub struct Fingerprints<'a> {
    /// The base of relative paths.
    pub directory: &'a Path,
    /// The secrets that are redacted before anything is digested.
    pub secrets: &'a Secrets,
}

impl Fingerprints<'_> {
    /// Returns the SHA-256, in hexadecimal, of the inputs of an instance of `step`: its type, its arguments
    /// and the files that it reads, in their public form, without sensitive values and known secrets.
    #[must_use]
    pub fn of<'a>(
        &self,
        step: &Step,
        arguments: impl Iterator<Item = (&'a str, &'a Value)>,
        actions: &[Action],
    ) -> String {
        let (mut shown_arguments, mut hidden) = (Map::new(), Vec::new());
        for (name, value) in arguments {
            shown_arguments.insert(name.to_owned(), to_public_json(value));
            hidden.extend(value.has_deep_marks().then_some(name));
        }
        let mut arguments = redact_json(self.secrets, shown_arguments.into());
        blot(&mut arguments);
        // Sorting makes the text independent of who built the object.
        arguments.sort_all_objects();
        let mut sha = Sha256::new();
        sha.update(format!("{}\0{arguments}", step.type_name.value));
        for FileRead { path, argument, .. } in actions.iter().filter_map(Action::file) {
            // A file at a sensitive path may itself be a secret, and a digest of a short secret is easily
            // guessed.
            if let Some(path) = path.reveal().filter(|_| !hidden.contains(argument)) {
                sha.update(format!("\0{}", self.file(Path::new(&path))));
            }
        }
        format!("{:x}", sha.finalize())
    }

    /// Returns a digest of the file at `path`.
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

/// Replaces every redacted text by the same one: after a round trip the original texts cannot be told apart.
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
