//! The `AUDIT.md` of each runbook: it is what the plan says of the files today.

use std::fs;

use crate::support::{Place, copy, repository, runbooks_below};

/// `AUDIT=write cargo test --test it audit` writes the files. Read each line that changed: auditors do.
#[test]
fn each_runbook_has_the_audit_of_its_plan() {
    let is_to_write = std::env::var_os("AUDIT").is_some_and(|value| value == "write");
    let runbooks = runbooks_below(&repository().join("runbooks"));
    assert!(!runbooks.is_empty());
    let place = Place::new();
    copy(&repository().join("runbooks"), &place.path().join("runbooks"));
    for directory in runbooks {
        let name =
            directory.strip_prefix(repository()).expect("below the root").to_string_lossy().into_owned();
        let planned = place.run(&["plan", "-markdown", &name]);
        assert_eq!(planned.code, Some(0), "{name}: {}", planned.seen());
        let file = directory.join("AUDIT.md");
        if is_to_write {
            fs::write(&file, &planned.out).expect("written");
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(written, planned.out, "{}: run AUDIT=write cargo test --test it audit", file.display());
    }
}
