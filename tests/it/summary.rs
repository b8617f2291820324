//! The last line of `run -summary`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, repository};

/// The maximum length of the line with its line feed.
const LONGEST: usize = 1024;

const UPLOAD: &str = r#"
step "blob_upload" "a" {
  account   = "acc01"
  container = "old"
  name      = "a.txt"
  content   = "a"
}
"#;

/// Returns the summary, which is the complete last line.
pub fn summary(ran: &Ran) -> Json {
    assert!(ran.out.ends_with('\n'), "{}", ran.seen());
    let line = ran.out.lines().last().unwrap_or_else(|| panic!("no line: {}", ran.seen()));
    assert!(line.len() < LONGEST, "{} bytes: {line}", line.len() + 1);
    let line: Json = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {}", ran.seen()));
    assert_eq!(line.as_object().map(serde_json::Map::len), Some(1), "{line}");
    let summary = line["summary"].clone();
    assert_eq!(Some(summary["exit"].clone()), ran.code.map(Into::into), "{}", ran.seen());
    assert_described(&summary);
    summary
}

/// Fails if a member is not in the table of the page.
fn assert_described(summary: &Json) {
    let page = std::fs::read_to_string(repository().join("docs/summary.md")).expect("the page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(&str, &str)> = rows.filter_map(|row| row.split_once('`')).collect();
    let name = |row: &str| row.trim_matches(['[', ']']).to_owned();
    let described: BTreeSet<String> = rows.iter().map(|(row, _)| name(row)).collect();
    let given: BTreeSet<String> = summary.as_object().expect("an object").keys().cloned().collect();
    assert!(given.is_subset(&described), "{given:?} {described:?}");
    for (row, rest) in rows {
        assert!(row.starts_with('[') || given.contains(row), "{row} is missing: {summary}");
        let inner = summary[name(row)].as_object().into_iter().flatten();
        for (member, _) in inner {
            let is_named = rest.contains(&format!("`{member}`")) || rest.contains(&format!("`[{member}]`"));
            assert!(is_named, "{member} of {row}");
        }
    }
}

#[test]
fn a_check_that_fails_is_counted() {
    let check = "check \"size\" {\n  assert {\n    condition     = length(var.a) > 1\n    error_message = \"Too short.\"\n  }\n}\n";
    let place = Place::with(&format!(
        "variable \"a\" {{ default = \"a\" }}\n{check}{}",
        check.replace("size", "other")
    ));
    let ran = place.run(&["run", "-summary"]);
    let found = summary(&ran);
    assert_eq!((&found["status"], &found["checks_failed"]), (&"done".into(), &2.into()), "{}", ran.seen());
}

#[test]
fn a_run_that_is_done_names_the_machine_and_counts_its_steps() {
    let cloud = Cloud::start();
    let place = Place::with(UPLOAD);
    let run = ["run", "-auto-approve", "-quiet", "-summary"];
    let first = summary(&cloud.run(&place, &run));
    let name = place.path().file_name().expect("a name").to_string_lossy();
    assert_eq!((&first["status"], &first["exit"]), (&"done".into(), &0.into()));
    assert_eq!((&first["runbook"], &first["host"]), (&name.as_ref().into(), &"web01".into()));
    let machine = first["machine"].as_str().expect("a machine");
    assert!(machine.ends_with("/providers/microsoft.hybridcompute/machines/vm-1"), "{machine}");
    assert!(first["principal"].as_str().is_some_and(|id| id.len() == 36), "{first}");
    assert_eq!((&first["steps"]["total"], &first["steps"]["changed"]), (&1.into(), &1.into()));
    assert!(first.get("failure").is_none() && first["milliseconds"].is_u64(), "{first}");
    let verified = place.run(&["verify", "latest", "-digest", first["sha256"].as_str().expect("a digest")]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
    let run_id = first["run"].as_str().expect("a run");
    assert!(place.path().join(format!(".arcbook/runs/{run_id}.jsonl")).exists(), "{run_id}");

    // There is nothing to do: the only output says so.
    let again = cloud.run(&place, &run);
    assert_eq!((again.out.lines().count(), again.err.as_str()), (1, ""), "{}", again.seen());
    let again = summary(&again);
    assert_eq!((&again["status"], &again["steps"]["changed"]), (&"done".into(), &0.into()));
}

#[test]
fn it_follows_every_other_output() {
    let place = Place::with("step \"echo\" \"a\" { input = 1 }\noutput \"a\" { value = 1 }\n");
    for options in [&["run", "-summary"][..], &["-json", "run", "-summary"], &["run", "-lab", "-summary"]] {
        let ran = place.run(options);
        assert!(ran.out.lines().count() > 3, "{}", ran.seen());
        assert_eq!(summary(&ran)["status"], "done");
    }
}

#[test]
fn a_failed_run_names_its_first_failure() {
    let cloud = Cloud::start();
    let place = Place::with(&format!(
        "{UPLOAD}
step \"keyvault_secret\" \"none\" {{
  vault      = \"{}\"
  name       = \"none\"
  depends_on = [step.blob_upload.a]
}}
step \"echo\" \"after\" {{ input = step.keyvault_secret.none.value }}
runbook {{ on_failure = \"undo\" }}
",
        cloud.lab.azure().vault("kv01"),
    ));
    let ran = cloud.run(&place, &["run", "-auto-approve", "-summary"]);
    let found = summary(&ran);
    assert_eq!((&found["status"], ran.code), (&"failed".into(), Some(1)), "{}", ran.seen());
    assert_eq!(found["failure"]["address"], "step.keyvault_secret.none");
    assert_eq!(found["failure"]["code"], "refused");
    assert!(found["failure"]["message"].as_str().is_some_and(|text| text.contains("404")), "{found}");
    let steps = &found["steps"];
    assert_eq!((&steps["done"], &steps["failed"], &steps["skipped"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(found["undo"], "done", "{}", ran.seen());
}

#[test]
fn a_refused_run_says_why() {
    let wrong = Place::with("step \"nope\" \"a\" {}\n");
    let changes = Place::with(UPLOAD);
    let cases: [(&Place, &[&str], &str, i32); 7] = [
        (&wrong, &["run", "-summary"], "unknown-step-type", 3),
        (&wrong, &["run", "-summary", "-json"], "unknown-step-type", 3),
        (&changes, &["run", "-summary"], "not-approved", 1),
        (&changes, &["run", "-summary", "nowhere"], "unreadable", 3),
        (&changes, &["run", "-summary", "-resume", "2026"], "journal", 3),
        (&changes, &["run", "-summary", "-nope"], "invalid-option", 3),
        (&changes, &["-json", "apply", "--summary", "-parallelism", "hunter2"], "invalid-option", 3),
    ];
    for (place, typed, code, exit) in cases {
        let ran = place.run(typed);
        let found = summary(&ran);
        assert_eq!((&found["status"], ran.code), (&"refused".into(), Some(exit)), "{typed:?} {}", ran.seen());
        assert_eq!(found["failure"]["code"], code, "{typed:?} {found}");
        assert!(found.get("run").is_none() && found.get("steps").is_none(), "{found}");
        assert!(!ran.out.contains("hunter2") || ran.out.contains("parallelism"), "{}", ran.seen());
    }
    // The help is asked for, and the words after `--` are no options.
    for typed in [&["run", "-summary", "-help"][..], &["run", "-nope", "--", "-summary"]] {
        assert!(!changes.run(typed).out.contains("\"summary\""), "{typed:?}");
    }
}

#[test]
fn a_long_message_is_cut_at_a_character_and_hides_its_secret() {
    for (unit, times) in [("x", 5000), ("ü", 5000), ("日本", 2000), ("🦀", 2000), ("\\\\ \\\"", 900)] {
        let place = Place::with(&format!(
            "variable \"pin\" {{
  type      = string
  sensitive = true
}}
output \"pin\" {{
  value     = var.pin
  sensitive = true
}}
step \"echo\" \"long\" {{
  input = 1
  precondition {{
    condition     = runbook.run_id == \"none\"
    error_message = \"canary-77aa31 {}\"
  }}
}}
",
            unit.repeat(times),
        ));
        let ran = place.run(&["run", "-quiet", "-summary", "-var", "pin=canary-77aa31"]);
        let found = summary(&ran);
        let message = found["failure"]["message"].as_str().expect("a message");
        assert!(message.contains("(sensitive) ") && message.ends_with('…'), "{message}");
        assert!(!ran.out.contains("canary-77aa31"), "{}", ran.seen());
        // The room is used.
        assert!(ran.out.len() > LONGEST - 16, "{} bytes", ran.out.len());
    }
}

