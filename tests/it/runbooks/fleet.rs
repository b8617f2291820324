//! A fleet: run commands on twelve servers, of which one has lost contact.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::life::{self, Stage};
use super::scene::Scene;
use crate::executable::executable;
use crate::support::Ran;

/// The block of the world by which scripts end.
const ENDS: &str = "run_command \"*\" {";

/// Returns the id of the run command of a server.
fn id(server: &str) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/web/providers/Microsoft.HybridCompute/machines/{server}/runCommands/fleet"
    )
}

/// Returns the fleet with scripts that fail on these servers.
fn failing(servers: &[&str]) -> Scene {
    let end =
        |server: &&str| format!("run_command \"{server}\" {{\n  exit_code = 3\n  error = \"no space\"\n}}\n");
    let ends: String = servers.iter().map(end).collect();
    Scene::in_world("fleet", |world| {
        assert!(world.contains(ENDS), "{world}");
        world.replace(ENDS, &format!("{ends}{ENDS}"))
    })
}

/// Returns the number of scripts that each server was sent.
fn sent(scene: &Scene) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for request in scene.changes().into_iter().filter(|request| request.method == "PUT") {
        let server = request.target.split('/').nth(8).expect("a server").to_owned();
        *sent.entry(server).or_default() += 1;
    }
    sent
}

/// Returns these servers with one script each.
fn once(numbers: impl IntoIterator<Item = usize>) -> BTreeMap<String, usize> {
    numbers.into_iter().map(|number| (format!("web-{number:02}"), 1)).collect()
}

/// Returns an output of the last run.
fn output(scene: &Scene, name: &str) -> Json {
    let ran = scene.ran(&["output", "-json", "latest", name]);
    let ran = if ran.code == Some(0) { ran } else { scene.ran_runbook(&["output", "-json", name]) };
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("no JSON: {}", ran.seen()))
}

struct Fleet(Scene);

impl Stage for Fleet {
    fn set_up() -> Self {
        Self(failing(&[]))
    }

    fn scene(&self) -> &Scene {
        &self.0
    }

    fn check_done(&self) {
        assert_eq!(sent(&self.0), once((1..=12).filter(|number| *number != 11)));
        let written = self.0.cloud.lab.written(&id("web-01")).expect("the run command stays");
        assert_eq!(
            written["properties"]["parameters"][4],
            json!({ "name": "runbook", "value": "/etc/arcbook/site" })
        );
    }

