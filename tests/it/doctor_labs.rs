//! `arcbook doctor -lab` with the world of each runbook and example: what runs there has no error.

use serde_json::Value as Json;

use crate::support::{Place, copy, repository, runbooks_below};

#[test]
fn no_runbook_has_an_error_in_its_own_world() {
    let place = Place::new();
    let mut directories = Vec::new();
    for folder in ["runbooks", "examples", "templates"] {
        copy(&repository().join(folder), &place.path().join(folder));
        directories.extend(runbooks_below(&place.path().join(folder)));
    }
    assert!(directories.len() > 25, "{directories:?}");
    let mut wrong = Vec::new();
    for directory in directories {
        let name = directory.strip_prefix(place.path()).expect("in the place").display().to_string();
        let ran = place.run(&["doctor", "-lab", "-json", &name]);
        let lines = ran.out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
        let findings = lines.filter_map(|line| line.get("finding").cloned());
        let errors: Vec<_> = findings.filter(|finding| finding["status"] == "error").collect();
        if ran.code != Some(0) || !errors.is_empty() {
            wrong.push(format!("{name}: {:?} {} {errors:#?}", ran.code, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
