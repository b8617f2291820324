//! A query that finds nothing, on the screen, for tools and in the record.

use crate::support::{Place, Ran, settings};

/// Returns the Jumpstart lab with a part of its runbook replaced, and without the conditions that tell in other words what
/// was not found.
fn place(from: &str, to: &str) -> Place {
    let place = Place::jumpstart();
    let path = "jumpstart/jumpstart.runbook.hcl";
    let text = std::fs::read_to_string(place.path().join(path)).expect("the runbook");
    assert!(text.contains(from), "{from}");
    let text = text.replace(from, to).replace("self.extract.vault != null", "self.items != null");
    place.write(path, text);
    place
}

fn run(place: &Place, more: &[&str]) -> Ran {
    let arguments: Vec<_> = ["run", "-lab", "-auto-approve", "-var", "file=hosts"]
        .iter()
        .chain(more)
        .chain(&["jumpstart"])
        .copied()
        .collect();
    place.run(&arguments)
}

const WRONG: (&str, &str) = ("'microsoft.keyvault/vaults'", "'microsoft.keyvault/vault'");

#[test]
fn the_screen_tells_what_was_not_found_and_what_is_listed() {
    let ran = run(&place(WRONG.0, WRONG.1), &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    settings().bind(|| insta::assert_snapshot!("nothing_found", ran.err));
}

#[test]
fn tools_and_the_record_are_told_the_same() {
    let place = place(WRONG.0, WRONG.1);
    let ran = run(&place, &["-json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let parts = [
        "`vault` must not be null",
        "`extract.vault` of `step.arm_list.resources` found nothing: none of 8 items has the `type` that the query asks for.",
        "did you mean `microsoft.keyvault/vaults`?",
        "the list contains only resources that the identity may read",
    ];
    let records: Vec<_> = place
        .files()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    assert_eq!(records.len(), 1);
    let record = String::from_utf8_lossy(&records[0].1).into_owned();
    let failed = |text: &str| {
        let line = text.lines().find(|line| line.contains("step_failed")).expect("an event");
        serde_json::from_str::<serde_json::Value>(line).expect("JSON")["error"].to_string()
    };
    for part in parts {
        for seen in [failed(&ran.out), failed(&record), ran.out.lines().last().expect("a line").to_owned()] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
    }
}
