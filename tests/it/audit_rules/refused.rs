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

/// A known secret where others would see it or a record would keep it, the address that the finding names, and the rule.
const PLACES: [(&str, &str, &str); 15] = [
    (
        "runbook {\n  record {\n    account   = var.pw\n    container = \"records\"\n  }\n}",
        "record",
        "secret-flow",
    ),
    ("step \"exec\" \"x\" { argv = [\"echo\", var.pw] }", "step.exec.x", "secret-flow"),
    ("step \"exec\" \"x\" { argv = [var.pw] }", "step.exec.x", "secret-flow"),
    (
        "step \"exec\" \"x\" { argv = [\"echo\", \"a${var.pw}${step.arm_get.g.body.name}\"] }",
        "step.exec.x",
        "secret-flow",
    ),
    (
        "step \"exec\" \"x\" {\n  argv = [\"echo\"]\n  unless = [\"test\", var.pw]\n}",
        "step.exec.x",
        "secret-flow",
    ),
    ("step \"arc_agent\" \"x\" { program = var.pw }", "step.arc_agent.x", "secret-flow"),
    (
        "step \"arc_connect\" \"x\" {\n  subscription_id = \"10000000-0000-4000-8000-000000000000\"\n  resource_group = \"g\"\n  location = \"westeurope\"\n  proxy = var.proxy\n}",
        "step.arc_connect.x",
        "secret-flow",
    ),
    ("step \"endpoint\" \"x\" { host = var.pw }", "step.endpoint.x", "secret-flow"),
    (
        "step \"postgres_query\" \"x\" {\n  host = \"db.test\"\n  database = \"d\"\n  user = \"u\"\n  password_file = \"p\"\n  effect = \"changes\"\n  statement = \"select 1\"\n  undo {\n    statement = \"select $1\"\n    parameters = [var.pw]\n  }\n}",
        "step.postgres_query.x",
        "secret-flow",
    ),
    ("step \"echo\" \"x\" {\n  input = 1\n  when  = var.pw == \"a\"\n}", "step.echo.x", "secret-flow"),
    ("step \"echo\" \"x\" {\n  input = 1\n  count = length(var.pw)\n}", "step.echo.x", "secret-flow"),
    ("step \"echo\" \"x\" {\n  input    = 1\n  for_each = toset([var.pw])\n}", "step.echo.x", "secret-flow"),
    (
        "step \"echo\" \"x\" {\n  input        = 1\n  count        = 2\n  max_failures = length(var.pw)\n}",
        "step.echo.x",
        "secret-flow",
    ),
    (
        "step \"echo\" \"x\" {\n  input       = 1\n  count       = 2\n  concurrency = length(var.pw)\n}",
        "step.echo.x",
        "secret-flow",
    ),
    ("step \"echo\" \"x\" { input = var.passing }", "step.echo.x", "ephemeral-value"),
];

#[test]
fn a_known_secret_where_it_must_not_be_stops_no_review() {
    let variables = r#"
variable "pw" {
  sensitive = true
  default   = "abcdefgh1"
}
variable "proxy" {
  sensitive = true
  default   = "http://proxy.test"
}
variable "passing" {
  ephemeral = true
  default   = "abcdefgh2"
}
step "arm_get" "g" { path = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g" }
"#;
    for (step, address, rule) in PLACES {
        let runbook = format!("{variables}{step}\n");
        let place = place(&runbook);
        place.write("old/main.runbook.hcl", variables);
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(ran.code, Some(1), "{step}: {}", ran.seen());
        let found = report(&ran);
        let findings = found["findings"].as_array().expect("findings").iter();
        let findings: Vec<_> = findings.filter(|finding| finding["rule"] == rule).collect();
        let [finding] = findings[..] else { panic!("{step}: {found:#}") };
        let named = finding["address"].as_str().unwrap_or_default();
        assert!(named.starts_with(address), "{step}: {finding:#}");
        let ran = place.run(&["permissions", "place"]);
        assert_eq!(ran.code, Some(0), "{step}: {}", ran.seen());
        assert!(ran.out.contains("Microsoft.Resources/subscriptions/resourceGroups/read"), "{}", ran.seen());
        let ran = place.run(&["diff", "-json", "old", "place"]);
        assert_eq!(ran.code, Some(0), "{step}: {}", ran.seen());
        assert!(ran.out.contains(address), "{step}: {}", ran.seen());
        for command in [&["validate"][..], &["plan"], &["run", "-auto-approve"]] {
            let ran = place.run(&[command, &["place"]].concat());
            assert_eq!(ran.code, Some(3), "{step}: {command:?}: {}", ran.seen());
            assert!(!ran.seen().contains("abcdefgh"), "{step}: {command:?}: {}", ran.seen());
        }
    }
}

#[test]
fn a_secret_in_an_output_is_shown_to_no_policy() {
    let place = Place::new();
    let secret = "canary-77b2e4";
    // Its text is not in the runbook as a whole.
    let runbook = "output \"x\" { value = sensitive(join(\"-\", [\"canary\", \"77b2e4\"])) }\n";
    place.write("place/main.runbook.hcl", runbook);
    place.write("policies/site.rego", "package site\n\ndeny contains json.marshal(input) if true\n");
    for options in [&["-json"][..], &[], &["-format", "sarif"], &["-format", "input"]] {
        let ran = place.run(&[&["audit", "-policy", "policies", "place"], options].concat());
        assert!(!ran.seen().contains(secret), "{options:?}: {}", ran.seen());
        assert!(ran.seen().contains("sensitive"), "{options:?}: {}", ran.seen());
    }
}
