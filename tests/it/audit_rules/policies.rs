//! The policies of an organisation: their answers, and what they refuse.

use std::fs;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::{Place, report};

const RUNBOOK: &str = r#"
step "file" "deploy" {
  description = "Deploys."
  path        = "deployed"
  content     = "now"
}
"#;

/// Denies shells and warns about programs; the second file has no rule of these names.
const POLICY: &str = r#"package site

deny contains {"msg": "nothing is deployed", "address": step.address} if {
	some step in input.plan.steps
	step.effect == "changes"
	input.runbook.name == "place"
}

warn contains sprintf("%d steps", [count(input.plan.steps)]) if count(input.plan.steps) > 0
"#;

fn place(policy: &str) -> Place {
    let place = Place::new();
    place.write("place/main.runbook.hcl", RUNBOOK);
    place.write("policies/site.rego", policy);
    place.write("policies/library.rego", "package library\n\nnumber := 1\n");
    place.write("policies/site_test.rego", "no rego");
    place.write("policies/notes.txt", "no rego");
    place
}

#[test]
fn a_run_is_refused_before_anything_happens() {
    let place = place(POLICY);
    for command in [&["run", "-auto-approve"][..], &["plan"]] {
        let ran = place.run(&[command, &["-policy", "policies", "place"]].concat());
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        for expected in [
            "error[policy-denies]",
            "nothing is deployed",
            "step.file.deploy",
            "warning[policy-warns]",
            "1 steps",
        ] {
            assert!(ran.err.contains(expected), "{expected}: {}", ran.seen());
        }
        assert!(!place.path().join("place/deployed").exists() && !place.path().join(".arcbook").exists());
    }
}

