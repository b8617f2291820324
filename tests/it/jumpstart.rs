//! The Jumpstart lab, end to end.

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, repository, settings};

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

/// Returns the world of the lab with some of its lines changed.
fn world(changes: &[(&str, &str)]) -> String {
    let world = repository().join("runbooks/jumpstart/jumpstart.lab.hcl");
    let world = std::fs::read_to_string(world).expect("the world");
    changes.iter().fold(world, |world, (is, becomes)| {
        assert!(world.contains(is), "no {is} in the world");
        world.replacen(is, becomes, 1)
    })
}

const VAULT: &str = "key_vault \"arcmi00000000\" {";
const ACCOUNT: &str = "storage_account \"arcmi00000000\" {";

#[test]
fn types_may_have_any_spelling() {
    for (vault, account) in [
        ("microsoft.keyvault/VAULTS", "MICROSOFT.STORAGE/STORAGEACCOUNTS"),
        ("Microsoft.Keyvault/vaults", "microsoft.storage/storageaccounts"),
    ] {
        let world = world(&[
            (VAULT, &format!("{VAULT}\n  type = \"{vault}\"")),
            (ACCOUNT, &format!("{ACCOUNT}\n  type = \"{account}\"")),
        ]);
        let (cloud, place) = (Cloud::of_world(&world), Place::jumpstart());
        let ran = cloud.run(&place, &["run", "-auto-approve", "-var", "file=hosts", "jumpstart"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let changes = cloud.changes();
        assert!(changes.contains(&"PUT /uploads/hosts.txt".to_owned()), "{changes:?}");
    }
}

/// A list without rights is empty, and no error.
#[test]
fn an_operator_learns_which_resource_is_missing() {
    // The vault and the account move to another group, or the identity may read neither.
    let elsewhere = "resource_group \"elsewhere\" { location = \"westeurope\" }\n\n";
    let moved = |block: &str| {
        let declared = format!("{block}\n  resource_group = \"arc_pilot\"");
        let elsewhere = format!("{elsewhere}{block}\n  resource_group = \"elsewhere\"");
        world(&[(&declared, &elsewhere)])
    };
    let blind = world(&[(
        "role_assignment {\n  role = \"Reader\"\n}",
        "role_assignment {\n  role = \"Tag Contributor\"\n}",
    )]);
    let (vault, account) = ("arc_pilot shows no key vault.", "arc_pilot shows no storage account.");
    for (world, shown, not_shown) in [
        (moved(VAULT), &[vault][..], &[account][..]),
        (moved(ACCOUNT), &[account], &[vault]),
        (blind, &[vault, account], &[]),
    ] {
        let (cloud, place) = (Cloud::of_world(&world), Place::jumpstart());
        let ran = cloud.run(&place, &["run", "-auto-approve", "-var", "file=hosts", "jumpstart"]);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        // Messages are wrapped.
        let err = ran.err.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
        assert!(shown.iter().all(|words| err.contains(words)), "{shown:?} {err}");
        assert!(!not_shown.iter().any(|words| err.contains(words)), "{not_shown:?} {err}");
        assert!(err.contains("to grant the machine's identity the role Reader"), "{err}");
        assert_eq!(cloud.changes(), Vec::<String>::new());
    }
}
