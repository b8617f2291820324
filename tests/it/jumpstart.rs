//! The Jumpstart lab, end to end.

use serde_json::Value as Json;

use crate::support::{Place, Ran, settings};

fn lab(place: &Place, more: &[&str]) -> Ran {
    let arguments = [&["run", "-lab", "-var", "file=hosts", "jumpstart"], more].concat();
    place.run(&arguments)
}

#[test]
fn the_lab_runs_from_end_to_end() {
    let place = Place::jumpstart();
    let ran = lab(&place, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    for line in [
        r#"machine        = "ArcBox-Ubuntu-01""#,
        "secret         = (sensitive value)",
        // The tag has the same text as the secret, so the redaction of known secrets catches it.
        r#"scenario   = "(sensitive)""#,
        r#"md5            = ""#,
        "6 of 6 steps done, 2 changed something",
    ] {
        assert!(ran.out.contains(line), "no {line} in {}", ran.seen());
    }
}

#[test]
fn events_are_json_for_tools() {
    let place = Place::jumpstart();
    let ran = lab(&place, &["-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let events: Vec<Json> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    assert_eq!(of("token_acquired").len(), 3);
    assert_eq!(of("step_finished").len(), 6);
    assert_eq!(of("output").len(), 7);
    assert_eq!(events.last().expect("events")["status"], "done");
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["seq"].as_u64()).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
}

#[test]
fn the_plan_is_offline_and_lists_everything() {
    let place = Place::jumpstart();
    let ran = place.run(&["plan", "-var", "file=hosts", "jumpstart"]);
    settings().bind(|| insta::assert_snapshot!(ran.seen()));
}

#[test]
fn the_plan_for_tools_is_json() {
    let place = Place::jumpstart();
    let ran = place.run(&["plan", "-json", "-var", "file=hosts", "jumpstart"]);
    let plan: Json = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(plan["changes"], 2);
    let hosts = plan["hosts"].as_array().expect("hosts");
    assert!(hosts.iter().any(|host| host == "management.azure.com"), "{hosts:?}");
}

#[test]
fn the_graph_shows_tokens() {
    let place = Place::jumpstart();
    let dot = place.run(&["graph", "jumpstart"]);
    assert_eq!(dot.code, Some(0), "{}", dot.seen());
    insta::assert_snapshot!("graph_dot", dot.out);
    let mermaid = place.run(&["graph", "-format", "mermaid", "jumpstart"]);
    insta::assert_snapshot!("graph_mermaid", mermaid.out);
}
