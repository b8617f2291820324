//! Reviews: what `audit`, `permissions`, `diff` and `report` rely on, and what the author of a runbook could hide from them.

use std::fs;
use std::process::Command;

use crate::support::{Place, Ran, finished};

/// The step of which every review must know.
const OWNER: &str = r#"step "role_assignment" "x" {
  GATE
  scope        = "/subscriptions/11111111-1111-4111-8111-111111111111"
  role         = "Owner"
  principal_id = "22222222-2222-4222-8222-222222222222"
}
"#;

/// Conditions that are false here and now, and need not be so in a run.
const OPEN: [&str; 9] = [
    "when = var.maintenance",
    "when = local.never",
    "when = timecmp(plantimestamp(), \"2099-01-01T00:00:00Z\") > 0",
    "when = fileexists(\"/nothing/is/here\")",
    "count = timecmp(plantimestamp(), \"2099-01-01T00:00:00Z\") > 0 ? 1 : 0",
    "count = var.maintenance ? 1 : 0",
    "for_each = fileset(\"/etc\", \"nothing-*\")",
    "for_each = toset([for name in var.names : name])",
    "for_each = var.names",
];

const VARIABLES: &str = r#"
variable "maintenance" { default = false }
variable "names" {
  type    = set(string)
  default = []
}
locals { never = !true }
"#;

fn with_gate(gate: &str) -> String {
    format!("{VARIABLES}{}", OWNER.replace("GATE", gate))
}

fn ended(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    ran
}

#[test]
fn a_step_that_may_run_is_reviewed() {
    for gate in OPEN {
        let place = Place::new();
        place.write("old/main.runbook.hcl", VARIABLES);
        place.write("new/main.runbook.hcl", with_gate(gate));
        let audited = place.run(&["audit", "new"]);
        assert!(
            audited.code == Some(1) && audited.out.contains("rights-owner"),
            "{gate}: {}",
            audited.seen()
        );
        let permissions = ended(place.run(&["permissions", "new"]), 0);
        assert!(
            permissions.out.contains("Microsoft.Authorization/roleAssignments/write"),
            "{gate}: {}",
            permissions.seen()
        );
        let compared = place.run(&["diff", "old", "new", "-fail-on", "privilege"]);
        assert_eq!(compared.code, Some(2), "{gate}: {}", compared.seen());
        ended(place.run(&["diff", "new", "new", "-fail-on", "privilege"]), 0);
        // The plan is that of this machine, now.
        let plan = ended(place.run(&["plan", "new"]), 0);
        let is_of_run =
            gate.contains("plantimestamp") || plan.out.contains("Nothing") || !plan.out.contains("+ ");
        assert!(is_of_run, "{gate}: {}", plan.seen());
    }
}

#[test]
fn what_the_runbook_itself_leaves_out_does_not_run() {
    for gate in ["when = false", "when = 1 > 2", "count = 0", "for_each = toset([])"] {
        let place = Place::new();
        place.write("new/main.runbook.hcl", with_gate(gate));
        let audited = ended(place.run(&["audit", "new"]), 0);
        assert!(!audited.out.contains("rights-owner"), "{gate}: {}", audited.seen());
    }
}

#[test]
fn a_review_reads_nothing_beside_the_runbook() {
    let place = Place::new();
    place.write("canary.txt", "canary-of-the-reviewer");
    let outside = place.path().join("canary.txt");
    let outside = outside.to_str().expect("UTF-8");
    place.write("old/main.runbook.hcl", "");
    place.write("new/own.txt", "own-text");
    let own = "step \"echo\" \"own\" { input = file(\"own.txt\") }\n";
    for read in [
        format!("try(file(\"{outside}\"), \"no\")"),
        format!("try(filebase64(\"{outside}\"), \"no\")"),
        format!("try(templatefile(\"{outside}\", {{}}), \"no\")"),
        "try(file(\"/proc/self/environ\"), \"no\")".to_owned(),
        "try(file(\"link\"), \"no\")".to_owned(),
    ] {
        place.write("new/main.runbook.hcl", format!("{own}step \"echo\" \"x\" {{ input = {read} }}\n"));
        #[cfg(unix)]
        let _ = std::os::unix::fs::symlink(outside, place.path().join("new/link"));
        for arguments in [
            &["diff", "old", "new", "-markdown"][..],
            &["diff", "old", "new", "-json"],
            &["audit", "new", "-format", "input"],
            &["permissions", "new", "-json"],
            &["report", "new", "-markdown"],
        ] {
            let ran = Ran::of(finished(place.command(arguments).env("CI_TOKEN", "canary-of-the-reviewer")));
            assert_eq!(ran.code, Some(0), "{read}: {}", ran.seen());
            let coded = ["canary-of-the-reviewer", "Y2FuYXJ5LW9mLXRoZS1yZXZpZXdlc"];
            assert!(!coded.iter().any(|text| ran.seen().contains(text)), "{read}: {}", ran.seen());
        }
    }
    let input = ended(place.run(&["audit", "new", "-format", "input"]), 0);
    assert!(input.out.contains("own-text"), "{}", input.seen());
}

