//! Progress messages during a run, and the trace of its times.

use std::process::Stdio;

use serde_json::Value as Json;

use crate::support::{Place, Ran};

const LAB: [&str; 4] = ["run", "-lab", "-var", "file=hosts"];
/// A delay longer than the longest silence of the program.
const SLOW: &str = "arm:delay:ms=7500:path=/resources:times=1";

fn objects(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[test]
fn progress_is_shown_while_a_service_is_slow() {
    let place = Place::jumpstart();
    let ran = place.run(&[&LAB[..], &["-fault", SLOW, "jumpstart"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let signs: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("after ")).collect();
    assert!(signs.len() >= 2, "{}", ran.seen());
    assert!(
        signs[0].contains(": still step.arm_list.resources (") && signs[0].contains("GET https://"),
        "{signs:?}"
    );
    let path = ran.out.lines().find(|line| line.starts_with("Critical path: ")).expect("a critical path");
    let link = path.split("step.arm_list.resources (").nth(1).and_then(|rest| rest.split_once(" s"));
    let seconds: f64 = link.and_then(|(seconds, _)| seconds.parse().ok()).unwrap_or_else(|| panic!("{path}"));
    assert!(seconds >= 7.5, "{path}");

    let ran = place.run(&[&LAB[..], &["-fault", SLOW, "-json", "jumpstart"]].concat());
    let objects = objects(&ran.out);
    let signs: Vec<&Json> = objects.iter().filter(|object| object["event"] == "waiting").collect();
    assert!(signs.len() >= 2 && signs.iter().all(|sign| sign.get("seq").is_none()), "{signs:?}");
    assert_eq!(signs[0]["for"][0]["address"], "step.arm_list.resources");
    let end = objects.iter().find(|object| object["event"] == "run_finished").expect("an end");
    let link = |link: &Json| (link["address"].as_str().map(str::to_owned), link["milliseconds"].as_u64());
    let longest = end["critical_path"].as_array().expect("a path").iter().map(link).max_by_key(|link| link.1);
    assert_eq!(longest.expect("a link").0.as_deref(), Some("step.arm_list.resources"));
}

#[test]
fn the_lock_holder_is_shown_while_waiting() {
    let place =
        Place::with("step \"metadata\" \"m\" {}\noutput \"n\" {\n  value = step.metadata.m.name\n}\n");
    // An agent that accepts connections and never responds.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let agent = format!("http://{}", silent.local_addr().expect("an address"));
    let mut first = place.command(&["run"]);
    let keys = place.path().join("keys");
    let mut first = first
        .env("IMDS_ENDPOINT", &agent)
        .env("ARCBOOK_TEST_KEYS", &keys)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    // The first program has the lock, since it has connected to the agent.
    drop(silent.accept().expect("its first request"));
    let silent = silent.accept();
    for (more, expected) in
        [(&[][..], "waiting for the lock of"), (&["-json"], "\"doing\":\"waiting for the lock of")]
    {
        let ran = place.run(&[&["run", "-lock-timeout", "3s"], more].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let holder = format!("process {}", first.id());
        let told = ran.err.lines().find(|line| line.contains(expected));
        assert!(told.is_some_and(|line| line.contains(&holder)), "{}", ran.seen());
    }
    drop(silent);
    first.kill().expect("stopped");
    first.wait().expect("over");
}

/// Returns the slices of a trace: name, start and duration in microseconds.
fn slices(trace: &Json) -> Vec<(String, u64, u64)> {
    let events = trace["traceEvents"].as_array().expect("events").iter();
    let slice = |event: &Json| {
        let name = event["name"].as_str().expect("a name").to_owned();
        (name, event["ts"].as_u64().expect("a time"), event["dur"].as_u64().expect("a length"))
    };
    events.filter(|event| event["ph"] == "X").map(slice).collect()
}

fn trace(place: &Place, name: &str) -> Json {
    let text = std::fs::read_to_string(place.path().join(name)).expect("a trace");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_trace_has_the_times_of_the_record_even_if_the_run_fails() {
    for (fault, code) in [("arm:503:path=/resources", 0), ("keyvault:403:times=always", 1)] {
        let place = Place::jumpstart();
        let ran: Ran =
            place.run(&[&LAB[..], &["-json", "-trace", "trace.json", "-fault", fault, "jumpstart"]].concat());
        assert_eq!(ran.code, Some(code), "{}", ran.seen());
        let slices = slices(&trace(&place, "trace.json"));
        let mut seen = 0;
        for event in objects(&ran.out) {
            let Some(step) = event["step"].as_str() else { continue };
            let slice = slices.iter().find(|(name, _, _)| name == step).expect("a slice");
            let now = event["elapsed_microseconds"].as_u64().expect("a time");
            match event["event"].as_str() {
                Some("step_started") => assert_eq!(slice.1, now, "{slice:?} {event}"),
                Some("step_finished" | "step_failed") => {
                    assert_eq!(slice.1 + slice.2, now, "{slice:?} {event}");
                    seen += 1;
                }
                _ => {}
            }
        }
        assert!(seen >= 4, "{seen}");
        let later = place.run(&["show", "-trace", "later.json"]);
        assert_eq!(later.code, Some(0), "{}", later.seen());
        assert_eq!(trace(&place, "later.json"), trace(&place, "trace.json"));
    }
}

#[test]
fn a_trace_overwrites_only_a_trace_or_the_run_does_not_start() {
    let place = Place::with("output \"a\" {\n  value = 1\n}\n");
    let before = place.files();
    let cases = [
        ("main.runbook.hcl", "error[not-a-trace]: main.runbook.hcl already exists and is not a trace"),
        (".", "error[not-a-trace]"),
        ("none/trace.json", "error[file-not-written]: cannot write none/trace.json"),
    ];
    for (path, message) in cases {
        let ran = place.run(&["run", "-trace", path]);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(ran.err.contains(message), "no {message} in {}", ran.seen());
        assert_eq!(place.files(), before, "{path}");
    }
    for _ in 0..2 {
        let ran = place.run(&["run", "-trace", "trace.json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
    let shown = place.run(&["show", "-trace", "main.runbook.hcl"]);
    assert!(shown.code == Some(1) && shown.err.contains("not-a-trace"), "{}", shown.seen());
    assert!(place.files().contains(&before[0]), "it was written over");
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(place.path().join("trace.json")).expect("there");
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
