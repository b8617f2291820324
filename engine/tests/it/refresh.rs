//! Refresh: queries of the current objects, and the resulting plan.

use arcbook_engine::diagnostic::Severity;
use arcbook_engine::plan::{self, Plan, PlannedChange, PlannedStep};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{Report, Status, StopSignal};
use arcbook_engine::value::Value;
use tokio::sync::mpsc;

use crate::support::{CANARY, Events, Stage, stage, stage_files};

/// Refreshes a runbook when the service has the objects `there`.
async fn refreshed(text: &str, there: &[&str]) -> (Stage, Plan, Report) {
    let stage = stage(text).expect("planned");
    refresh(stage, there).await
}

async fn refresh(stage: Stage, there: &[&str]) -> (Stage, Plan, Report) {
    for line in there {
        stage.service.push((*line).to_owned());
    }
    let (_keep, interrupts) = mpsc::channel(1);
    let events = Events::default();
    let (plan, report) = stage.refresh(&events, interrupts).await;
    assert_eq!(stage.service.lines(), there, "no change");
    for event in ["run_started", "change_intended", "run_finished", "output"] {
        assert!(events.of(event).is_empty(), "{event}");
    }
    assert!(!events.text().contains(CANARY));
    (stage, plan, report)
}

/// Returns each mutating step with its action, or with the reason why the action is unknown.
fn planned_changes(plan: &Plan) -> Vec<(&str, &str)> {
    plan.steps.iter().filter_map(planned_change).collect()
}

fn planned_change(step: &PlannedStep) -> Option<(&str, &str)> {
    let what = match step.planned_change.as_ref()? {
        PlannedChange::Unknown { why } => why,
        known => known.action(),
    };
    Some((&step.address, what))
}

fn output<'a>(plan: &'a Plan, name: &str) -> &'a Value {
    &plan.outputs.iter().find(|output| output.name == name).expect("an output").value
}

#[tokio::test]
async fn refresh_runs_reads_and_queries_changes() {
    let (stage, plan, report) = refreshed(
        r#"
        step "read" "names" { value = { new = "a", old = "b" } }
        step "make" "new" { value = step.read.names.value.new }
        step "make" "old" { value = step.read.names.value.old }
        step "make" "other" { value = "c" }
        step "make" "fixed" { value = "d" }
        step "change" "silent" { value = "e" }
        output "old" { value = step.make.old.value }
        output "new" { value = step.make.new.value }
        "#,
        &["+b", "~c", "!d"],
    )
    .await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(stage.log.lines(), ["step.read.names began", "step.read.names ended"]);
    let expected = [
        ("step.make.new", "create"),
        ("step.make.old", "nothing"),
        ("step.make.other", "update"),
        ("step.make.fixed", "replace"),
        ("step.change.silent", "steps of this type cannot ask for the existing state"),
    ];
    assert_eq!(planned_changes(&plan), expected);
    assert_eq!(output(&plan, "old"), &Value::from("b"), "what is there as wanted gives what it gives");
    assert!(output(&plan, "new").is_unknown());
    assert!(plan.is_pending());
}

#[tokio::test]
async fn a_difference_shows_the_old_and_the_new_value() {
    let (stage, plan, _) = refreshed("step \"make\" \"a\" { value = \"x\" }", &["!x"]).await;
    let shown = plan::show(
        &plan,
        &stage.runbook,
        &crate::support::Tokens::default(),
        &Secrets::new(),
        &crate::support::full(),
    );
    assert!(
        shown.contains("\n-/+ step.make.a\n    ~ value = \"another\" -> \"x\" (cannot be changed)\n"),
        "{shown}"
    );
    assert!(shown.ends_with("; 0 to create, 0 to update, 1 to replace, 0 as wanted.\n"), "{shown}");
}

#[tokio::test]
async fn an_up_to_date_plan_has_no_pending_change() {
    let text = r#"
    step "make" "a" { value = "a" }
    step "make" "cleanup" {
      value      = "never"
      run_on     = "failure"
      depends_on = [step.make.a]
    }
    "#;
    let (_, plan, _) = refreshed(text, &["+a"]).await;
    assert!(!plan.is_pending());
    let cleanup = ("step.make.cleanup", "it runs only after a failure");
    assert_eq!(planned_changes(&plan), [("step.make.a", "nothing"), cleanup]);
    assert!(refreshed(text, &[]).await.1.is_pending());
}

