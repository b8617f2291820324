//! Selection of instances, including those that are expanded during the run.

use std::collections::BTreeSet;

use arcbook_engine::plan;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::Status;

use super::{begun, left_out, omitted, run, select, selected};
use crate::support::{Stage, Tokens, stage_files};

pub const MANY: &str = r#"
    locals { keys = toset(["x", "y"]) }
    step "read" "names" { value = local.keys }
    step "read" "known" {
      for_each = local.keys
      value    = each.key
    }
    step "read" "next" {
      for_each = local.keys
      value    = step.read.known[each.key].value
    }
    step "read" "late" {
      for_each = step.read.names.value
      value    = each.key
    }
    step "read" "after" { value = length(step.read.late) }
    step "read" "last" { value = step.read.after.value }
    output "late" { value = [for one in step.read.late : one.value] }
"#;

#[tokio::test(start_paused = true)]
async fn an_instance_can_be_selected_before_it_is_known() {
    let cases: [(&[&str], &[&str], &[&str]); 7] = [
        (&["step.read.next[\"x\"]"], &[], &["known[\"x\"]", "next[\"x\"]"]),
        (&["step.read.next"], &["step.read.known[\"y\"]"], &["known[\"x\"]", "next[\"x\"]"]),
        (&["step.read.late[\"x\"]"], &[], &["late[\"x\"]", "names"]),
        (&["step.read.late"], &[], &["late[\"x\"]", "late[\"y\"]", "names"]),
        (&["step.read.late"], &["step.read.late[\"x\"]"], &["late[\"y\"]", "names"]),
        (&["step.read.after"], &[], &["after", "late[\"x\"]", "late[\"y\"]", "names"]),
        (&["step.read.last", "step.read.late"], &["step.read.late[\"x\"]"], &["late[\"y\"]", "names"]),
    ];
    for (targets, excludes, expected) in cases {
        let stage = selected(MANY, targets, excludes);
        let (report, _) = run(&stage).await;
        let which = format!("{targets:?} but {excludes:?}");
        assert_eq!(report.status, Status::Done, "{which}: {:?}", report.diagnostics);
        let expected: Vec<_> = expected.iter().map(|name| format!("step.read.{name}")).collect();
        assert_eq!(begun(&stage), expected, "{which}");
        assert!(report.diagnostics.is_empty(), "{which}: {:?}", report.diagnostics);
    }
}

#[tokio::test(start_paused = true)]
async fn excluding_a_later_instance_excludes_its_dependents() {
    let stage = selected(MANY, &[], &["step.read.late[\"x\"]"]);
    assert_eq!(left_out(&stage), [""; 0], "it is not known yet that there is one");
    let page =
        plan::show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full());
    assert!(page.contains("    but not step.read.late[\"x\"]\n"), "{page}");
    let (report, events) = run(&stage).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert!(report.outputs.is_empty(), "{:?}", report.outputs);
    let needs = "needs step.read.late[\"x\"], which is excluded";
    let mut omitted = omitted(&events);
    omitted.sort();
    let expected = [
        format!("step.read.after: {needs}"),
        format!("step.read.last: {needs}"),
        "step.read.late[\"x\"]: excluded".to_owned(),
    ];
    assert_eq!(omitted, expected);
    let page = plan::show(
        &selected(MANY, &["step.read.late[\"x\"]"], &[]).plan,
        &stage.runbook,
        &Tokens::default(),
        &Secrets::new(),
        &crate::support::full(),
    );
    assert!(page.contains("    of these only step.read.late[\"x\"]\n"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn a_selected_instance_that_does_not_exist_is_reported() {
    for (targets, excludes) in [(&["step.read.late[\"z\"]"][..], &[][..]), (&[], &["step.read.late[\"z\"]"])]
    {
        let (report, _) = run(&selected(MANY, targets, excludes)).await;
        let warning = report.diagnostics.iter().next().expect("a warning");
        assert_eq!(warning.summary, "no instance matched `step.read.late[\"z\"]`");
        assert_eq!(report.status, Status::Done);
    }
}

/// Returns modules that are expanded before or during the run, with steps that depend on each other.
fn modules(late: bool) -> Stage {
    let site = r#"
        variable "name" { type = string }
        step "read" "list" { value = [var.name] }
        step "change" "one" {
          for_each = toset(step.read.list.value)
          value    = each.key
        }
        step "read" "other" { value = var.name }
        output "one" { value = [for one in step.change.one : one.value] }
        output "name" { value = var.name }
    "#;
    let keys = if late { "step.read.keys.value" } else { "toset([\"a\", \"b\"])" };
    let main = format!(
        r#"
        step "read" "keys" {{ value = toset(["a", "b"]) }}
        step "read" "shared" {{ value = "s" }}
        module "site" {{
          source   = "./site"
          for_each = {keys}
          name     = "${{each.key}}${{step.read.shared.value}}"
        }}
        step "read" "after" {{ value = module.site["a"].one }}
        step "read" "all" {{ depends_on = [module.site] }}
        output "names" {{ value = [for site in module.site : site.name] }}
        "#
    );
    stage_files(&[("main.runbook.hcl", &main), ("site/main.runbook.hcl", site)], &[])
        .unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test(start_paused = true)]
async fn modules_and_their_steps_can_be_selected() {
    let in_a = ["shared", "module.site[\"a\"].list", "module.site[\"a\"].one[\"as\"]"];
    let whole = [&in_a[..], &["module.site[\"a\"].other"]].concat();
    let cases: [(&[&str], &[&str], Vec<&str>); 6] = [
        (&["module.site[\"a\"]"], &[], whole.clone()),
        (&["module.site[\"a\"].step.change.one"], &[], in_a.to_vec()),
        (&["module.site[\"a\"].step.change.one[\"as\"]"], &[], in_a.to_vec()),
        (
            &["module.site.step.read.other"],
            &[],
            vec!["shared", "module.site[\"a\"].other", "module.site[\"b\"].other"],
        ),
        (&["module.site"], &["module.site[\"b\"]"], whole),
        (&[], &["module.site"], vec!["keys", "shared"]),
    ];
    for late in [false, true] {
        for (targets, excludes, expected) in &cases {
            let stage = select(modules(late), targets, excludes).unwrap_or_else(|error| panic!("{error}"));
            let (report, _) = run(&stage).await;
            let which = format!("{targets:?} but {excludes:?}, late: {late}");
            assert_eq!(report.status, Status::Done, "{which}: {:?}", report.diagnostics);
            let mut expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
            if late {
                // The expansion of the modules needs this step.
                expected.insert("keys".to_owned());
            }
            let short = |step: String| step.replace("step.read.", "").replace("step.change.", "");
            let begun: BTreeSet<String> = begun(&stage).into_iter().map(short).collect();
            assert_eq!(begun, expected, "{which}");
        }
    }
}