#[cfg(unix)]
mod interrupted {
    use std::net::TcpListener;
    use std::process::Stdio;

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;
    use crate::interrupt::Interrupting;

    #[test]
    fn a_run_that_a_signal_stops_says_so() {
        let second = UPLOAD.replace("\"a\" {", "\"b\" {").replace("a.txt", "b.txt");
        let second = second.replace("content   =", "depends_on = [step.blob_upload.a]\n  content   =");
        let lab = Interrupting::new("PUT", Signal::TERM);
        let place = Place::with(&format!("{UPLOAD}{second}"));
        let ran = lab.run(&mut lab.cloud.command(&place, &["run", "-auto-approve", "-summary"]));
        let found = summary(&ran);
        assert_eq!((&found["status"], ran.code), (&"interrupted".into(), Some(130)), "{}", ran.seen());
        assert_eq!((&found["steps"]["done"], &found["steps"]["skipped"]), (&1.into(), &1.into()));
    }

    /// The cloud of the run is at a server that never answers, and sends the signal instead.
    #[test]
    fn so_does_one_that_a_signal_stops_before_it_begins() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let cloud = format!("http://localhost:{}", silent.local_addr().expect("an address").port());
        let place = Place::with(UPLOAD);
        let mut command = place.command(&["run", "-auto-approve", "-quiet", "-summary"]);
        command.env("ARCBOOK_CLOUD", cloud).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program");
        let _held = silent.accept().expect("a request");
        // A background process of a shell ignores SIGINT.
        kill_process(Pid::from_child(&child), Signal::TERM).expect("sent");
        let ran = Ran::of(child.wait_with_output().expect("ended"));
        let found = summary(&ran);
        assert_eq!((&found["status"], ran.code), (&"interrupted".into(), Some(130)), "{}", ran.seen());
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.seen());
    }
}
