//! Random values, which no run knows but the one that makes them.

use crate::support::{Place, Ran};

/// A secret is stored twice, and a step fails until there is a file `ok`.
const RUNBOOK: &str = r#"
step "random" "pw" {}

step "file" "store" {
  path    = "stored"
  content = step.random.pw.value
}

step "exec" "store" {
  argv        = ["sh", "-c", "printf %s \"$PW\" > program"]
  environment = { PW = step.random.pw.value }
  creates     = "program"
}

step "exec" "later" {
  argv       = ["test", "-e", "ok"]
  effect     = "reads"
  depends_on = [step.exec.store, step.file.store]
}

output "path" {
  value = step.file.store.path
}
"#;

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path().join(name)).expect("stored")
}

/// Checks that no file but the stored one holds the value.
fn is_nowhere_else(place: &Place, value: &str) {
    assert!(value.len() >= 8);
    for (path, content) in place.files() {
        let is_store = ["stored", "program"].iter().any(|name| path.ends_with(name));
        let holds = content.windows(value.len()).any(|part| part == value.as_bytes());
        assert!(is_store || !holds, "{}", path.display());
    }
}

fn warned(ran: &Ran, step: &str) -> bool {
    let summary = format!("warning[secret-changed]: {step} is kept");
    ran.err.contains(&summary)
}

#[test]
fn a_resumed_run_keeps_what_the_first_one_stored_and_warns() {
    let place = Place::with(RUNBOOK);
    let first = place.run(&["run", "-auto-approve"]);
    assert_eq!(first.code, Some(1), "{}", first.seen());
    let value = read(&place, "stored");
    assert_eq!(read(&place, "program"), value);
    is_nowhere_else(&place, &value);
    place.write("ok", "");
    let resumed = place.run(&["run", "-resume", "latest", "-auto-approve"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    assert_eq!((read(&place, "stored"), read(&place, "program")), (value.clone(), value.clone()));
    for step in ["step.file.store", "step.exec.store"] {
        assert!(warned(&resumed, step), "{step}: {}", resumed.seen());
    }
    assert!(resumed.out.contains("path = \"stored\""), "{}", resumed.seen());
    is_nowhere_else(&place, &value);
    let again = place.run(&["run", "-auto-approve"]);
    assert_eq!(again.code, Some(0), "{}", again.seen());
    assert_ne!(read(&place, "stored"), value, "a new run makes a new value");
}

#[test]
fn a_random_value_leaves_the_run_only_into_a_step() {
    for (more, code) in [
        ("output \"pw\" {\n  value     = step.random.pw.value\n  sensitive = true\n}\n", "ephemeral-value"),
        ("step \"echo\" \"pw\" {\n  input = step.random.pw.value\n}\n", "ephemeral-value"),
        ("step \"exec\" \"pw\" {\n  argv = [\"echo\", step.random.pw.value]\n}\n", "secret-flow"),
    ] {
        let place = Place::with(&format!("step \"random\" \"pw\" {{}}\n{more}"));
        let ran = place.run(&["run", "-auto-approve"]);
        assert!(ran.code != Some(0) && ran.err.contains(&format!("error[{code}]")), "{}", ran.seen());
    }
}
