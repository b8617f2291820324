//! Every configuration of the corpus has the same result as in Terraform, or fails as in Terraform.

mod answer;
mod case;
mod echo;
mod translate;

use std::fs;
use std::path::PathBuf;

use case::Case;

use crate::conformance::differences;

/// Returns unlisted differences, and listed cases that do not differ.
fn wrong(cases: &str, listed: &str) -> Vec<String> {
    let mut listed = differences(listed);
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case = Case::read(line);
        match (case.difference(), listed.remove(case.id.as_str())) {
            (Some(difference), None) => wrong.push(difference),
            (None, Some(reason)) => {
                wrong.push(format!("{}: listed as different, but is not: {reason}", case.id));
            }
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed as different, but there is no such case")));
    wrong
}

#[test]
fn every_configuration_has_the_same_result_as_in_terraform() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let wrong = wrong(&read("language.jsonl"), &read("language-differences.txt"));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
