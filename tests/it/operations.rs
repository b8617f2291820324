//! Runs whose changes take long: killed at any moment and resumed, undone, and side by side.
//!
//! By default the tests take some of the moments; with `ARCBOOK_CRASH=all`, every one.

use arcbook_lab::{OperationStatus, Service};
use serde_json::Value as Json;

use crate::cloud::{Cloud, WORLD};
use crate::crash::{all, go_on, killed_after};
use crate::support::{Place, Ran};

const TYPES: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Lab.Async/things" {
  operation {
    kind  = "azure-async-operation"
    polls = 3
  }
}

resource_type "Lab.Location/things" {
  operation {
    kind  = "location"
    polls = 3
  }
}

resource_type "Lab.State/things" {
  operation {
    kind  = "provisioning-state"
    polls = 3
  }
}

resource "Lab.Async/things" "old" {
  resource_group = "rg"
  properties     = { size = 1, tier = "basic" }
}

resource "Lab.Location/things" "surplus" { resource_group = "rg" }
"#;

const RUNBOOK: &str = r#"
step "metadata" "machine" {}

locals {
  group = "${step.metadata.machine.resource_group_id}/providers"
}

step "arm_resource" "new" {
  id          = "${local.group}/Lab.Async/things/new"
  api_version = "2024-01-01"
  body        = { location = "westeurope", properties = { size = 1 } }
}

step "arm_resource" "old" {
  id          = "${local.group}/Lab.Async/things/old"
  api_version = "2024-01-01"
  update      = "patch"
  body        = { properties = { size = 2 } }
  depends_on  = [step.arm_resource.new]
}

step "arm_resource" "state" {
  id          = "${local.group}/Lab.State/things/new"
  api_version = "2024-01-01"
  body        = { location = "westeurope", properties = { of = step.arm_resource.new.id } }
}

step "arm_resource" "surplus" {
  id          = "${local.group}/Lab.Location/things/surplus"
  api_version = "2024-01-01"
  absent      = true
  depends_on  = [step.arm_resource.old]
}

output "size" { value = step.arm_resource.old.body.properties.size }
"#;

/// A runbook whose only change takes several polls.
const ONE: &str = r#"
step "metadata" "machine" {}

step "arm_resource" "new" {
  id          = "${step.metadata.machine.resource_group_id}/providers/Lab.Async/things/new"
  api_version = "2024-01-01"
  body        = { location = "westeurope" }
}
"#;

/// The changes of an uninterrupted run.
const CHANGES: [&str; 4] = ["DELETE surplus", "PATCH old", "PUT new", "PUT new"];

fn world() -> String {
    format!("{WORLD}\n{TYPES}")
}

/// Returns the changes of resources, sorted: the method and the name.
fn changes(cloud: &Cloud) -> Vec<String> {
    let requests = cloud.lab.requests().into_iter();
    let changes = requests.filter(|request| request.changed && request.service == Service::Arm);
    let name = |target: &str| {
        target.split('?').next().and_then(|path| path.rsplit('/').next()).expect("a name").to_owned()
    };
    let mut changes: Vec<String> =
        changes.map(|request| format!("{} {}", request.method, name(&request.target))).collect();
    changes.sort();
    changes
}

/// Returns true if the only record says that its run has ended.
fn is_over(place: &Place) -> bool {
    let run = place.run(&["verify", "latest"]);
    run.code == Some(0)
}

/// Checks that a resumed run finished with exactly the changes of an uninterrupted one.
fn check(cloud: &Cloud, place: &Place, ran: &Ran, moment: &str) {
    assert_eq!(ran.code, Some(0), "{moment}: {}", ran.seen());
    assert!(ran.out.contains("5 of 5 steps done"), "{moment}: {}", ran.seen());
    assert_eq!(changes(cloud), CHANGES, "{moment}: {}", ran.seen());
    for operation in cloud.lab.operations() {
        assert_eq!(operation.status(), OperationStatus::Succeeded, "{moment}: {operation:?}");
    }
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
}