/// Words of a runbook and of arcbook that an author would hide from a review.
const HIDING: &str = r#"
locals {
  _a = sensitive("Owner")
  _b = sensitive(join("", ["find", "ings"]))
  _c = [for word in ["level", "error", "rights-owner", "privilege", "roleAssignments", "diagnostics"] : sensitive(word)]
}
variable "_d" {
  default   = "grows"
  sensitive = true
}
"#;

#[test]
fn no_author_chooses_the_words_that_a_review_hides() {
    let place = Place::new();
    place.write("plain/main.runbook.hcl", OWNER.replace("GATE", ""));
    place.write("hiding/main.runbook.hcl", format!("{HIDING}{}", OWNER.replace("GATE", "")));
    place.write("old/main.runbook.hcl", "");
    place.write(
        "policies/owner.rego",
        "package arcbook\nimport rego.v1\ndeny contains msg if {\n  some step in input.plan.steps\n  \
         step.arguments.value.role == \"Owner\"\n  msg := \"nobody assigns Owner\"\n}\n",
    );
    for arguments in [
        &["audit"][..],
        &["audit", "-json"],
        &["audit", "-format", "sarif"],
        &["audit", "-format", "junit"],
        &["permissions"],
        &["permissions", "-json"],
        &["permissions", "-custom-role", "x"],
        &["diff", "old"],
        &["diff", "old", "-json"],
        &["diff", "old", "-markdown"],
    ] {
        let on = |runbook: &str| place.run(&[arguments, &[runbook]].concat());
        let (plain, hiding) = (on("plain"), on("hiding"));
        assert_eq!(plain.code, hiding.code, "{arguments:?}: {}", hiding.seen());
        let count = |ran: &Ran| ran.out.matches("(sensitive").count();
        assert_eq!(count(&hiding), count(&plain), "{arguments:?}: {}", hiding.seen());
    }
    for runbook in ["plain", "hiding"] {
        let ran = ended(place.run(&["run", "-auto-approve", "-policy", "policies", runbook]), 3);
        // What is printed in a run is searched for every secret.
        assert!(ran.err.contains("nobody assigns"), "{}", ran.seen());
    }
}

#[test]
fn a_name_that_is_a_path_and_a_revision_is_neither() {
    let place = Place::new();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(place.path()).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
        assert!(finished(&mut git).status.success(), "git {arguments:?}");
    };
    place.write("site/main.runbook.hcl", "step \"echo\" \"a\" { input = 1 }\n");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "a"]);
    git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    place.write("site/main.runbook.hcl", OWNER.replace("GATE", ""));
    let typed = ["diff", "origin/main", "site", "-fail-on", "privilege"];
    assert_eq!(place.run(&typed).code, Some(2));
    fs::create_dir_all(place.path().join("origin")).expect("made");
    crate::support::copy(&place.path().join("site"), &place.path().join("origin/main"));
    let refused = ended(place.run(&typed), 3);
    assert!(refused.err.contains("is both a path and a revision"), "{}", refused.seen());
    assert_eq!(place.run(&["diff", "origin/main^0", "site", "-fail-on", "privilege"]).code, Some(2));
    ended(place.run(&["diff", "./origin/main", "site", "-fail-on", "privilege"]), 0);
}
