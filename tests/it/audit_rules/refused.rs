//! Errors about secrets: the commands that describe a runbook go on.

use super::{Place, audited, broken, place, report};

/// Three secrets that no run may follow, and a finding of another kind.
const RUNBOOK: &str = r#"
variable "key" { ephemeral = true }
variable "pin" {
  sensitive = true
  ephemeral = false
}
step "exec" "_argument" { argv = ["login", var.key] }
step "http" "_plain" {
  url              = "http://web.test/"
  headers          = { Authorization = var.key }
  allow_plain_http = true
}
step "arm_get" "_needs" { path = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g" }
step "postgres_query" "_tls" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  tls       = "require"
  statement = "select 1"
}
output "pin" { value = var.pin }
"#;

#[test]
fn an_error_about_a_secret_is_a_finding_beside_the_others() {
    let ran = audited(RUNBOOK, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let found = report(&ran);
    for rule in ["secret-flow", "sensitive-output", "plain-http", "weak-tls", "secret-not-ephemeral"] {
        assert!(broken(&found).contains(rule), "{rule}: {found:#}");
    }
    let findings = found["findings"].as_array().expect("findings").iter();
    let flows: Vec<_> = findings
        .filter(|finding| finding["rule"] == "secret-flow")
        .map(|finding| (finding["range"]["start"]["line"].as_u64(), finding["address"].as_str()))
        .collect();
    assert_eq!(
        flows,
        [(Some(7), Some("step.exec._argument")), (Some(10), Some("step.http._plain"))],
        "{found:#}"
    );
    for format in ["sarif", "junit", "text"] {
        let ran = place(RUNBOOK).run(&["audit", "-format", format, "place"]);
        assert!(ran.code == Some(1) && ran.out.contains("secret-flow"), "{format}: {}", ran.seen());
    }
}

#[test]
fn no_comment_allows_such_an_error_and_nothing_runs() {
    let allowed = RUNBOOK.replace(
        "step \"exec\" \"_argument\"",
        "# arcbook:allow secret-flow it is an example\nstep \"exec\" \"_argument\"",
    );
    let found = report(&audited(&allowed, &[]));
    assert!(broken(&found).contains("secret-flow"), "{found:#}");
    assert!(broken(&found).contains("suppression-unused"), "{found:#}");
    for command in [&["validate"][..], &["plan"], &["run", "-auto-approve"]] {
        let values = ["-var", "key=abcdef", "-var", "pin=abcdef"];
        let values = if command == ["validate"] { &[][..] } else { &values };
        let ran = place(RUNBOOK).run(&[command, values, &["place"]].concat());
        assert!(ran.code == Some(3) && ran.err.contains("error[secret-flow]"), "{}", ran.seen());
    }
}

#[test]
fn an_error_of_another_kind_stops_the_audit() {
    let wrong = format!("{RUNBOOK}\noutput \"y\" {{ value = var.missing }}\n");
    for command in ["audit", "permissions"] {
        let ran = place(&wrong).run(&[command, "place"]);
        assert_eq!(ran.code, Some(3), "{command}: {}", ran.seen());
        for code in ["error[secret-flow]", "error[sensitive-output]", "var.missing"] {
            assert!(ran.seen().contains(code), "{command} {code}: {}", ran.seen());
        }
    }
}

#[test]
fn permissions_are_listed_although_a_secret_goes_astray() {
    let ran = place(RUNBOOK).run(&["permissions", "place"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("Microsoft.Resources/subscriptions/resourceGroups/read"), "{}", ran.seen());
    assert!(ran.err.contains("warning[secret-flow]"), "{}", ran.seen());
}

#[test]
fn a_secret_in_an_output_is_shown_to_no_policy() {
    let place = Place::new();
    let secret = "canary-77b2e4";
    // Its text is not in the runbook, which policies see as it is written.
    let runbook = "output \"x\" { value = sensitive(join(\"-\", [\"canary\", \"77b2e4\"])) }\n";
    place.write("place/main.runbook.hcl", runbook);
    place.write("policies/site.rego", "package site\n\ndeny contains json.marshal(input) if true\n");
    for options in [&["-json"][..], &[], &["-format", "sarif"], &["-format", "input"]] {
        let ran = place.run(&[&["audit", "-policy", "policies", "place"], options].concat());
        assert!(!ran.seen().contains(secret), "{options:?}: {}", ran.seen());
        assert!(ran.seen().contains("sensitive"), "{options:?}: {}", ran.seen());
    }
}
