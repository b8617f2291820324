//! Parts of a runbook that no script has.

use crate::support::Place;

/// Steps whose results the cases use.
const START: &str = r#"
step "metadata" "machine" {}

step "arm_list" "all" {
  scope   = step.metadata.machine.resource_group_id
  extract = { vault = "value[0].name", longest = "max(value[].name)" }
}
"#;

/// Returns a step that reads a secret of a vault, with more in its block.
fn secret(vault: &str, more: &str) -> String {
    format!("step \"keyvault_secret\" \"s\" {{\n  vault = {vault}\n  name = \"s\"\n  {more}\n}}\n")
}

/// Exports a runbook, which is refused with these words.
fn is_refused(more: &str, words: &str) {
    let ran = Place::with(&format!("{START}\n{more}")).run(&["export"]);
    assert_eq!((ran.code, &*ran.out), (Some(3), ""), "{more}: {}", ran.seen());
    let err = ran.err.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
    assert!(err.contains(words) && err.contains("not-exported"), "{more}: no {words} in {}", ran.seen());
    assert!(!err.contains("canary"), "{}", ran.seen());
}

#[test]
fn a_value_that_is_more_than_a_result_is_refused() {
    let vault = "step.arm_list.all.extract.vault";
    let of = |vault: &str| secret(vault, "");
    let conditional = format!("step.metadata.machine.os == \"linux\" ? \"lin01\" : {vault}");
    for (more, words) in [
        (of(&format!("replace({vault}, \"a\", \"b\")")), "the function `replace` has no counterpart"),
        (of(&format!("\"${{length({vault})}}\"")), "no sample shows how `vault` depends on results"),
        (of(&format!("jsonencode({vault} == null)")), "a comparison has no counterpart"),
        (of(&conditional), "a condition that is known only"),
        // A script would say what the secret is.
        (
            of(&format!("var.v == \"lin02\" ? \"lin01\" : {vault}"))
                + "variable \"v\" {\n default = \"other\"\n sensitive = true\n}",
            "a condition that is known only",
        ),
        (of("step.arm_list.all.extract.longest"), "the function `max` of a query has no counterpart in jq"),
        (
            of("var.v") + "variable \"v\" {\n default = \"canary-vault\"\n sensitive = true\n}",
            "a sensitive value",
        ),
        (
            of(vault)
                + "step \"arm_get\" \"g\" { path = \"/subscriptions/${step.keyvault_secret.s.value}\" }",
            "holds a secret",
        ),
        // The default of another argument depends on the id.
        (
            "step \"arm_get\" \"g\" { path = step.arm_list.all.extract.vault }".to_owned(),
            "that no variable can",
        ),
        // Of the id of a resource, only a part is taken.
        (
            "step \"arm_list\" \"b\" { scope = step.metadata.machine.resource_id }".to_owned(),
            "that no variable can",
        ),
        ("output \"o\" { value = reverse(step.arm_list.all.items) }".to_owned(), "`reverse` of a value"),
        ("output \"o\" { value = step.metadata.machine.os == \"linux\" }".to_owned(), "has an operator"),
        (
            "step \"blob_upload\" \"b\" {\n  account = \"acc01\"\n  container = \"c01\"\n  name = \"n\"\n  \
             content = yamlencode(step.metadata.machine.name)\n}"
                .to_owned(),
            "the function `yamlencode` has no counterpart",
        ),
    ] {
        is_refused(&more, words);
    }
    let element = Place::with(&format!("{START}\n{}", of("step.arm_list.all.items[0].name")));
    let ran = element.run(&["export"]);
    assert!(ran.out.contains("all_items_0_name=$(query \"$all\" '.value[0].name')\n"), "{}", ran.seen());
}

#[test]
fn a_step_that_is_more_than_requests_is_refused() {
    let with = |more: &str| secret("step.arm_list.all.extract.vault", more);
    let other = "identity \"managed\" \"other\" { client_id = \"30000000-0000-4000-8000-000000000001\" }\n";
    let check = "postcondition {\n    condition = self.version == \"1\"\n    error_message = \"x\"\n  }";
    for (more, words) in [
        (
            "step \"exec\" \"e\" { argv = [\"true\"] }".to_owned(),
            "steps of the type `exec` have no counterpart",
        ),
        (with("retry {}"), "it has a `retry`"),
        (with("timeout = \"1m\""), "it has a `timeout`"),
        (with("on_error = \"continue\""), "the run continues after its failure"),
        (with("when = step.metadata.machine.os == \"linux\""), "`when` is known only while running"),
        (
            other.to_owned() + &with("identity = identity.managed.other"),
            "an identity that the runbook declares",
        ),
        (with(check), "has an operator"),
    ] {
        is_refused(&more, words);
    }
}

#[test]
fn every_part_is_named_at_once_and_the_rest_can_be_exported() {
    let place = Place::with(
        "step \"exec\" \"e\" { argv = [\"true\"] }\nstep \"wait\" \"w\" { duration = \"1s\" }\nstep \"metadata\" \"m\" {}\n\
         output \"o\" { value = step.exec.e.stdout }",
    );
    let ran = place.run(&["export"]);
    let named = ["step.exec.e", "step.wait.w", "2 errors"];
    assert!(named.iter().all(|words| ran.err.contains(words)), "{}", ran.seen());
    let part = place.run(&["export", "-target", "step.metadata.m"]);
    assert_eq!(part.code, Some(0), "{}", part.seen());
}
