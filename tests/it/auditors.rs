//! The document that `plan -markdown` writes for auditors.

use crate::support::Place;

/// Two files whose names are not in the order in which their steps run, and an identity that waits for a step.
const LATER: &str = r#"
step "exec" "last" {
  argv     = ["true"]
  effect   = "reads"
  identity = identity.managed.here
}
step "arm_get" "late" {
  path        = "/subscriptions/${var.subscription}"
  api_version = "2022-12-01"
  identity    = identity.managed.here
}
identity "managed" "here" {
  depends_on = [step.exec.first]
}
"#;

const EARLIER: &str = r#"
variable "subscription" { type = string }
step "exec" "second" {
  argv       = ["true"]
  effect     = "reads"
  depends_on = [step.exec.first]
}
step "exec" "first" {
  argv    = ["true"]
  effect  = "reads"
}
"#;

pub fn document(files: &[(&str, &str)]) -> String {
    let place = Place::new();
    for (name, text) in files {
        place.write(name, text);
    }
    let ran = place.run(&["plan", "-markdown"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out
}

/// Returns the section with that heading.
fn section<'a>(document: &'a str, title: &str) -> &'a str {
    let (_, rest) = document.split_once(&format!("## {title}\n")).expect("the section");
    rest.split("\n## ").next().unwrap_or_default().trim()
}

#[test]
fn steps_are_in_the_order_in_which_they_run() {
    let later =
        LATER.replace("  identity = identity.managed.here\n}\nstep \"arm_get\"", "}\nstep \"arm_get\"");
    let document = document(&[("a.runbook.hcl", &later), ("b.runbook.hcl", EARLIER)]);
    for title in ["Steps", "Requests"] {
        let section = section(&document, title);
        let at =
            |step: &str| section.find(&format!("| {step} |")).unwrap_or_else(|| panic!("{step}: {section}"));
        let order = ["step.exec.last", "step.exec.first", "step.arm_get.late", "step.exec.second"].map(at);
        assert!(order.is_sorted(), "{title}: {section}");
    }
    // The identity as which it acts waits for a step, and so does the step.
    assert!(
        section(&document, "Steps")
            .contains("| step.arm_get.late |  | as identity.managed.here | step.exec.first |"),
        "{document}"
    );
}

#[test]
fn a_value_of_a_variable_is_given_to_the_run_and_an_empty_section_says_so() {
    let files =
        [("b.runbook.hcl", "variable \"who\" { type = string }\noutput \"who\" { value = var.who }\n")];
    let document = document(&files);
    assert!(document.contains("(given to the run as var.who)"), "{document}");
    assert!(!document.contains("known after var."), "{document}");
    for (title, words) in [
        ("Rights", "No identity needs a role."),
        ("Secrets", "No step, identity or output holds a secret."),
        ("Leaves", "No file and no record leaves the machine."),
        ("Files read by the runbook", "No function of the runbook reads a file."),
    ] {
        assert!(document.contains(&format!("| {title} | {words} |\n")), "{title}: {document}");
    }
}

#[test]
fn a_token_for_a_program_is_a_secret() {
    let runbook = r#"
step "arc_connect" "here" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  resource_group  = "g"
  location        = "westeurope"
}
"#;
    let document = document(&[("b.runbook.hcl", runbook)]);
    let token = "token for https://management.azure.com";
    let secrets = section(&document, "Secrets");
    assert!(secrets.contains(&format!("| {token} of the machine | → input of ")), "{document}");
    assert!(
        section(&document, "Flow").contains(&format!("| {token} (token of machine) | → input of ")),
        "{document}"
    );
}

#[test]
fn a_request_without_a_body_takes_nothing_of_a_file_but_an_address() {
    let runbook = |step: &str| {
        format!("locals {{ name = trimspace(file(\"name\")) }}\nstep {step}\n")
            .replace("PATH", "/subscriptions/${local.name}")
    };
    for (step, words) in [
        (
            "\"arm_get\" \"a\" {\n  path = \"PATH\"\n  api_version = \"1\"\n}",
            "an address that step.arm_get.a reads",
        ),
        (
            "\"http\" \"a\" {\n  url = \"https://a.example/\"\n  method = \"POST\"\n  text = local.name\n}",
            "what step.http.a sends",
        ),
        (
            "\"http\" \"a\" {\n  url = \"https://a.example/\"\n  headers = { X-Name = local.name }\n}",
            "what step.http.a sends",
        ),
        ("\"exec\" \"a\" { argv = [\"echo\", local.name] }", "what step.exec.a gets"),
    ] {
        let document = document(&[("b.runbook.hcl", &runbook(step)), ("name", "web\n")]);
        let leaves = section(&document, "Leaves");
        assert!(leaves.contains(&format!("→ may be part of {words} |")), "{leaves}");
    }
}

