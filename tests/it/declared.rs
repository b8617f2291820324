//! Values that the runbook declares sensitive.

use crate::cloud::{Cloud, WORLD};
use crate::support::Place;

/// An output that is declared sensitive is shown nowhere, whatever it is made from.
#[cfg(unix)]
#[test]
fn a_declared_output_is_shown_nowhere() {
    for value in [
        "trimspace(step.exec.made.stdout)",
        "{ text = trimspace(step.exec.made.stdout), pin = 123, on = true }",
        "[step.exec.made.exit_code, \"w-${trimspace(step.exec.made.stdout)}\"]",
        "length(step.exec.made.stdout) * 1000003",
    ] {
        let runbook = format!(
            r#"
step "exec" "made" {{
  argv      = ["sh", "-c", "printf canary-%s $((70000 + 7123))"]
  effect    = "reads"
  sensitive = true
}}

output "shown" {{
  value     = nonsensitive({value})
  sensitive = true
}}
"#
        );
        let place = Place::with(&runbook);
        let ran = place.run(&["run", "-json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let screens = [
            ran.seen(),
            place.run(&["run"]).seen(),
            place.run(&["show"]).seen(),
            place.run(&["show", "-events"]).seen(),
            place.run(&["output"]).seen(),
            place.run(&["output", "shown", "-raw"]).seen(),
            place.run(&["plan", "-live"]).seen(),
            place.run(&["plan", "-against", "latest"]).seen(),
        ];
        for (at, screen) in screens.iter().enumerate() {
            for secret in ["canary-77123", "12000036", ": 123", "= 123"] {
                assert!(!screen.contains(secret), "{value}: screen {at} shows {secret}: {screen}");
            }
        }
        for (path, content) in place.files() {
            let text = String::from_utf8_lossy(&content);
            assert!(!text.contains("canary-77123"), "{value}: {}: {text}", path.display());
        }
    }
}

const WORLD_WITH_A_SECRET: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Lab.Now/things" {}

resource "Lab.Now/things" "old" {
  resource_group = "rg"
  properties     = { connection = "canary-prior-77", size = 1 }
}
"#;

/// The existing state of an object is as secret as the declared one: an older secret stands at the same place.
#[test]
fn the_prior_state_of_a_secret_is_shown_nowhere() {
    let id = "${step.metadata.machine.resource_group_id}/providers/Lab.Now/things/old";
    let resource = |body: &str, rest: &str| {
        format!(
            r#"
variable "secret" {{
  sensitive = true
  default   = "a new secret"
}}

step "metadata" "machine" {{}}

step "arm_resource" "old" {{
  id          = "{id}"
  api_version = "2024-01-01"
  body        = {{ properties = {{ {body} }} }}
  {rest}
}}
"#
        )
    };
    let file = "step \"file\" \"f\" {\n  path = \"old.txt\"\n  content = \"new\"\n  sensitive = true\n}\n";
    // The digest of the old content gives away a short secret.
    let digest = "b3a8e0e1f9ab1bfe3a36f231f676f78bb30a519d2b21e6c530c0eee8ebb4a5d0";
    for (runbook, secret) in [
        (resource("connection = var.secret, size = 2", ""), "canary-prior"),
        (resource("size = 2", "sensitive = true"), "canary-prior"),
        (resource("connection = \"public\"", "sensitive = true"), "canary-prior"),
        (resource("connection = \"public\"", "sensitive = true\n  update = \"patch\""), "canary-prior"),
        (file.to_owned(), digest),
    ] {
        let cloud = Cloud::of(format!("{WORLD}\n{WORLD_WITH_A_SECRET}"), |_| {});
        let place = Place::with(&runbook);
        place.write("old.txt", "456");
        let planned = cloud.run(&place, &["plan", "-live"]);
        let json = cloud.run(&place, &["plan", "-live", "-json"]);
        let ran = cloud.run(&place, &["run", "-auto-approve", "-json"]);
        assert_eq!(ran.code, Some(0), "{runbook}: {}", ran.seen());
        let shown = place.run(&["show", "-events"]);
        let undone = cloud.run(&place, &["undo", "-plan"]);
        for seen in [&planned, &json, &ran, &shown, &undone] {
            assert!(!seen.seen().contains(secret), "{runbook}: {}", seen.seen());
        }
        for (path, content) in place.files() {
            let is_record = path.extension().is_some_and(|extension| extension == "jsonl");
            let text = String::from_utf8_lossy(&content);
            assert!(!is_record || !text.contains(secret), "{runbook}: {text}");
        }
    }
}
