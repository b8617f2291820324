//! A second run against the same Azure changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, copy, repository};

/// Examples that change something in every run, with the reason.
const ALWAYS: [(&str, &str); 2] = [
    ("arm_action", "the lab counts every action as a change, also one that reads, such as `sharedKeys`"),
    ("11-cleanup", "it sets a tag and takes it away again"),
];

/// Examples that need a server or a program beside the lab, or an audience of Azure's own cloud; their tests are
/// elsewhere.
const ELSEWHERE: [&str; 9] = [
    "21-http",
    "arc_connect",
    "arc_run_command",
    "certificate",
    "http",
    "login",
    "onboard",
    "postgres",
    "postgres_query",
];

const WORLD: &str = "runbooks/jumpstart/jumpstart.lab.hcl";

/// Runs the runbook in `place` twice, with a lab of that world, and returns the changes of the second run.
fn second(place: &Place, world: &Path, runbook: &str) -> Vec<String> {
    let world = fs::read_to_string(world).expect("a world");
    let cloud = Cloud::of_world(&world);
    let run = || {
        let ran = cloud.run(place, &["run", "-auto-approve", runbook]);
        assert_eq!(ran.code, Some(0), "{runbook}: {}", ran.seen());
    };
    run();
    let first = cloud.lab.requests().len();
    run();
    let requests = cloud.lab.requests().into_iter().skip(first).filter(|request| request.changed);
    requests.map(|request| format!("{} {}", request.method, request.target)).collect()
}

fn check(name: &str, changes: &[String]) {
    if ALWAYS.iter().any(|(always, _)| *always == name) {
        assert!(!changes.is_empty(), "{name} changes nothing any more: strike it from the list");
    } else {
        assert!(changes.is_empty(), "{name}: {changes:#?}");
    }
}

#[test]
fn of_each_step_type_s_example() {
    let explained = Place::new().run(&["explain", "-json"]).out;
    let topics = explained.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    for topic in topics {
        let Some(name) = topic["type"].as_str().filter(|name| !ELSEWHERE.contains(name)) else { continue };
        let place = Place::with(topic["example"].as_str().expect("text"));
        check(name, &second(&place, &repository().join(WORLD), "."));
    }
}

/// Returns the directories with a runbook.
fn runbooks() -> Vec<PathBuf> {
    let of = |folder: &str| {
        let entries = fs::read_dir(repository().join(folder)).expect("readable").flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let mut paths = [of("examples"), of("runbooks")].concat();
    paths.sort();
    paths
}

#[test]
fn of_each_example_and_runbook() {
    for path in runbooks() {
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        if ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        let place = Place::new();
        copy(&path, &place.path().join(&name));
        let own = fs::read_dir(&path).expect("readable").flatten().map(|entry| entry.path());
        let own = own.into_iter().find(|file| file.to_string_lossy().ends_with(".lab.hcl"));
        let world = own.unwrap_or_else(|| repository().join(WORLD));
        check(&name, &second(&place, &world, &name));
    }
}
