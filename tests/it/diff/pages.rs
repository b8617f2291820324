//! The page and the document of a difference.

use super::support::ended;
use crate::support::Place;

/// Returns the Jumpstart lab, and beside it the same with an edit that a review must notice: the secret goes into the
/// uploaded file, the scope is the whole subscription, and a program runs.
fn place() -> Place {
    let place = Place::jumpstart();
    let path = place.path().join("jumpstart/jumpstart.runbook.hcl");
    let text = std::fs::read_to_string(path).expect("the runbook");
    let edits = [
        ("  scope       = step.metadata.machine.resource_group_id", "  scope       = local.scope"),
        ("  source      = var.file", "  content     = nonsensitive(step.keyvault_secret.scenario.value)"),
        ("step \"blob_container\" \"uploads\" {", "step \"blob_container\" \"box\" {"),
        ("step.blob_container.uploads.name", "step.blob_container.box.name"),
        (
            "output \"machine\" {",
            "step \"exec\" \"notify\" {\n  argv = [\"logger\", \"uploaded\"]\n}\n\noutput \"machine\" {",
        ),
    ];
    let edited = edits.iter().fold(text, |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    place.write("edited/jumpstart.runbook.hcl", edited);
    place
}

#[test]
fn a_person_sees_one_screen() {
    let ran = ended(place().run(&["diff", "jumpstart", "edited"]), 0);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn a_pull_request_gets_a_document() {
    let ran = ended(place().run(&["diff", "-markdown", "jumpstart", "edited", "-fail-on", "privilege"]), 2);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn secrets_are_compared_and_never_shown() {
    let place = Place::new();
    let runbook = |word: &str| {
        let pin = format!("locals {{\n  pin = \"pin-{word}-${{step.metadata.m.name}}\"\n}}\n");
        let rest = format!(
            "step \"metadata\" \"m\" {{}}\n\nvariable \"p\" {{\n  sensitive = true\n  default   = \"var-{word}\"\n}}\n\n\
             step \"exec\" \"x\" {{\n  argv        = [\"id\"]\n  environment = {{ A = sensitive(local.pin), B = sensitive(\"call-{word}\") }}\n  \
             stdin       = var.p\n}}\n\nstep \"keyvault_secret_set\" \"s\" {{\n  vault = \"vault\"\n  name  = \"n\"\n  value = \"set-{word}\"\n}}\n"
        );
        pin + &rest
    };
    place.write("old/main.runbook.hcl", runbook("canary-one"));
    place.write("new/main.runbook.hcl", runbook("canary-two"));
    for arguments in
        [&["diff", "old", "new"][..], &["diff", "-json", "old", "new"], &["diff", "-markdown", "old", "new"]]
    {
        let ran = ended(place.run(arguments), 0);
        assert!(!ran.out.contains("canary") && !ran.err.contains("canary"), "{}", ran.seen());
        for told in ["var.p", "step.exec.x", "step.keyvault_secret_set.s"] {
            assert!(ran.out.contains(told), "{told}: {}", ran.seen());
        }
    }
}

/// New steps make a page of one screen that begins with counts and the growth of privilege; a scope is never cut.
#[test]
fn new_steps_fit_a_screen() {
    let place = Place::new();
    place.write("old/main.runbook.hcl", "step \"echo\" \"a\" { input = 1 }\n");
    let scope =
        format!("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{}-end", "g".repeat(80));
    let step = |at: usize| {
        format!(
            "step \"arm_get\" \"g{at}\" {{\n  path        = \"{scope}/providers/Microsoft.Compute/virtualMachines/v{at}\"\n  api_version = \"2024-07-01\"\n}}\n"
        )
    };
    place.write(
        "new/main.runbook.hcl",
        "step \"echo\" \"a\" { input = 1 }\n".to_owned() + &(0..9).map(step).collect::<String>(),
    );
    let page = ended(place.run(&["diff", "old", "new"]), 0).out;
    let short = page.lines().count();
    let joined = page.split_whitespace().collect::<String>();
    assert!(
        joined.contains("-end/providers/Microsoft.Compute/virtualMachines/v0") && !page.contains("… (and"),
        "{page}"
    );
    assert!(
        page.contains("Blocks added: 9 steps.") && page.contains("Privilege grows by 9 permissions"),
        "{page}"
    );
    assert!(page.contains("-verbose lists all") && !page.contains("\nRights"), "{page}");
    let whole = ended(place.run(&["diff", "old", "new", "-verbose"]), 0).out;
    assert!(whole.contains("\nRights") && whole.lines().count() > short, "{whole}");
}
