//! Tells which of the files that a run writes may be run, or decide about what runs.

use std::collections::BTreeSet;

use crate::plan::Listing;
use crate::source::comparable;
use crate::step::KindFacts;

/// The directories whose files programs of the system read or run.
const OF_SYSTEM: [&str; 18] = [
    "/bin/",
    "/boot/",
    "/dev/",
    "/etc/",
    "/lib/",
    "/lib64/",
    "/opt/",
    "/proc/",
    "/root/",
    "/run/",
    "/sbin/",
    "/sys/",
    "/usr/",
    "/var/lib/cloud/",
    "/var/spool/cron/",
    "c:/program files",
    "c:/programdata",
    "c:/windows",
];

/// The places in the home directory of a user that programs read when that user logs in.
const OF_LOGIN: [&str; 3] = ["/.ssh/", "/.profile", "/.bash"];

/// The words of the programs that a run starts.
pub(super) struct RunFiles {
    words: BTreeSet<String>,
}

impl RunFiles {
    pub fn of(listing: &Listing) -> Self {
        let actions = listing.steps.iter().flat_map(|step| &step.actions);
        let words = actions.flat_map(|action| match &action.kind {
            KindFacts::Exec { argv, .. } => argv.as_slice(),
            _ => &[],
        });
        let split = words.flat_map(|word| {
            word.split(|next: char| {
                next.is_whitespace() || matches!(next, '"' | '\'' | '/' | '\\' | ';' | '=' | '@')
            })
        });
        Self { words: split.map(str::to_ascii_lowercase).filter(|word| !word.is_empty()).collect() }
    }

    /// Returns true for the writing of a file that can be executed, that a program of the run names, or that a program of
    /// the system may read or run.
    pub fn has(&self, kind: &KindFacts) -> bool {
        let KindFacts::WriteFile { path, mode } = kind else { return false };
        let mode = mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
        let path = comparable(path);
        let name = path.rsplit('/').next().unwrap_or_default();
        OF_SYSTEM.iter().any(|directory| path.starts_with(directory))
            || OF_LOGIN.iter().any(|part| path.contains(part))
            // Nobody can tell from here where it is.
            || path.starts_with("..")
            || path.contains("(known after")
            || self.words.contains(name)
            || mode.is_some_and(|mode| mode & 0o111 != 0)
    }
}
