//! Plans keep the known parts of a text, and a run is held to them.

use serde_json::Value as Json;

use crate::console::ask;
use crate::support::{Place, Ran};

const LAB: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm" {
  resource_group = "rg"
  os             = "linux"
  tags           = { sub = "SUB" }
}

role_assignment { role = "Reader" }
"#;

const BOOK: &str = r#"
variable "secret" {
  sensitive = true
  default   = "hunter2-canary"
}

step "metadata" "machine" {}

step "arm_get" "names" {
  path = "/subscriptions/${step.metadata.machine.tags.sub}/tagNames"
}
"#;

/// Creates a place whose machine has the tag `sub`.
fn place(book: &str, sub: &str) -> Place {
    let place = Place::with(book);
    place.write("main.lab.hcl", LAB.replace("\"SUB\"", &serde_json::json!(sub).to_string()));
    place
}

fn is_plan(line: &Json) -> bool {
    line["steps"].is_array()
}

fn requests(ran: &Ran) -> Vec<String> {
    let events = ran.out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let sent = events.filter(|event| event["event"] == "request_sent");
    sent.filter_map(|event| event["url"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_plan_shows_the_known_parts_of_each_text() {
    for (arguments, argument, url) in [
        (
            r#"path = "/subscriptions/${step.metadata.machine.subscription_id}/tagNames""#,
            "/subscriptions/LATER/tagNames",
            "/subscriptions/LATER/tagNames?api-version=2021-04-01",
        ),
        (
            r#"path = "${step.metadata.machine.resource_id}/extensions""#,
            "LATER/extensions",
            "/LATER/extensions?api-version=LATER",
        ),
        (
            r#"path = join("/", ["", "subscriptions", step.metadata.machine.subscription_id, "providers", "Microsoft.KeyVault", "vaults"])"#,
            "/subscriptions/LATER/providers/Microsoft.KeyVault/vaults",
            "/subscriptions/LATER/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01",
        ),
        (
            r#"path = format("/subscriptions/%s", step.metadata.machine.subscription_id)"#,
            "/subscriptions/LATER",
            "/subscriptions/LATER?api-version=2021-04-01",
        ),
        (r"path = step.metadata.machine.resource_id", "LATER", "/LATER?api-version=LATER"),
    ] {
        let place = place(
            &format!("step \"metadata\" \"machine\" {{}}\nstep \"arm_get\" \"x\" {{\n  {arguments}\n}}\n"),
            "x",
        );
        let ran = place.run(&["plan", "-json"]);
        assert_eq!(ran.code, Some(0), "{arguments} {}", ran.seen());
        let plan: Json =
            ran.out.lines().find_map(|line| serde_json::from_str(line).ok().filter(is_plan)).expect("a plan");
        let step =
            plan["steps"].as_array().expect("steps").iter().find(|step| step["address"] == "step.arm_get.x");
        let step = step.expect("the step");
        let later = |text: &str| text.replace("LATER", "(known after step.metadata.machine)");
        assert_eq!(shown_path(&step["arguments"]), later(argument), "{arguments}");
        assert_eq!(step["actions"][0]["url"], format!("https://management.azure.com{}", later(url)).as_str());
        let wide = place.command(&["plan", "-verbose"]).env("COLUMNS", "1000").output();
        let shown = Ran::of(wide.expect("the program")).out;
        assert!(shown.contains(&later(argument)) && shown.contains(&later(url)), "{shown}");
    }
}

#[test]
fn an_answer_that_leads_elsewhere_is_refused_before_it_is_sent() {
    for sub in [
        "x/resourceGroups/y",
        "x/../../y",
        "..",
        "",
        "x?y",
        "x?y=z",
        "x#y",
        "x\\y",
        "x%2Fy",
        "x%5cy",
        "x%252Fy",
        "x%2e%2e/y",
        "x%00y",
        "x\ny",
    ] {
        let ran = place(BOOK, sub).run(&["run", "-lab", "-auto-approve", "-json"]);
        assert_eq!(ran.code, Some(1), "{sub:?} {}", ran.seen());
        let sent = requests(&ran);
        assert!(
            !sent.is_empty() && sent.iter().all(|url| !url.contains("/subscriptions/")),
            "{sub:?} {sent:?}"
        );
        assert!(ran.out.contains("`path` "), "{sub:?} {}", ran.seen());
    }
    let ran =
        place(BOOK, "00000000-0000-0000-0000-000000000000").run(&["run", "-lab", "-auto-approve", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

#[test]
fn an_answer_of_several_segments_is_refused_with_the_plan_and_the_argument() {
    let ran = place(BOOK, "x/y").run(&["run", "-lab", "-auto-approve"]);
    for part in [
        "`path` has a value that the plan does not admit",
        "nothing was done",
        "Planned \"/subscriptions/(known after step.metadata.machine)/tagNames\".",
        "stands for one segment",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.seen());
    }
}

#[test]
fn a_refusal_quotes_no_value_from_outside() {
    let book = "variable \"part\" { type = string }\n".to_owned()
        + &BOOK.replace("tagNames\"", "${var.part}\"\n  api_version = \"2021-04-01\"");
    let ran =
        place(&book, "x/y").run(&["run", "-lab", "-auto-approve", "-json", "-var", "part=hunter2-outside"]);
    assert!(ran.seen().contains("`path` has a value that the plan does not admit"), "{}", ran.seen());
    let told = ran.out.lines().filter(|line| line.contains("unplanned-action")).collect::<Vec<_>>();
    assert!(!told.is_empty() && !told.concat().contains("hunter2-outside"), "{told:?}");
    assert!(!ran.err.contains("hunter2-outside"), "{}", ran.err);
}

#[test]
fn a_secret_beside_an_unknown_part_is_not_shown() {
    let book = BOOK.replace("tagNames\"", "${var.secret}\"\n  api_version = \"2021-04-01\"");
    let place = place(&book, "x/y");
    for arguments in [&["plan"][..], &["plan", "-json"], &["run", "-lab", "-auto-approve"]] {
        let ran = place.run(arguments);
        assert!(!ran.seen().contains("hunter2-canary"), "{}", ran.seen());
    }
    assert!(place.run(&["plan", "-verbose"]).out.contains("(sensitive"));
}

#[test]
fn a_reviewed_plan_holds_the_known_parts() {
    let place = place(BOOK, "00000000-0000-0000-0000-000000000000");
    let saved = place.run(&["plan", "-out", "a.plan"]);
    assert_eq!(saved.code, Some(0), "{}", saved.seen());
    let pattern = "/subscriptions/(known after step.metadata.machine)/tagNames";
    let shown = place.run(&["show", "-verbose", "a.plan"]);
    assert!(shown.out.contains(&format!("\"{pattern}\"")), "{}", shown.seen());
    assert!(place.run(&["plan", "-verbose"]).out.contains(&format!("\"{pattern}\"")));
    let changed = BOOK.replace("/tagNames", "/resources");
    place.write("main.runbook.hcl", &changed);
    let ran = place.run(&["run", "-lab", "a.plan"]);
    assert!(ran.code != Some(0) && requests(&ran).is_empty(), "{}", ran.seen());
}

#[test]
fn the_console_shows_the_known_parts() {
    let query = r#""/subscriptions/${step.metadata.machine.subscription_id}/tagNames""#;
    let ran = ask(&place(BOOK, "x"), &[], query);
    assert!(
        ran.out.contains("\"/subscriptions/(known after step.metadata.machine)/tagNames\""),
        "{}",
        ran.seen()
    );
}

/// Returns the argument `path` as the JSON of a plan describes it: its known parts, and phrases for the others.
fn shown_path(arguments: &Json) -> String {
    assert!(arguments["value"]["path"].is_null(), "{arguments}");
    let unknown = arguments["unknown"].as_array().expect("unknown parts").iter();
    let mut of_path = unknown.filter(|part| part["path"] == serde_json::json!(["path"]));
    let part = of_path.next().expect("an unknown path");
    let phrase = |after: &Json| {
        let after: Vec<&str> = after.as_array().expect("origins").iter().filter_map(Json::as_str).collect();
        format!("(known after {})", after.join(", "))
    };
    match part["text"].as_array() {
        None => phrase(&part["after"]),
        Some(parts) => parts
            .iter()
            .map(|part| part.as_str().map_or_else(|| phrase(&part["after"]), str::to_owned))
            .collect(),
    }
}
