//! Names the files that a change makes beside its target.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The number of bytes of the target's own name in the names of its siblings.
const NAME: usize = 120;

/// The files that a change makes beside its target.
///
/// Their names are the same in each attempt and in each resumed run, so that nothing is left over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Siblings {
    /// The file that keeps the prior content for an undo.
    pub kept: PathBuf,
    /// The prior content until it is complete.
    pub copy: PathBuf,
    /// The new content until it is complete.
    pub new: PathBuf,
    /// The record of the ranges of the new content that have arrived.
    pub ranges: PathBuf,
}

impl Siblings {
    /// Returns the siblings of `path` for a step at `address` in the run `run`.
    pub fn of(path: &Path, run: &str, address: &str) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Two steps of a run may change the same file. A resumed run may spell the directory in another way.
        let digest = Sha256::digest(format!("{address}\0{name}"));
        let end = name.floor_char_boundary(NAME);
        let kept = format!(".{}.arcbook-{run}-{}", &name[..end], &format!("{digest:x}")[..8]);
        let sibling = |name: String| path.with_file_name(name);
        Self {
            copy: sibling(format!("{kept}.copy")),
            new: sibling(format!("{kept}.new")),
            ranges: sibling(format!("{kept}.ranges")),
            kept: sibling(kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::source::slashed;

    use super::*;

    #[test]
    fn siblings_are_named_after_the_target_the_run_and_the_step() {
        let run = "20261122-101500.123-1a2b3c";
        let siblings = Siblings::of(Path::new("/etc/motd"), run, "step.file.a");
        let name = slashed(&siblings.kept);
        assert!(name.starts_with("/etc/.motd.arcbook-20261122-101500.123-1a2b3c-"), "{name}");
        assert_eq!(siblings, Siblings::of(Path::new("/etc/motd"), run, "step.file.a"));
        assert_ne!(siblings, Siblings::of(Path::new("/etc/motd"), run, "step.file.b"));
        let relative = Siblings::of(Path::new("./motd"), run, "step.file.a");
        assert_eq!(siblings.new.file_name(), relative.new.file_name());
        let long = Siblings::of(Path::new(&"ü".repeat(127)), run, "step.file.a");
        assert!(long.ranges.as_os_str().len() < 255);
    }
}
