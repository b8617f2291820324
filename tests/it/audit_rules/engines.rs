//! Twenty policies of the kind that organisations write, in two engines of Rego.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::{Place, report};
use crate::environment;
use crate::support::{Ran, repository};

/// Asks a second engine: each line of its input is a request, each line of its output the answers.
const PYTHON: &str = r#"
import json, os, sys
from regopy import Interpreter
directory, inputs = sys.argv[1], sys.argv[2:]
for path in inputs:
    with open(path) as file:
        text = json.load(file)
    for name in sorted(os.listdir(directory)):
        engine = Interpreter()
        with open(os.path.join(directory, name)) as file:
            engine.add_module(name, file.read())
        engine.set_input(text)
        package = name.removesuffix(".rego")
        for rule in ["deny", "warn"]:
            answer = str(engine.query(f"data.{package}.{rule}"))
            found = [] if answer == "undefined" else json.loads(answer)["expressions"][0]
            print(json.dumps([path, package, rule, found]))
"#;

/// Reports the test as skipped; fails if `CI` is set, where nothing may be missing.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "policies cannot be compared here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: policies in a second engine: {why} ***\n");
}

/// Returns the answers of arcbook: package, rule and texts, in order.
fn ours(directory: &str, policies: &Path) -> Vec<Json> {
    let ran = Place::new().run(&["audit", "-json", "-policy", &policies.to_string_lossy(), directory]);
    let found = report(&ran);
    let findings = found["findings"].as_array().expect("findings").iter();
    let mut answers: Vec<Json> = findings
        .filter_map(|finding| {
            let rule = finding["rule"].as_str()?.strip_prefix("policy-")?;
            let (package, message) = finding["message"].as_str()?.strip_prefix("data.")?.split_once(": ")?;
            let rule = if rule == "denies" { "deny" } else { "warn" };
            Some(json!([package, rule, message]))
        })
        .collect();
    answers.sort_by_key(ToString::to_string);
    answers
}

/// Asks the second engine about these inputs.
fn theirs(python: &Path, policies: &Path, inputs: &[PathBuf]) -> Vec<Json> {
    let mut command = Command::new(python);
    command
        .args(["-", &policies.to_string_lossy()])
        .args(inputs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("python");
    child.stdin.take().expect("a pipe").write_all(PYTHON.as_bytes()).expect("written");
    let ran = Ran::of(child.wait_with_output().expect("its output"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn two_engines_give_the_same_answers() {
    let python = environment::python(
        &repository().join("tests/rego"),
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join("rego"),
    );
    let python = match python {
        Ok(python) => python,
        Err(why) => return skip(&why),
    };
    let policies = repository().join("tests/policies");
    assert_eq!(fs::read_dir(&policies).expect("policies").count(), 20);
    let place = Place::new();
    let directories =
        ["runbooks/onboard", "runbooks/postgres/prepare", "runbooks/jumpstart", "examples/16-flow"];
    let directories = directories.map(|name| repository().join(name).to_string_lossy().into_owned());
    let (mut inputs, mut answered) = (Vec::new(), Vec::new());
    for (at, directory) in directories.iter().chain([&bad(&place)]).enumerate() {
        let input = Place::new().run(&["audit", "-format", "input", directory]);
        assert_eq!(input.code, Some(0), "{}", input.seen());
        place.write(&format!("{at}.json"), input.out);
        inputs.push(place.path().join(format!("{at}.json")));
        answered.push(ours(directory, &policies));
    }
    let mut fired = std::collections::BTreeSet::new();
    let all = theirs(&python, &policies, &inputs);
    for (input, ours) in inputs.iter().zip(answered) {
        let mut theirs = Vec::new();
        for answer in all.iter().filter(|answer| answer[0] == *input.to_string_lossy()) {
            for message in answer[3].as_array().expect("a set") {
                let text = if message.is_string() { message } else { &message["msg"] };
                theirs.push(json!([answer[1], answer[2], text]));
            }
        }
        theirs.sort_by_key(ToString::to_string);
        theirs.dedup();
        fired.extend(theirs.iter().map(|answer| answer[0].to_string()));
        let mut ours = ours;
        ours.dedup();
        assert_eq!(ours, theirs, "{}", input.display());
    }
    assert!(fired.len() >= 19, "only these have an answer: {fired:?}");
}

/// Writes a runbook that most of the policies have something against.
fn bad(place: &Place) -> String {
    place.write("bad/main.runbook.hcl", BAD);
    place.write("other/m.runbook.hcl", "output \"x\" { value = 1 }\n");
    place.path().join("bad").to_string_lossy().into_owned()
}

const BAD: &str = r#"
variable "key" { ephemeral = true }
step "resource_group" "g" {
  subscription_id = "10000000-0000-4000-8000-000000000000"
  name            = "g"
  location        = "eastus"
  tags            = { owner = "me" }
}
step "role_assignment" "Owner" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000"
  role         = "Owner"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
step "exec" "sh" { argv = ["/bin/sh", "-c", "true"] }
step "http" "_plain" {
  url              = "http://web.test/"
  allow_plain_http = true
}
step "http" "_header" {
  url     = "https://web.test/"
  headers = { Authorization = var.key }
}
step "file" "f" {
  path    = "/tmp/key"
  content = var.key
  mode    = "0644"
}
step "arm_get" "_wait" {
  path = "/subscriptions"
  until { condition = self.status == 200 }
}
step "arm_delete" "d" {
  id = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"
  api_version = "2024-07-01"
}
step "entra_group_member" "m" {
  group_id  = "30000000-0000-4000-8000-000000000000"
  member_id = "40000000-0000-4000-8000-000000000000"
}
module "m" { source = "../other" }
"#;
