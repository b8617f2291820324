//! `run -lab` and `plan -live -lab` work in any directory, and say which world they use.

use serde_json::{Value as Json, json};

use crate::chain::holds;
use crate::cloud::WORLD;
use crate::support::{Place, repository};

const RUNBOOK: &str =
    "step \"metadata\" \"machine\" {}\noutput \"name\" { value = step.metadata.machine.name }\n";

#[test]
fn a_world_of_the_directory_wins_over_the_one_that_is_built_in() {
    let built_in = "Using the embedded lab with the world of the Jumpstart lab, which is built in.";
    let own = "Using the embedded lab with the world of ./own.lab.hcl.";
    for command in [&["run", "-lab"][..], &["plan", "-live", "-lab"]] {
        let place = Place::with(RUNBOOK);
        let ran = place.run(command);
        holds(&ran, 0, &["ArcBox-Ubuntu-01"]);
        assert_eq!(ran.out.lines().next(), Some(built_in), "{}", ran.seen());
        let json = place.run(&[command, &["-json"]].concat());
        assert!(
            json.out.starts_with("{\"lab\":{\"world\":\"the Jumpstart lab, which is built in\"}}\n"),
            "{}",
            json.seen()
        );
        place.write("own.lab.hcl", WORLD);
        let ran = place.run(command);
        holds(&ran, 0, &["vm-1"]);
        assert_eq!(ran.out.lines().next(), Some(own), "{}", ran.seen());
        let world = repository().join("runbooks/jumpstart/jumpstart.lab.hcl");
        let named = place.run(&[command, &["-world", world.to_str().expect("UTF-8")]].concat());
        holds(&named, 0, &["ArcBox-Ubuntu-01", "jumpstart.lab.hcl."]);
        place.write("other.lab.hcl", WORLD);
        let several = ["there are several labs in .", "other.lab.hcl, own.lab.hcl", "-world ./other.lab.hcl"];
        holds(&place.run(command), 3, &several);
        let fault = place.run(&[command, &["-world", "own.lab.hcl", "-fault", "himds:403:times=9"]].concat());
        assert_ne!(fault.code, Some(0), "{}", fault.seen());
    }
    let place = Place::with(RUNBOOK);
    holds(&place.run(&["plan", "-lab"]), 3, &["-live"]);
    holds(&place.run(&["plan", "-live", "-lab", "-out", "p.plan"]), 3, &["-out"]);
}

#[test]
fn the_mistakes_of_a_world_are_told_with_their_lines_but_no_secret() {
    let place = Place::with(RUNBOOK);
    let wrong = "key_vault \"kv-1\" {\n  resource_group = \"rg\"\n  rbca           = true\n  secret \"s\" { valu = \"hush-1\" }\n}\n\
                 storage_account \"S_A\" { resource_group = \"rg\" }\n";
    place.write("own.lab.hcl", format!("{WORLD}{wrong}"));
    let first = WORLD.lines().count();
    let ran = place.run(&["run", "-lab"]);
    let places = [first + 3, first + 4].map(|line| format!("own.lab.hcl:{line}"));
    let says =
        [&*places[0], &*places[1], "rbca = true", "unknown field `rbca`", "unknown field `valu`", "help:"];
    holds(&ran, 3, &says);
    assert!(!ran.seen().contains("hush-1"), "{}", ran.seen());
    let ran = place.run(&["lab"]);
    holds(&ran, 1, &says);
    let json = place.run(&["run", "-lab", "-json"]);
    assert!(
        json.out.matches("\"diagnostic\"").count() >= 2 && json.out.contains("own.lab.hcl"),
        "{}",
        json.seen()
    );
}

const WINDOWS: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "WEB-01" {
  resource_group = "rg"
  os             = "windows"
  tags           = { scenario = "Managed Identity" }
}

role_assignment { role = "Reader" }
"#;

const MACHINE: &str = r#"
step "metadata" "machine" {}

step "arm_get" "machine" {
  path        = step.metadata.machine.resource_id
  api_version = "2024-07-10"
}

output "metadata" { value = step.metadata.machine }

output "resource" {
  value = { for name in ["osName", "osType", "osSku", "status"] : name => step.arm_get.machine.body.properties[name] }
}
"#;

#[test]
fn a_machine_may_run_windows() {
    let place = Place::with(MACHINE);
    place.write("windows.lab.hcl", WINDOWS);
    let ran = place.run(&["run", "-lab", "-json"]);
    holds(&ran, 0, &[]);
    let events: Vec<Json> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let output = |name: &str| {
        let found = events.iter().find(|event| event["event"] == "output" && event["name"] == name);
        found.unwrap_or_else(|| panic!("no output {name}: {}", ran.seen()))["value"]["value"].clone()
    };
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg";
    let metadata = output("metadata");
    for (name, expected) in [
        ("name", json!("WEB-01")),
        ("os", json!("windows")),
        ("location", json!("westeurope")),
        ("resource_group", json!("rg")),
        ("resource_group_id", json!(group)),
        ("resource_id", json!(format!("{group}/providers/Microsoft.HybridCompute/machines/WEB-01"))),
        ("tags", json!({ "scenario": "Managed Identity" })),
    ] {
        assert_eq!(metadata[name], expected, "{name}: {metadata}");
    }
    let sku = "Windows Server 2022 Datacenter";
    let resource = json!({ "osName": "windows", "osType": "windows", "osSku": sku, "status": "Connected" });
    assert_eq!(output("resource"), resource);
}