    fn check_undone(&self) {
        for number in 1..=12 {
            assert_eq!(self.0.cloud.lab.written(&id(&format!("web-{number:02}"))), None);
        }
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Fleet>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Fleet>();
}

/// Another release takes the place of the one before, so that its run has made the run commands.
#[test]
fn the_undo_of_another_release_removes_the_run_commands() {
    let fleet = Fleet::set_up();
    for release in ["-var=release=1", "-var=release=2"] {
        let ran = fleet.0.ran_runbook(&["run", "-auto-approve", release]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
    assert_eq!(sent(&fleet.0).values().sum::<usize>(), 22);
    let undone = fleet.0.ran(&["undo", "-auto-approve", "-runbook", "fleet"]);
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    fleet.check_undone();
}

#[test]
fn a_fleet_without_a_connected_server_is_an_error() {
    let scene = Scene::in_world("fleet", |world| world.replace("\"Connected\"", "\"Disconnected\""));
    let ran = scene.ran_runbook(&["run", "-auto-approve"]);
    let told = "none of the 12 that match is connected: see `azcmagent show` on them";
    assert!(ran.code == Some(1) && ran.err.contains(told), "{}", ran.seen());
    assert!(scene.changes().is_empty());
    let none = scene.ran_runbook(&["run", "-auto-approve", "-var=servers=false"]);
    assert!(none.code == Some(1) && none.err.contains("No server matches"), "{}", none.seen());
    assert!(!none.err.contains("is connected"), "{}", none.seen());
}

#[test]
fn servers_that_fail_within_the_budget_are_reported_and_run_again_alone() {
    let scene = failing(&["web-04", "web-09"]);
    let ran = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(output(&scene, "counts"), json!({ "done": 9, "failed": 2, "left_out": 1 }));
    let servers = output(&scene, "servers");
    assert_eq!(servers["web/web-01"], "done, 2 changed");
    assert_eq!(servers["web/web-11"], "left out: Disconnected");
    assert!(servers["web/web-04"].as_str().is_some_and(|status| status.starts_with("failed")), "{servers}");
    for said in ["Failed: 2 of 12 servers", "Not connected, and left out: 1 of 12 servers"] {
        assert!(ran.err.contains(said), "{}", ran.seen());
    }
    let again = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(again.code, Some(0), "{}", again.seen());
    let mut expected = once((1..=12).filter(|number| *number != 11));
    expected.extend([("web-04".to_owned(), 2), ("web-09".to_owned(), 2)]);
    assert_eq!(sent(&scene), expected);
}

#[test]
fn after_a_canary_that_fails_no_other_server_is_started() {
    let scene = failing(&["web-02"]);
    let ran = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert_eq!(sent(&scene), once(1..=2));
    assert!(
        ran.err.contains(
            "1 instance of module.canaries.step.arc_run_command.server failed, and `max_failures` is 0"
        ),
        "{}",
        ran.seen()
    );
    assert!(ran.err.contains("failed: \"web/web-02\""), "{}", ran.seen());
}

/// A script may succeed and say nothing of a run that is done: the server has not got the release.
#[test]
fn a_server_is_done_only_with_the_summary_of_a_run_that_is_done() {
    let ends = [
        ("web-04", "no summary here"),
        ("web-05", ""),
        ("web-06", r#"{\"summary\":{\"status\":\"failed\",\"exit\":1}}"#),
        ("web-07", r#"{\"summary\":{\"status\":\"done\"}}\nand more"#),
    ];
    let block = |(server, output): &(&str, &str)| {
        format!("run_command \"{server}\" {{\n  output = \"{output}\"\n}}\n")
    };
    let blocks = ends.iter().map(block).collect::<Vec<_>>().concat();
    let scene = Scene::in_world("fleet", |world| world.replace(ENDS, &format!("{blocks}{ENDS}")));
    let ran = scene.ran_runbook(&["run", "-auto-approve", "-var=max_failures=4"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(output(&scene, "counts"), json!({ "done": 7, "failed": 4, "left_out": 1 }));
    assert!(ran.err.contains("not with the summary of a run that is done"), "{}", ran.seen());
    for (server, _) in ends {
        let status = output(&scene, "servers")[format!("web/{server}")].clone();
        assert!(status.as_str().is_some_and(|status| status.starts_with("failed")), "{server}: {status}");
    }
}

#[test]
fn a_wrong_value_is_told_at_its_variable_before_any_request() {
    let wrong = [
        ("release", &["", " "][..]),
        ("servers", &["", "\n"]),
        ("canaries", &["-1", "1.5"]),
        ("max_failures", &["-1", "0.5"]),
        ("minutes", &["0", "-5", "2.5", "1401"]),
        ("concurrency", &["0", "1.5"]),
        ("name", &["", "a b", "a(1)", "a."]),
        ("runbook", &[""]),
        ("arcbook", &[""]),
        ("journal", &[""]),
    ];
    let scene = Scene::of("fleet");
    for (name, values) in wrong {
        for value in values {
            let option = format!("-var={name}={value}");
            let ran = scene.ran_runbook(&["run", "-auto-approve", &option]);
            let place = format!("variable \"{name}\" {{");
            assert!(ran.code == Some(3) && ran.err.contains(&place), "{option}: {}", ran.seen());
        }
    }
    let requests = scene.cloud.lab.requests();
    assert!(requests.iter().all(|request| request.target.starts_with("/metadata/endpoints")), "{requests:?}");
    let ran = scene.ran_runbook(&["run", "-auto-approve", "-var=canaries=0", "-var=max_failures=0"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

#[test]
fn when_more_servers_fail_than_allowed_no_further_one_is_started() {
    let scene = failing(&["web-05", "web-06", "web-08"]).options(["-var=concurrency=1".to_owned()]);
    let ran = scene.ran_runbook(&["run", "-auto-approve", "-var=max_failures=1"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    // The canaries, and from the first two batches 3 to 6.
    assert_eq!(sent(&scene), once(1..=6));
    for said in [
        "2 instances of module.second.step.arc_run_command.server failed, and `max_failures` is 1",
        "failed: \"web/web-05\", \"web/web-06\"",
        "not started: 1",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.seen());
    }
    let raised = scene.ran_runbook(&["run", "-auto-approve", "-resume", "latest", "-var=max_failures=3"]);
    assert_eq!(raised.code, Some(0), "{}", raised.seen());
    assert_eq!(sent(&scene), once((1..=12).filter(|number| *number != 11)), "no script was sent twice");
}

/// Servers that run the real program: `server.sh` starts it with a runbook of theirs.
fn real() -> Scene {
    let scene = Scene::in_world("fleet", |world| {
        let begin = world.find(ENDS).expect("it is there");
        let end = world.find("# The servers. ").expect("it is there");
        format!("{}run_commands = true\n{}", &world[..begin], &world[end..])
    });
    // All servers are this computer, so each gets a directory of its own.
    let root = scene.place.path().join("servers");
    let (root, program) = (root.display(), env!("CARGO_BIN_EXE_arcbook"));
    let arcbook = format!(
        "#!/bin/sh\nset -e\nmkdir -p {root}/$ARCBOOK_VAR_server\ncd {root}/$ARCBOOK_VAR_server\ncp ../../site/site.runbook.hcl .\necho \"$@\" >words\nexec {program} \"$@\"\n"
    );
    scene.place.write("site/site.runbook.hcl", SITE);
    let program = scene.place.path().join("arcbook");
    executable(&program, &arcbook);
    scene.options([
        format!("-var=arcbook={}", program.display()),
        "-var=runbook=site.runbook.hcl".to_owned(),
        "-var=journal=runs".to_owned(),
    ])
}

/// Returns the minutes of an option with which a server started the program.
#[cfg(unix)]
fn minutes(scene: &Scene, server: &str, option: &str) -> u64 {
    let words = scene.place.path().join("servers").join(server).join("words");
    let words = std::fs::read_to_string(words).expect("the words of its command line");
    let mut after = words.split_whitespace().skip_while(|word| *word != option).skip(1);
    let time = after.next().unwrap_or_else(|| panic!("no {option} in {words}"));
    time.strip_suffix('m').and_then(|minutes| minutes.parse().ok()).expect("minutes")
}

/// The runbook of each server. It does not fit web-03.
const SITE: &str = r#"
variable "release" {}

variable "server" {}

step "exec" "fits" {
  when = var.server == "web-03"
  argv = ["sh", "-c", "echo The disk is full. >&2; exit 3"]
}

step "file" "page" {
  path       = "page"
  content    = "${var.release} on ${var.server}"
  depends_on = [step.exec.fits]
}
"#;

#[cfg(unix)]
fn page(scene: &Scene, server: &str) -> Option<String> {
    std::fs::read_to_string(scene.place.path().join("servers").join(server).join("page")).ok()
}

#[cfg(unix)]
#[test]
fn each_server_runs_arcbook_and_its_summary_is_the_result() {
    let scene = real();
    for (release, changed) in [("one", 11), ("two", 22)] {
        let option = format!("-var=release={release}");
        let ran: Ran = scene.ran_runbook(&["run", "-auto-approve", &option]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(page(&scene, "web-01"), Some(format!("{release} on web-01")));
        assert_eq!((page(&scene, "web-03"), page(&scene, "web-11")), (None, None));
        assert_eq!(sent(&scene).values().sum::<usize>(), changed);
        let servers = output(&scene, "servers");
        assert_eq!(servers["web/web-12"], "done, 1 changed");
        let failed = servers["web/web-03"].as_str().unwrap_or_default();
        assert!(failed.ends_with(": The disk is full"), "{servers}");
    }
    // A run that is at work on the server is waited for, and this one ends before Azure ends the script.
    let wait = minutes(&scene, "web-01", "-lock-timeout");
    let all = wait + minutes(&scene, "web-01", "-timeout");
    let written = scene.cloud.lab.written(&id("web-01")).expect("the run command stays");
    let limit = written["properties"]["timeoutInSeconds"].as_u64().expect("a number");
    assert!(wait > 0 && 60 * all < limit, "{wait} {all} {limit}");
    assert!(minutes(&scene, "web-01", "-wait-for-agent") > 0);
}