/// Checks that undo removes what was created, and puts back what was updated.
fn check_undo(cloud: &Cloud, place: &Place, moment: &str) {
    let undone = cloud.run(place, &["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(0), "{moment}: {}", undone.seen());
    let expected =
        ["DELETE new", "DELETE new", "DELETE surplus", "PATCH old", "PATCH old", "PUT new", "PUT new"];
    assert_eq!(changes(cloud), expected, "{moment}: {}", undone.seen());
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers";
    let old = cloud.lab.written(&format!("{group}/Lab.Async/things/old")).expect("it exists");
    assert_eq!(old["properties"]["size"], 1, "{moment}: {old}");
    assert!(
        undone.out.contains("step.arm_resource.surplus: the run removed it"),
        "{moment}: {}",
        undone.seen()
    );
}

#[test]
fn killed_at_any_write_of_the_journal() {
    let step = if all() { 1 } else { 7 };
    let mut killed = 0;
    for at in (1..).step_by(step) {
        let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(RUNBOOK));
        let moment = at.to_string();
        let died = Ran::killed_at(cloud.command(&place, &["run", "-auto-approve"]), at);
        if died.code.is_some() {
            // The run has no such moment, so it ran to its end.
            check(&cloud, &place, &died, "uninterrupted");
            check_undo(&cloud, &place, "uninterrupted");
            break;
        }
        killed += 1;
        // A run that was killed after its last change is followed by one that has nothing to undo.
        let was_over = changes(&cloud).len() == CHANGES.len() && is_over(&place);
        let ran = go_on(&cloud, &place);
        check(&cloud, &place, &ran, &moment);
        if (all() || killed % 4 == 0) && !was_over {
            check_undo(&cloud, &place, &moment);
        }
    }
    assert!(killed > 15, "only {killed} moments");
}

#[test]
fn killed_after_any_request() {
    let step = if all() { 1 } else { 3 };
    for at in (1..).step_by(step) {
        let (cloud, place, was_killed) = killed_after(at, world(), RUNBOOK);
        if !was_killed {
            assert!(at > 20, "only {at} requests");
            return;
        }
        let moment = format!("request {at}");
        check(&cloud, &place, &go_on(&cloud, &place), &moment);
    }
}

/// An undo that is killed goes on where it was: it waits for the operations that it started.
#[test]
fn an_undo_is_killed_at_any_write_of_its_journal() {
    let step = if all() { 1 } else { 7 };
    let mut killed = 0;
    for at in (1..).step_by(step) {
        let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(RUNBOOK));
        let ran = cloud.run(&place, &["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let moment = at.to_string();
        let died = Ran::killed_at(cloud.command(&place, &["undo", "-auto-approve"]), at);
        if died.code.is_some() {
            break;
        }
        killed += 1;
        let was_over = changes(&cloud).len() == 7 && is_over(&place);
        if !was_over {
            check_undo(&cloud, &place, &moment);
        }
    }
    assert!(killed > 5, "only {killed} moments");
}

/// The creation that the service worked on when the run was killed is undone without resuming the run.
#[test]
fn an_unfinished_creation_is_undone() {
    let mut undone = 0;
    for at in 1.. {
        let (cloud, place, was_killed) = killed_after(at, world(), ONE);
        if !was_killed {
            break;
        }
        let was_accepted = place.run(&["show", "-events"]).out.contains("the service has accepted");
        let ran = cloud.run(&place, &["undo", "-auto-approve"]);
        if was_accepted {
            assert_eq!(ran.code, Some(0), "request {at}: {}", ran.seen());
            assert_eq!(changes(&cloud), ["DELETE new", "PUT new"], "request {at}: {}", ran.seen());
            undone += 1;
        } else if !changes(&cloud).is_empty() {
            assert!(ran.out.contains("resume the run, and then undo it"), "request {at}: {}", ran.seen());
        }
    }
    assert!(undone > 2, "only {undone}");
}

/// An operation that failed is not polled by any later run: the last one sends the change again.
#[test]
fn a_failed_operation_is_over() {
    let failed = "arm:operation-failed:method=PUT";
    for faults in [&[failed][..], &[failed, "arm:404:path=/operationStatuses/:times=99"]] {
        for at in (1..).step_by(if all() { 1 } else { 5 }) {
            let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(ONE));
            for fault in faults {
                cloud.lab.inject(fault.parse().expect("a fault"));
            }
            let first = Ran::killed_at(cloud.command(&place, &["run", "-auto-approve"]), at);
            let moment = format!("{faults:?} at {at}");
            let second = go_on(&cloud, &place);
            let last = if second.code == Some(0) { second } else { go_on(&cloud, &place) };
            assert_eq!(last.code, Some(0), "{moment}: {}", last.seen());
            assert_eq!(changes(&cloud), ["PUT new", "PUT new"], "{moment}: {}", last.seen());
            if first.code.is_some() {
                break;
            }
        }
    }
}

/// Returns the events of a run.
fn events(ran: &Ran) -> Vec<Json> {
    ran.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A waiting operation takes no place under `-parallelism`: others start meanwhile.
#[test]
fn operations_are_waited_for_side_by_side() {
    let runbook = r#"
step "metadata" "machine" {}

step "arm_resource" "one" {
  for_each    = toset(["a", "b", "c"])
  id          = "${step.metadata.machine.resource_group_id}/providers/Lab.Async/things/${each.key}"
  api_version = "2024-01-01"
  body        = { location = "westeurope" }
}
"#;
    let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(runbook));
    let ran = cloud.run(&place, &["run", "-auto-approve", "-json", "-parallelism", "1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let events = events(&ran);
    let before_first_end = events.iter().take_while(|event| event["event"] != "operation_finished");
    let started = before_first_end.filter(|event| event["event"] == "operation_started").count();
    assert!(started > 1, "{}", ran.seen());
}

/// A service that asks for no delay is not polled without a pause, and a state is told once.
#[test]
fn a_long_operation_is_polled_with_pauses() {
    let runbook = r#"
step "metadata" "machine" {}

step "arm_resource" "slow" {
  id          = "${step.metadata.machine.resource_group_id}/providers/Lab.Slow/things/slow"
  api_version = "2024-01-01"
  body        = { location = "westeurope" }
}
"#;
    let slow = r#"
resource_type "Lab.Slow/things" {
  operation {
    kind         = "azure-async-operation"
    milliseconds = 5000
  }
}
"#;
    let (cloud, place) = (Cloud::of(format!("{}\n{slow}", world()), |_| {}), Place::with(runbook));
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let requests = cloud.lab.requests();
    let polls = requests.iter().filter(|request| request.target.contains("/operationStatuses/")).count();
    assert!((2..20).contains(&polls), "{polls} polls");
    let mut told: Vec<&str> = ran.out.lines().filter(|line| line.contains("InProgress")).collect();
    let all = told.len();
    told.dedup();
    assert_eq!(told.len(), all, "{}", ran.seen());
}

#[test]
fn the_record_names_the_operation_before_its_first_poll() {
    let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(RUNBOOK));
    let ran = cloud.run(&place, &["run", "-auto-approve", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let events = events(&ran);
    let of = |event: &Json| event["step"] == "step.arm_resource.new";
    let names: Vec<&str> =
        events.iter().filter(|event| of(event)).filter_map(|event| event["event"].as_str()).collect();
    let at = |name: &str| names.iter().position(|other| *other == name).expect(name);
    assert!(at("change_intended") < at("operation_started"), "{names:?}");
    assert!(at("operation_started") < at("operation_polled"), "{names:?}");
    assert!(at("operation_polled") < at("operation_finished"), "{names:?}");
    let finished =
        events.iter().rfind(|event| of(event) && event["event"] == "step_finished").expect("an end");
    assert!(finished["receipt"]["value"]["url"].is_string(), "{finished}");
}

/// An action whose operation takes several polls.
const ACTION: &str = r#"
step "metadata" "machine" {}

step "arm_action" "grow" {
  path        = "${step.metadata.machine.resource_group_id}/providers/Lab.Action/things/x/grow"
  api_version = "2024-01-01"
}
"#;

/// An action is never sent again: a resumed run waits for its operation, or says that the outcome is unknown.
#[test]
fn an_action_is_killed_after_any_request() {
    let world = format!(
        "{}\n{}",
        world(),
        r#"
resource_type "Lab.Action/things" {
  action "grow" {
    operation {
      kind  = "azure-async-operation"
      polls = 3
    }
  }
}
resource "Lab.Action/things" "x" { resource_group = "rg" }
"#
    );
    let count = |cloud: &Cloud, method: &str, part: &str| {
        let requests = cloud.lab.requests();
        requests.iter().filter(|one| one.method == method && one.target.contains(part)).count()
    };
    let mut continued = 0;
    for at in 1.. {
        let (cloud, place, was_killed) = killed_after(at, world.clone(), ACTION);
        if !was_killed {
            break;
        }
        let (posts, polls) = (count(&cloud, "POST", "/grow"), count(&cloud, "GET", "/operationStatuses/"));
        let ran = go_on(&cloud, &place);
        assert_eq!(count(&cloud, "POST", "/grow"), 1, "request {at}: {}", ran.seen());
        if posts == 0 || polls > 0 {
            assert_eq!(ran.code, Some(0), "request {at}: {}", ran.seen());
            continued += usize::from(polls > 0);
        } else if ran.code != Some(0) {
            assert!(ran.err.contains("it is unknown whether"), "request {at}: {}", ran.seen());
        }
    }
    assert!(continued > 1, "{continued} runs were killed while the operation was polled");
}