/// A table of programs that looks complete is complete.
#[test]
fn every_program_is_in_the_table_of_programs() {
    let exec = |name: &str, more: &str| {
        format!("step \"exec\" \"{name}\" {{\n  argv = [\"nginx\", \"{name}\"]\n{more}}}\n")
    };
    let steps = [
        exec("plain", ""),
        exec("looks", "  unless = [\"true\"]\n"),
        exec("reads", "  effect = \"reads\"\n"),
        exec("later", "  when = var.when\n"),
        exec("failed", "  run_on = \"failure\"\n  depends_on = [step.exec.plain]\n"),
    ];
    let document =
        document(&[("a.runbook.hcl", &format!("variable \"when\" {{ type = bool }}\n{}", steps.concat()))]);
    let programs = section(&document, "Programs");
    for (name, role) in [
        ("plain", "may change something"),
        ("looks", "may change something"),
        ("reads", "declared to change nothing"),
        ("later", "may change something"),
        ("failed", "may change something"),
    ] {
        let row = format!("| step.exec.{name} | {role} | nginx {name} |\n");
        assert!(format!("{programs}\n").contains(&row), "{row}: {programs}");
    }
    assert!(programs.contains("| step.exec.looks | looks before its change | true |"), "{programs}");
}

/// A token that is a value may be used for anything that its identity may do, by whoever gets it.
#[test]
fn a_token_that_is_a_value_is_an_open_right() {
    let vault = "https://vault.azure.net";
    let open = |audience: &str, step: &str, identity: &str| {
        format!(
            "| (not listed) every right it holds | at {audience}, for whoever gets the token of {step} |{identity}\n"
        )
    };
    let token = format!("step \"token\" \"t\" {{\n  resource = \"{vault}\"\n}}\n");
    let declared = "identity \"managed\" \"here\" {}\n";
    let as_declared = token.replace("}\n", "  identity = identity.managed.here\n}\n");
    let program =
        "step \"exec\" \"p\" {\n  argv = [\"true\"]\n  environment = { T = step.token.t.access_token }\n}\n";
    let request = "step \"http\" \"t\" {\n  url = \"https://graph.microsoft.com/v1.0/me\"\n  audience = \"https://graph.microsoft.com\"\n}\n";
    let connect = "step \"arc_connect\" \"t\" {\n  subscription_id = \"s\"\n  resource_group = \"g\"\n  location = \"l\"\n}\n";
    for (runbook, right, host) in [
        (token.clone(), open(vault, "step.token.t", ""), true),
        (format!("{token}{program}"), open(vault, "step.token.t", ""), true),
        (
            format!("{declared}{as_declared}"),
            open(vault, "step.token.t", " for identity.managed.here |"),
            true,
        ),
        (
            request.to_owned(),
            "| (not all listed) | at graph.microsoft.com, for the request with a token of step.http.t |\n"
                .to_owned(),
            false,
        ),
        (connect.to_owned(), String::new(), false),
    ] {
        let document = document(&[("a.runbook.hcl", &runbook)]);
        assert!(document.contains(&right), "{right}: {document}");
        assert_eq!(document.contains("(not "), !right.is_empty(), "{document}");
        assert!(!document.contains("No identity needs a role."), "{document}");
        let goes = "\n- vault.azure.net, by whoever gets the token of step.token.t\n";
        assert_eq!(document.contains(goes), host, "{document}");
        let programs = "\n- any host that a program or a script contacts, which no plan can list\n";
        assert_eq!(
            document.contains(programs),
            runbook.contains("exec") || runbook.contains("arc_"),
            "{document}"
        );
        let place = Place::with(&runbook);
        let page = place.run(&["plan", "-requests"]).out;
        assert_eq!(page.contains("every right it holds"), host, "{page}");
        assert_eq!(page.contains("vault.azure.net, by whoever gets"), host, "{page}");
    }
}
