//! `arcbook audit`: its rules, the comments that allow findings, baselines, and the formats of reports.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::{Place, Ran, repository, runbooks_below};
use cases::{Case, OTHERS, REFUSED, RIGHTS, SECRETS};

mod arm;
mod baseline;
mod cases;
mod code;
mod comments;
#[cfg(unix)]
mod engines;
mod formats;
mod leaving;
mod page;
mod policies;
mod policy_secrets;
mod refused;
mod settings;
mod variants;

/// Returns the report of an audit as JSON.
fn report(ran: &Ran) -> Json {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("no report: {}", ran.seen()))
}

/// Returns the ids of the rules whose findings count.
fn broken(report: &Json) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings");
    let counts = |finding: &&Json| finding["allowed"].is_null() && finding["in_baseline"] != true;
    findings
        .iter()
        .filter(counts)
        .map(|finding| finding["rule"].as_str().expect("an id").to_owned())
        .collect()
}

/// Creates a place with a runbook in `place/` and two modules that it may use.
fn place(runbook: &str) -> Place {
    let place = Place::new();
    place.write("place/main.runbook.hcl", runbook);
    for module in ["place/inside", "outside"] {
        place.write(&format!("{module}/m.runbook.hcl"), "output \"x\" { value = 1 }\n");
    }
    place
}

/// Audits a runbook.
fn audited(runbook: &str, options: &[&str]) -> Ran {
    place(runbook).run(&[&["audit", "-json", "place"], options].concat())
}

