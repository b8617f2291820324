//! Computes step fingerprints: digests that show whether the inputs of a step are the same another time.

use std::fs::Metadata;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::redact::{Redact as _, Secrets};
use crate::runbook::Step;
use crate::source::open_plain;
use crate::step::{Action, FileRead};
use crate::value::Value;

use super::Named;

/// The size above which a file counts by its size and the time of its last modification, because reading it only to
/// compare it would take too long.
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
        let digest = || {
            let file = open_plain(&self.directory.join(path))?;
            let metadata = file.metadata()?;
            if metadata.len() > LARGEST {
                return Ok(identity(&metadata));
            }
            Ok(self.secrets.digests(file.take(LARGEST))?.redacted)
        };
        match digest().map_err(|error: std::io::Error| error.kind()) {
            Ok(digest) => digest,
            Err(ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::InvalidInput) => "none".to_owned(),
            Err(_) => "unreadable".to_owned(),
        }
    }
}

/// Returns the size of a file, and the time of its last modification.
fn identity(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {}", metadata.len(), modified.unwrap_or_default().as_nanos())
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
        let large = fs::File::create(directory.path().join("large")).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        let print = |modified: u64| {
            large.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(modified)).unwrap();
            prints.file(Path::new("large"))
        };
        assert_eq!(print(1), print(1));
        assert_ne!(print(1), print(2));
        assert_eq!(prints.file(Path::new(".")), "none");
        assert_eq!(prints.file(Path::new("missing")), "none");
    }
}
