//! Selection of interdependent steps, and messages about the others.

use std::collections::BTreeSet;

use arcbook_engine::plan;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::Status;

use super::{begun, left_out, omitted, run, selected};
use crate::instances::{addresses, outputs};
use crate::support::{Tokens, notes};

/// A chain a → b → c, a separate step d, cleanup for b, and outputs.
const CHAIN: &str = r#"
    step "read" "a" { value = "a" }
    locals { a = step.read.a.value }
    step "change" "b" { value = local.a }
    step "change" "c" { value = step.change.b.value }
    step "read" "d" {
      value = "d"
      host  = "d.example.test"
    }
    step "read" "key" { value = "k" }
    step "change" "cleanup" {
      run_on     = "always"
      value      = "${step.read.key.value} ${coalesce(step.change.c.value, "no c")}"
      depends_on = [step.change.b]
    }
    step "read" "report" { depends_on = [step.change.cleanup] }
    check "c" {
      assert {
        condition     = step.change.c.value == "a"
        error_message = "not a"
      }
    }
    output "b" { value = step.change.b.value }
    output "d" { value = step.read.d.value }
    output "one" { value = 1 }
"#;

#[tokio::test(start_paused = true)]
async fn a_target_runs_with_its_dependencies() {
    // Targets, exclusions, started steps, outputs.
    let cases: [(&[&str], &[&str], &str, &str); 9] = [
        (&["step.read.a"], &[], "a", "one"),
        (&["step.read.d"], &[], "d", "d one"),
        (&["step.change.b"], &[], "a b cleanup key", "b one"),
        (&["output.b"], &[], "a b cleanup key", "b one"),
        (&["step.read.d", "step.read.a"], &[], "a d", "d one"),
        (&["step.read.report"], &[], "a b c cleanup key report", "b one"),
        (&[], &["step.change.c"], "a b cleanup d key", "b d one"),
        (&[], &["step.read.a"], "d key", "d one"),
        (&["step.change.c"], &["step.change.cleanup"], "a b c", "b one"),
    ];
    for (targets, excludes, expected, out) in cases {
        let stage = selected(CHAIN, targets, excludes);
        let planned: BTreeSet<_> = addresses(&stage).into_iter().map(ToOwned::to_owned).collect();
        let (report, events) = run(&stage).await;
        let which = format!("{targets:?} but {excludes:?}");
        assert_eq!(report.status, Status::Done, "{which}: {:?}", report.diagnostics);
        let begun = begun(&stage);
        let names: Vec<_> = begun.iter().filter_map(|step| step.rsplit('.').next()).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted.join(" "), expected, "{which}");
        assert_eq!(planned, begun.iter().cloned().collect(), "{which}: the plan lists what is run");
        assert_eq!(outputs(&report).into_keys().collect::<Vec<_>>().join(" "), out, "{which}");
        assert_eq!((report.steps, report.summary.left_out), (names.len(), 7 - names.len()), "{which}");
        assert_eq!(omitted(&events).len(), report.summary.left_out, "{which}");
        assert_eq!(report.summary.skipped, 0, "{which}");
    }
}

#[tokio::test(start_paused = true)]
async fn omitted_steps_are_listed_with_the_reason() {
    let stage = selected(CHAIN, &["step.change.b"], &[]);
    let untargeted = [
        "step.change.c: not targeted",
        "step.read.d: not targeted",
        "step.read.report: not targeted",
        "output.d: needs step.read.d, which is not targeted",
        "check.c: needs step.change.c, which is not targeted",
    ];
    assert_eq!(left_out(&stage), untargeted);
    assert!(notes(&stage).contains("only a part of the runbook is selected: 3 steps are left out"));
    let (report, events) = run(&stage).await;
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    let mut omitted = omitted(&events);
    omitted.sort();
    assert_eq!(omitted, untargeted[..3]);
    let started = &events.of("run_started")[0];
    assert_eq!(started["selection"], serde_json::json!({ "targets": ["step.change.b"], "excludes": [] }));
    assert_eq!(events.of("run_finished")[0]["left_out"], 3);
    let cleanup = events.of("step_finished").into_iter().find(|event| event["step"] == "step.change.cleanup");
    assert_eq!(cleanup.unwrap()["outputs"]["value"]["value"], "k no c", "what is left out gives nulls");

    let stage = selected(CHAIN, &[], &["step.change.b"]);
    let excluded = [
        "step.change.b: excluded",
        "step.change.c: needs step.change.b, which is excluded",
        "step.change.cleanup: needs step.change.b, which is excluded",
        "step.read.report: needs step.change.b, which is excluded",
        "output.b: needs step.change.b, which is excluded",
        "check.c: needs step.change.b, which is excluded",
    ];
    assert_eq!(left_out(&stage), excluded);
    let page =
        plan::show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full());
    assert!(
        page.contains("\nLeft out\n  excluded: step.change.b\n  needs step.change.b, which is excluded: "),
        "{page}"
    );
    let json = plan::to_json(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new());
    assert_eq!(json["selection"]["excludes"], serde_json::json!(["step.change.b"]));
    let first = serde_json::json!({ "address": "step.change.b", "because": "excluded" });
    assert_eq!(json["left_out"][0], first);
}

#[tokio::test(start_paused = true)]
async fn omitted_steps_request_no_token() {
    for (targets, tokens) in [(&["step.read.d"], 1), (&["step.read.a"], 0)] {
        let stage = selected(CHAIN, targets, &[]);
        assert_eq!(stage.plan.tokens.len(), tokens);
        let (_, events) = run(&stage).await;
        assert_eq!(events.of("token_requested").len(), tokens);
    }
}
