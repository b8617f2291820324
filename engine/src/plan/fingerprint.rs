//! Computes step fingerprints: digests that show whether the inputs of a step are the same another time.

use std::io::ErrorKind;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::redact::{Redact as _, Secrets};
use crate::runbook::Step;
use crate::source::read_plain;
use crate::step::{Action, FileRead};
use crate::value::Value;

use super::Named;

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
    /// and the files that it reads, as [`ShownValue`](super::ShownValue)s, without sensitive values and known secrets.
    #[must_use]
    pub fn of<'a>(
        &self,
        step: &Step,
        arguments: impl Iterator<Item = (&'a str, &'a Value)>,
        actions: &[Action],
    ) -> String {
        let arguments: Vec<(&str, &Value)> = arguments.collect();
        let hidden: Vec<&str> =
            arguments.iter().filter(|(_, value)| value.has_deep_marks()).map(|(name, _)| *name).collect();
        let mut shown: Named = arguments.into_iter().collect();
        shown.redact(self.secrets);
        // After a round trip through a record, the original of a redacted text is unknown.
        let shown = serde_json::to_string(&shown.comparable()).unwrap_or_default();
        let mut sha = Sha256::new();
        sha.update(format!("{}\0{shown}", step.type_name.value));
        for FileRead { path, argument, .. } in actions.iter().filter_map(Action::input_file) {
            // A file at a sensitive path may itself be a secret, and a digest of a short secret is easily
            // guessed.
            if let Some(path) = path.reveal().filter(|_| !hidden.contains(&&**argument)) {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

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
