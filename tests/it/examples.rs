//! The runbooks and examples of the repository.

use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

#[cfg(unix)]
use crate::support::copy;
use crate::support::{Place, repository};

/// Returns the directories in a folder of the repository, in order.
fn runbooks(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join(folder)).expect("readable").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Returns true if an example needs no server beside the lab.
#[cfg(unix)]
fn has_no_server(path: &Path) -> bool {
    !["http", "postgres"].iter().any(|name| path.ends_with(name))
}

#[test]
fn all_are_valid() {
    for path in [runbooks("runbooks"), runbooks("examples")].concat() {
        let ran = Place::new().run(&["validate", path.to_str().expect("UTF-8")]);
        assert_eq!(ran.code, Some(0), "{}: {}", path.display(), ran.seen());
        assert_eq!(ran.err, "", "{}", path.display());
    }
}

/// Each example runs in one command, with the world beside it or the built-in one, and can be planned live
/// after that.
#[cfg(unix)]
#[test]
fn all_examples_run_on_the_lab() {
    // Others run where their servers are tested.
    for path in runbooks("examples").into_iter().filter(|path| has_no_server(path)) {
        let place = Place::new();
        copy(&path, &place.path().join("example"));
        let ran = place.run(&["run", "-lab", "-auto-approve", "example"]);
        assert_eq!(ran.code, Some(0), "{}: {}", path.display(), ran.seen());
        let planned = place.run(&["plan", "-live", "-lab", "example"]);
        assert_eq!(planned.code, Some(0), "{}: {}", path.display(), planned.seen());
    }
}