#[tokio::test]
async fn reads_after_a_change_do_not_run() {
    let text = r#"
    step "make" "a" { value = "a" }
    locals { through = step.make.a.extract }
    step "read" "behind" {
      value      = "x"
      depends_on = [step.make.a]
    }
    step "make" "last" { value = step.read.behind.value }
    step "make" "beside" {
      value      = "b"
      depends_on = [step.make.a]
    }
    output "through" { value = local.through }
    "#;
    let (stage, plan, report) = refreshed(text, &[]).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert!(stage.log.lines().is_empty(), "{:?}", stage.log.lines());
    let last = ("step.make.last", "its arguments are known after step.read.behind");
    assert_eq!(planned_changes(&plan), [("step.make.a", "create"), last, ("step.make.beside", "create")]);
    let shown = plan::show(
        &plan,
        &stage.runbook,
        &crate::support::Tokens::default(),
        &Secrets::new(),
        &crate::support::full(),
    );
    let why = "its results are unknown: it depends on step.make.a, a possible change";
    assert!(shown.contains(why), "{shown}");

    let (stage, plan, _) = refreshed(text, &["+a"]).await;
    assert_eq!(stage.log.lines().len(), 2, "it is read where there is nothing to change before it");
    assert_eq!(planned_changes(&plan)[1], ("step.make.last", "create"));
}

#[tokio::test]
async fn a_query_that_needs_an_earlier_change_is_no_failure() {
    let text = r#"
    step "make" "a" { value = "a" }
    step "make" "in_it" {
      value      = "b"
      depends_on = [step.make.a]
    }
    "#;
    let (_, plan, report) = refreshed(text, &["?b"]).await;
    assert_eq!(report.status, Status::Done);
    let why = "it depends on step.make.a, and cannot be asked before it: told not to tell";
    assert_eq!(planned_changes(&plan)[1], ("step.make.in_it", why));
    let (_, plan, report) = refreshed(text, &["+a", "?b"]).await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(planned_changes(&plan)[1], ("step.make.in_it", "it failed: told not to tell"));
}

#[tokio::test]
async fn refresh_expands_instances() {
    let text = r#"
    step "read" "names" { value = ["a", "b"] }
    step "make" "each" {
      for_each = toset(step.read.names.value)
      value    = each.key
    }
    step "make" "made" { value = "m" }
    step "make" "later" {
      count = length(step.make.made.value)
      value = count.index
    }
    step "make" "off" {
      when  = length(step.read.names.value) > 5
      value = "never"
    }
    step "make" "perhaps" {
      when  = step.make.made.value != "x"
      value = "perhaps"
    }
    "#;
    let (_, plan, report) = refreshed(text, &["+a"]).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let expected = [
        ("step.make.each[\"a\"]", "nothing"),
        ("step.make.each[\"b\"]", "create"),
        ("step.make.made", "create"),
        ("step.make.later[*]", "the number of instances is known only during the run"),
        ("step.make.perhaps", "its `when` is known after step.make.made"),
    ];
    assert_eq!(planned_changes(&plan), expected);
}

#[tokio::test]
async fn refresh_covers_modules() {
    let stage = stage_files(
        &[
            (
                "main.runbook.hcl",
                r#"
                step "read" "sites" { value = ["west", "east"] }
                module "site" {
                  source   = "./site"
                  for_each = toset(step.read.sites.value)
                  name     = each.key
                }
                output "all" { value = [for site in module.site : site.made] }
                "#,
            ),
            (
                "site/main.runbook.hcl",
                r#"
                variable "name" { type = string }
                step "make" "it" { value = var.name }
                output "made" { value = step.make.it.value }
                "#,
            ),
        ],
        &[],
    );
    let (_, plan, report) = refresh(stage.expect("planned"), &["+east"]).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let expected =
        [("module.site[\"east\"].step.make.it", "nothing"), ("module.site[\"west\"].step.make.it", "create")];
    assert_eq!(planned_changes(&plan), expected);
    let all: Vec<_> = output(&plan, "all").children().map(Value::is_unknown).collect();
    assert_eq!(all, [false, true]);
}