#[test]
fn each_rule_finds_what_breaks_it_and_nothing_else() {
    let mut seen = BTreeSet::new();
    for Case { rule, breaks, keeps, near } in SECRETS.iter().chain(&REFUSED).chain(&RIGHTS).chain(&OTHERS) {
        seen.insert((*rule).to_owned());
        let ran = audited(breaks, &["-fail-on", "note"]);
        let found = report(&ran);
        assert!(broken(&found).contains(*rule), "{rule} does not find: {breaks}\n{found:#}");
        assert_eq!(ran.code, Some(1), "{rule}");
        for other in [keeps, near] {
            let ran = audited(other, &[]);
            assert!(!broken(&report(&ran)).contains(*rule), "{rule} finds: {other}\n{}", ran.seen());
        }
        for finding in found["findings"].as_array().expect("findings") {
            let line = finding["range"]["start"]["line"].as_u64().expect("a line");
            assert!(line >= 1, "{finding:#}");
        }
    }
    // These depend on comments and on the environment; other tests have them.
    let comments = ["suppression-invalid", "suppression-expired", "suppression-unused"];
    let environment = ["unknown-cloud", "policy-denies", "policy-warns"];
    seen.extend(comments.into_iter().chain(environment).map(ToOwned::to_owned));
    let sarif: Json =
        serde_json::from_str(&place("").run(&["audit", "-format", "sarif", "place"]).out).expect("JSON");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let all: BTreeSet<String> =
        rules.iter().map(|rule| rule["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(seen, all, "each rule has its cases");
}

#[test]
fn a_cloud_of_its_own_is_a_finding() {
    let place = place("output \"x\" { value = 1 }\n");
    place.write("cloud.json", CLOUD);
    for (cloud, expected) in [("AzureChinaCloud", false), ("cloud.json", true)] {
        let mut command = place.command(&["audit", "-json", "place"]);
        let ran = Ran::of(command.env("ARCBOOK_CLOUD", cloud).output().expect("the program"));
        assert_eq!(broken(&report(&ran)).contains("unknown-cloud"), expected, "{cloud}: {}", ran.seen());
    }
}

/// A description of a cloud.
const CLOUD: &str = r#"{
  "name": "Own",
  "resourceManager": "https://arm.own.test/",
  "authentication": { "loginEndpoint": "https://login.own.test", "audiences": ["https://arm.own.test/"] },
  "suffixes": { "keyVaultDns": "vault.own.test", "storage": "own.test" }
}"#;

const TWO_SHELLS: &str = r#"
step "exec" "_a" {
  # ALLOW
  argv    = ["sh", "-c", "true"]
  creates = "a"
}
step "exec" "_b" {
  argv    = ["sh", "-c", "true"]
  creates = "b"
}
"#;

/// Returns the rules that count with a comment in place of `# ALLOW`.
fn with_comment(comment: &str) -> Vec<String> {
    let found = report(&audited(&TWO_SHELLS.replace("# ALLOW", comment), &[]));
    let findings = found["findings"].as_array().expect("findings").iter();
    let counts = findings.filter(|finding| finding["allowed"].is_null());
    counts
        .map(|finding| {
            format!("{} {}", finding["rule"].as_str().expect("an id"), finding["range"]["start"]["line"])
        })
        .collect()
}

#[test]
fn a_comment_allows_what_it_names_where_it_stands() {
    let both = ["shell 4", "shell 8"];
    let with = |first: &'static str| [vec![first], both.to_vec()].concat();
    for (comment, expected) in [
        ("# just a comment", both.to_vec()),
        ("# arcbook:allow shell the program has no other interface", vec!["shell 8"]),
        ("// arcbook:allow weak-tls,shell both are fine here", vec!["shell 8"]),
        ("/* arcbook:allow shell until=2999-12-31 a migration */", vec!["shell 8"]),
        ("# arcbook:allow shell until=2020-01-31 a migration", with("suppression-expired 3")),
        ("# arcbook:allow shell", with("suppression-invalid 3")),
        ("# arcbook:allow shell until=soon because", with("suppression-invalid 3")),
        ("# arcbook:allow shel because", with("suppression-invalid 3")),
        ("# arcbook:allow", with("suppression-invalid 3")),
        ("# arcbook:allow weak-tls because", with("suppression-unused 3")),
    ] {
        assert_eq!(with_comment(comment), expected, "{comment}");
    }
    // Above a block, it is about the whole block; at the end of a line, about that line.
    let above = TWO_SHELLS
        .replace("step \"exec\" \"_b\"", "# arcbook:allow shell because\n\n# A step.\nstep \"exec\" \"_b\"");
    assert_eq!(broken(&report(&audited(&above, &[]))).len(), 1);
    let beside = TWO_SHELLS.replace("\"true\"]", "\"true\"] # arcbook:allow shell because");
    let found = report(&audited(&beside, &[]));
    assert_eq!(broken(&found), BTreeSet::new(), "{found:#}");
    assert_eq!(found["findings"][0]["allowed"], json!({ "reason": "because" }));
    // Text is no comment.
    let text = "output \"x\" { value = \"# arcbook:allow shell because\" }\n";
    assert_eq!(report(&audited(text, &[]))["findings"], json!([]));
}

#[test]
fn each_release_is_listed_with_its_reason() {
    let runbook = r#"
variable "a" { ephemeral = true }
locals {
  # Its length is public.
  # It is always 12.
  length = nonsensitive(length(var.a))
  empty  = nonsensitive(var.a == "") # nobody minds
  third  = nonsensitive(var.a)
}
output "x" { value = ephemeralasnull([local.length, local.empty, local.third]) }
"#;
    let released = report(&audited(runbook, &[]))["released"].clone();
    let released = released.as_array().expect("a list").iter();
    let released: Vec<_> =
        released.map(|one| (one["range"]["start"]["line"].as_u64(), one["reason"].as_str())).collect();
    assert_eq!(
        released,
        [
            (Some(6), Some("Its length is public. It is always 12.")),
            (Some(7), Some("nobody minds")),
            (Some(8), None)
        ]
    );
}

#[test]
fn a_baseline_holds_what_is_known_wherever_its_lines_are() {
    let place = place(TWO_SHELLS);
    let audit = |options: &[&str]| {
        place.run(
            &[&["audit", "-json", "-fail-on", "note", "-baseline", "known.json", "place"], options].concat(),
        )
    };
    let missing = audit(&[]);
    assert_eq!(
        (missing.code, missing.out.contains("file-not-readable")),
        (Some(3), true),
        "{}",
        missing.seen()
    );
    assert_eq!(audit(&["-write-baseline"]).code, Some(0));
    assert_eq!(audit(&[]).code, Some(0));
    // Lines above, comments and another layout change nothing.
    let moved = format!("# A comment.\n\n{}", TWO_SHELLS.replace("argv    = [", "argv =  [ # A shell.\n"));
    place.write("place/main.runbook.hcl", &moved);
    let ran = audit(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    // A third one is new, and one that is gone is counted.
    let third = moved.replace("\"_a\"", "\"_c\"");
    place.write("place/main.runbook.hcl", &third);
    let found = report(&audit(&[]));
    assert_eq!((broken(&found).len(), found["gone"].as_u64()), (1, Some(1)), "{found:#}");
    place.write("known.json", "{}");
    let wrong = audit(&[]);
    assert_eq!((wrong.code, wrong.out.contains("invalid-baseline")), (Some(3), true), "{}", wrong.seen());
}

#[test]
fn the_exit_code_follows_the_weight() {
    let shells = TWO_SHELLS;
    let url = SECRETS.iter().find(|case| case.rule == "secret-in-url").expect("a case").breaks;
    for (runbook, options, expected) in [
        (shells, &[][..], 0),
        (shells, &["-fail-on", "note"], 1),
        (url, &[], 1),
        (url, &["-fail-on", "error"], 0),
        ("step {", &[], 3),
    ] {
        let ran = audited(runbook, options);
        assert_eq!(ran.code, Some(expected), "{runbook} {options:?}: {}", ran.seen());
    }
}

#[test]
fn what_is_shipped_has_no_finding_without_a_reason() {
    let root = repository();
    let mut audited = 0;
    for directory in ["runbooks", "examples", "templates"] {
        for directory in runbooks_below(&root.join(directory)) {
            let path = directory.to_string_lossy().into_owned();
            let ran = Place::new().run(&["audit", "-fail-on", "note", &path]);
            assert_eq!(ran.code, Some(0), "{path}\n{}", ran.seen());
            audited += 1;
        }
    }
    assert!(audited > 30, "only {audited}");
}