#[test]
fn the_record_names_the_policies_that_were_asked() {
    let place = place(&POLICY.replace("deny contains", "nothing contains"));
    let ran = place.run(&["run", "-auto-approve", "-policy", "policies", "place"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.err.contains("a policy warns: 1 steps"), "{}", ran.seen());
    let shown = place.run(&["show", "-json", "latest"]).out;
    let sha256 = |name: &str| {
        let text = fs::read(place.path().join("policies").join(name)).expect("a policy");
        format!("{:x}", Sha256::digest(text))
    };
    let expected = json!([
        { "file": "library.rego", "sha256": sha256("library.rego") },
        { "file": "site.rego", "sha256": sha256("site.rego"), "warnings": ["1 steps"] },
    ]);
    let started = shown.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let started = started.into_iter().find(|event| event["event"] == "run_started").expect("the start");
    assert_eq!(started["policies"], expected);
    let page = place.run(&["show", "latest"]).out;
    for part in ["Policies", "library.rego", "site.rego", &sha256("site.rego"), "warned: 1 steps"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_policy_that_nobody_would_ask_is_an_error() {
    for (file, policy, expected) in [
        (
            "policies/own.rego",
            "package own\n\ndenied contains \"x\" if true\n",
            "nobody asks the rule `denied`",
        ),
        (
            "policies/own.rego",
            "package own\n\nwarnings contains \"x\" if true\n",
            "nobody asks the rule `warnings`",
        ),
        ("policies/data.json", "{}", "arcbook reads no data files"),
    ] {
        let place = place(POLICY);
        place.write(file, policy);
        let ran = place.run(&["plan", "-policy", "policies", "place"]);
        assert!(ran.code == Some(3) && ran.err.contains(expected), "{policy}: {}", ran.seen());
    }
    let place = place("package site\n\nnothing := 1\n");
    let ran = place.run(&["plan", "-policy", "policies", "place"]);
    assert!(ran.code == Some(3) && ran.err.contains("no rule `deny` or `warn`"), "{}", ran.seen());
}

#[test]
fn policies_are_read_whatever_the_case_of_their_ending_and_in_directories() {
    for file in ["policies/Own.REGO", "policies/inner/deep/own.rego"] {
        let place = place(&POLICY.replace("nothing is deployed", "the first"));
        place.write(file, "package own\n\ndeny contains \"the second\" if true\n");
        let ran = place.run(&["plan", "-policy", "policies", "place"]);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(ran.err.contains("the first") && ran.err.contains("the second"), "{file}: {}", ran.seen());
    }
}

#[test]
fn the_policies_of_the_page_deny_what_is_not_known_yet() {
    let page = fs::read_to_string(crate::support::repository().join("docs/policies.md")).expect("the page");
    let place = Place::new();
    let examples = page.split("```rego\n").skip(1).filter_map(|rest| rest.split("```").next());
    for (number, example) in examples.enumerate() {
        place.write(&format!("policies/{number}.rego"), example);
    }
    let runbook = |location: &str, argument: &str| {
        format!(
            "variable \"v\" {{}}\nstep \"resource_group\" \"_g\" {{\n  subscription_id = \"10000000-0000-4000-8000-000000000000\"\n  name            = \"g\"\n  location        = {location}\n}}\nstep \"exec\" \"_x\" {{ argv = [\"echo\", {argument}] }}\n"
        )
    };
    for (location, argument, denied) in [
        ("\"westeurope\"", "\"a\"", &[][..]),
        ("\"eastus\"", "\"a\"", &["step.resource_group._g"]),
        ("var.v", "\"a\"", &["step.resource_group._g"]),
        ("\"westeurope\"", "var.v", &["step.exec._x"]),
    ] {
        place.write("place/main.runbook.hcl", runbook(location, argument));
        let found = report(&place.run(&["audit", "-json", "-policy", "policies", "place"]));
        let findings = found["findings"].as_array().expect("findings").iter();
        let denials = findings.filter(|finding| finding["rule"] == "policy-denies");
        let addresses: Vec<_> = denials.filter_map(|finding| finding["address"].as_str()).collect();
        assert_eq!(addresses, denied, "{location} {argument}: {found:#}");
    }
}

#[test]
fn an_audit_lists_the_answers_as_findings() {
    let place = place(POLICY);
    let ran = place.run(&["audit", "-json", "-policy", "policies", "place"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let found = report(&ran);
    let findings = found["findings"].as_array().expect("findings").iter();
    let findings: Vec<_> = findings
        .filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with("policy-")))
        .map(|finding| {
            json!([
                finding["rule"],
                finding["message"],
                finding["address"],
                finding["range"]["start"]["line"]
            ])
        })
        .collect();
    let expected = [
        json!(["policy-warns", "data.site: 1 steps", null, 1]),
        json!(["policy-denies", "data.site: nothing is deployed", "step.file.deploy", 2]),
    ];
    assert_eq!(findings, expected, "{found:#}");
    assert_eq!(found["policies"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_wrong_policy_stops_everything() {
    for (policy, expected) in [
        ("package site\n\ndeny contains x if { missing(1) }\n", "missing"),
        ("package site\n\ndeny[x] { x := 1 }\n", "`if` keyword"),
        ("package site\n\ndeny := 7\n", "`deny` must be a set of texts"),
        ("package site\n\ndeny contains x if { x := http.send({}) }\n", "http.send"),
        ("package site\n\ndeny contains x if { x := 1 / 0 }\n", "zero"),
    ] {
        let place = place(policy);
        let ran = place.run(&["run", "-auto-approve", "-policy", "policies", "place"]);
        assert_eq!(ran.code, Some(3), "{policy}: {}", ran.seen());
        assert!(
            ran.err.contains("error[invalid-policy]") && ran.err.contains(expected),
            "{policy}: {}",
            ran.seen()
        );
        assert!(!place.path().join("place/deployed").exists());
    }
    let place = place(POLICY);
    for (directory, expected) in [("place", "has no policy"), ("missing", "cannot be read")] {
        let ran = place.run(&["plan", "-policy", directory, "place"]);
        assert!(ran.code == Some(3) && ran.err.contains(expected), "{}", ran.seen());
    }
}

#[test]
fn no_message_of_a_policy_shows_a_secret() {
    let place = Place::new();
    let secret = "canary-4f1c9e";
    place.write(
        "place/main.runbook.hcl",
        format!("step \"echo\" \"_x\" {{ input = sensitive(\"{secret}\") }}\n"),
    );
    let policy = "package site\n\ndeny contains json.marshal(input) if true\n";
    place.write("policies/site.rego", policy);
    for options in
        [&["plan"][..], &["plan", "-json"], &["audit"], &["audit", "-json"], &["audit", "-format", "sarif"]]
    {
        let ran = place.run(&[options, &["-policy", "policies", "place"]].concat());
        assert!(!ran.seen().contains(secret), "{options:?}: {}", ran.seen());
        assert!(ran.seen().contains("(sensitive value)"), "{options:?}: {}", ran.seen());
    }
}

#[test]
fn a_message_about_a_step_that_is_not_there_stands_at_its_policy() {
    for (address, expected) in [
        ("step.file.deploy", ("place/main.runbook.hcl", 2, "nothing is deployed")),
        ("local.name", ("place/main.runbook.hcl", 8, "nothing is deployed")),
        ("module.m", ("place/main.runbook.hcl", 10, "nothing is deployed")),
        ("module.m.output.x", ("place/inside/m.runbook.hcl", 1, "nothing is deployed")),
        (
            "step.file.other",
            (
                "policies/site.rego",
                2,
                "nothing is deployed (nothing in the runbook is called step.file.other)",
            ),
        ),
    ] {
        let policy = format!(
            "# Nothing.\npackage site\n\ndeny contains {{\"msg\": \"nothing is deployed\", \"address\": \"{address}\"}} if true\n"
        );
        let place = place(&policy);
        let more = "locals {\n  name = 1\n}\nmodule \"m\" { source = \"./inside\" }\noutput \"o\" { value = local.name }\n";
        place.write("place/main.runbook.hcl", format!("{RUNBOOK}{more}"));
        place.write("place/inside/m.runbook.hcl", "output \"x\" { value = 1 }\n");
        let found = report(&place.run(&["audit", "-json", "-policy", "policies", "place"]));
        let findings = found["findings"].as_array().expect("findings").iter();
        let finding = findings.into_iter().find(|finding| finding["rule"] == "policy-denies");
        let finding = finding.expect("the denial");
        let range = &finding["range"];
        let (file, line, message) = expected;
        assert_eq!(finding["message"], format!("data.site: {message}"), "{found:#}");
        assert_eq!((&range["filename"], &range["start"]["line"]), (&json!(file), &json!(line)), "{found:#}");
        for format in ["text", "sarif", "junit"] {
            let ran = place.run(&["audit", "-format", format, "-policy", "policies", "place"]);
            assert!(ran.code == Some(1) && ran.out.contains(file), "{format}: {}", ran.seen());
        }
    }
}