#[tokio::test]
async fn a_failure_is_reported_and_the_rest_continues() {
    let text = r#"
    step "read" "bad" { fails = true }
    step "read" "tolerated" {
      fails    = true
      on_error = "continue"
    }
    step "make" "of_bad" { value = step.read.bad.value }
    step "make" "of_tolerated" { value = step.read.tolerated.value == null ? "none" : "some" }
    step "make" "cleanup" {
      value      = "c"
      run_on     = "failure"
      depends_on = [step.read.bad]
    }
    step "make" "always" {
      value      = "d"
      run_on     = "always"
      depends_on = [step.read.tolerated]
    }
    "#;
    let (stage, plan, report) = refreshed(text, &[]).await;
    assert_eq!(report.status, Status::Failed);
    let errors: Vec<_> =
        report.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let expected = [
        ("step.make.of_bad", "step.read.bad failed"),
        ("step.make.of_tolerated", "create"),
        ("step.make.cleanup", "it runs only after a failure"),
        ("step.make.always", "create"),
    ];
    assert_eq!(planned_changes(&plan), expected);
    let of_tolerated = plan.steps.iter().find(|step| step.address.ends_with("of_tolerated")).expect("it");
    assert_eq!(of_tolerated.arguments[0].1, Value::from("none"), "{:?}", stage.log.lines());
}

#[tokio::test(start_paused = true)]
async fn reads_are_retried_and_repeated() {
    let (stage, plan, report) = refreshed(
        r#"
        step "read" "busy" {
          turns = [503, "ready"]
          retry {}
        }
        step "read" "slow" {
          turns = ["not yet", "not yet", "now"]
          until { condition = self.value == "now" }
        }
        step "read" "late" {
          takes   = "60000"
          timeout = "10s"
        }
        output "both" { value = "${step.read.busy.value} ${step.read.slow.value}" }
        "#,
        &[],
    )
    .await;
    assert_eq!(output(&plan, "both"), &Value::from("ready now"));
    assert_eq!(report.status, Status::Failed, "it took too long");
    assert_eq!(stage.log.lines().iter().filter(|line| line.ends_with("began")).count(), 6);
}

#[tokio::test]
async fn nondeterministic_values_stay_unknown() {
    let text = r#"
    step "make" "named" { value = "of ${runbook.run_id} at ${timestamp()}" }
    "#;
    let (_, plan, _) = refreshed(text, &[]).await;
    assert_eq!(
        planned_changes(&plan),
        [("step.make.named", "its arguments are known after run, timestamp()")]
    );
}

#[tokio::test]
async fn an_error_that_a_result_reveals_is_a_failure() {
    let text = r#"
    step "read" "answer" { value = ["not a name"] }
    step "make" "wrong" { host = step.read.answer.value }
    step "make" "right" { value = "b" }
    "#;
    let (_, plan, report) = refreshed(text, &[]).await;
    assert_eq!(report.status, Status::Failed);
    let planned_changes = planned_changes(&plan);
    assert!(planned_changes[0].1.starts_with("it failed: "), "{planned_changes:?}");
    assert_eq!(planned_changes[1], ("step.make.right", "create"));
}

#[tokio::test]
async fn refresh_can_be_interrupted() {
    let stage = stage("step \"read\" \"slow\" { takes = \"3600000\" }\nstep \"make\" \"a\" {\n  value = \"a\"\n  depends_on = [step.read.slow]\n}").expect("planned");
    let (ask, interrupts) = mpsc::channel(2);
    ask.try_send(StopSignal::CtrlC).expect("room");
    ask.try_send(StopSignal::CtrlC).expect("room");
    let (plan, report) = stage.refresh(&Events::default(), interrupts).await;
    assert_eq!(report.status, Status::Interrupted);
    assert!(matches!(planned_changes(&plan)[..], [("step.make.a", _)]));
}

#[tokio::test]
async fn refresh_does_not_assume_a_failure_for_cleanup() {
    let (_, plan, report) = refreshed(
        r#"
        step "read" "a" { value = "a" }
        step "make" "log" {
          run_on = "always"
          value  = coalesce(step.read.a.value, "none")
        }
        "#,
        &[],
    )
    .await;
    assert_eq!(report.status, Status::Done);
    assert_eq!(planned_changes(&plan), [("step.make.log", "its arguments are known after step.read.a")]);
}
