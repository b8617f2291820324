//! Scripts on other servers: killed at any moment and resumed, a script never runs twice.

use std::path::Path;

use crate::cloud::{Cloud, WORLD};
use crate::crash::{all, go_on, killed_after};
use crate::support::{Place, Ran};

const TYPES: &str = r#"
run_commands = true

role_assignment { role = "Contributor" }

resource_type "Microsoft.HybridCompute/machines/runCommands" {}
"#;

fn world() -> String {
    format!("{WORLD}\n{TYPES}")
}

/// A runbook whose script adds a line to a file in `counts`.
fn runbook(counts: &Path) -> String {
    let file = counts.join("runs");
    format!(
        r#"
step "metadata" "machine" {{}}

step "arc_run_command" "count" {{
  machine    = step.metadata.machine.resource_id
  script     = "echo \"$word\" >> {}; echo done"
  parameters = {{ word = "run" }}
}}

output "said" {{ value = step.arc_run_command.count.stdout }}
"#,
        file.display()
    )
}

fn runs(counts: &Path) -> usize {
    std::fs::read_to_string(counts.join("runs")).unwrap_or_default().lines().count()
}

/// Checks that the script ran once, and that the resumed run either has its result or says that it is lost.
fn check(counts: &Path, ran: &Ran, moment: &str) -> bool {
    assert_eq!(runs(counts), 1, "{moment}: {}", ran.seen());
    let is_done = ran.code == Some(0);
    let says = if is_done { "done" } else { "the run command is gone" };
    assert!(ran.seen().contains(says), "{moment}: {}", ran.seen());
    is_done
}

#[test]
fn killed_at_any_write_of_the_journal() {
    let step = if all() { 1 } else { 3 };
    let (mut killed, mut done) = (0, 0);
    for at in (1..).step_by(step) {
        let counts = tempfile::tempdir().expect("a directory");
        let (cloud, place) = (Cloud::of(world(), |_| {}), Place::with(&runbook(counts.path())));
        let died = Ran::killed_at(cloud.command(&place, &["run", "-auto-approve"]), at);
        if died.code.is_some() {
            assert!(check(counts.path(), &died, "uninterrupted"), "{}", died.seen());
            break;
        }
        killed += 1;
        let was_over = place.run(&["verify", "latest"]).code == Some(0);
        if was_over {
            continue;
        }
        done += usize::from(check(counts.path(), &go_on(&cloud, &place), &at.to_string()));
    }
    assert!(killed > 5 && done > 3, "only {killed} moments, {done} results");
}

#[test]
fn killed_after_any_request() {
    let mut done = 0;
    for at in 1.. {
        let counts = tempfile::tempdir().expect("a directory");
        let (cloud, place, was_killed) = killed_after(at, world(), &runbook(counts.path()));
        if !was_killed {
            assert!(at > 4 && done > 2, "only {at} requests, {done} results");
            return;
        }
        done += usize::from(check(counts.path(), &go_on(&cloud, &place), &format!("request {at}")));
    }
}

/// The plan says that the run names the run command, and lists its making and its removal.
#[test]
fn the_plan_lists_the_run_command_that_the_run_names() {
    let counts = tempfile::tempdir().expect("a directory");
    let place = Place::with(&runbook(counts.path()));
    let plan = place.run(&["plan", "-json"]);
    assert_eq!(plan.code, Some(0), "{}", plan.seen());
    let plan = plan.plan().to_string();
    for method in ["PUT", "GET", "DELETE"] {
        let (_, rest) = plan.split_once(&format!("\"method\":\"{method}\",\"url\":\"")).expect(method);
        assert!(rest.contains("/runCommands/arcbook-(known after run)?"), "{method}: {plan}");
    }
    for verb in ["read", "write", "delete"] {
        let action = format!("\"action\":\"Microsoft.HybridCompute/machines/runCommands/{verb}\"");
        assert!(plan.contains(&action), "{verb}: {plan}");
    }
    let live = Cloud::of(world(), |_| {}).run(&place, &["plan", "-live"]);
    assert_eq!((live.code, runs(counts.path())), (Some(0), 0), "{}", live.seen());
}
