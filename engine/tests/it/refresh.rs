//! Asking what a run would change, and the plan that is known then.

use arcbook_engine::diagnostic::Severity;
use arcbook_engine::plan::{self, Plan, PlannedChange, PlannedStep};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{Report, Status};
use arcbook_engine::value::Value;
use tokio::sync::mpsc;

use crate::support::{CANARY, Events, Stage, stage, stage_files};

/// Asks what a runbook would change, where there is what the lines say.
async fn surveyed(text: &str, there: &[&str]) -> (Stage, Plan, Report) {
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

/// What each step that changes something would change, in a word or in the reason why that is not known.
fn prospects(plan: &Plan) -> Vec<(&str, &str)> {
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
async fn what_reads_is_run_and_what_changes_is_asked() {
    let (stage, plan, report) = surveyed(
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
        ("step.change.silent", "the existing state is unknown"),
    ];
    assert_eq!(prospects(&plan), expected);
    assert_eq!(output(&plan, "old"), &Value::from("b"), "what is there as wanted gives what it gives");
    assert!(output(&plan, "new").is_unknown());
    assert!(plan.is_pending());
}

#[tokio::test]
async fn a_difference_is_shown_as_it_was_and_will_be() {
    let (stage, plan, _) = surveyed("step \"make\" \"a\" { value = \"x\" }", &["!x"]).await;
    let shown = plan::show(&plan, &stage.runbook, &crate::support::Tokens::default(), &Secrets::new());
    assert!(
        shown.contains("\n-/+ step.make.a\n    ~ value = \"another\" -> \"x\" (cannot be changed)\n"),
        "{shown}"
    );
    assert!(shown.ends_with("; 0 to create, 0 to update, 1 to replace, 0 as wanted.\n"), "{shown}");
}

#[tokio::test]
async fn nothing_is_pending_when_all_is_as_wanted() {
    let text = r#"
    step "make" "a" { value = "a" }
    step "make" "cleanup" {
      value      = "never"
      run_on     = "failure"
      depends_on = [step.make.a]
    }
    "#;
    let (_, plan, _) = surveyed(text, &["+a"]).await;
    assert!(!plan.is_pending());
    let cleanup = ("step.make.cleanup", "it runs only after a failure");
    assert_eq!(prospects(&plan), [("step.make.a", "nothing"), cleanup]);
    assert!(surveyed(text, &[]).await.1.is_pending());
}

#[tokio::test]
async fn what_comes_after_a_change_is_not_read() {
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
    let (stage, plan, report) = surveyed(text, &[]).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert!(stage.log.lines().is_empty(), "{:?}", stage.log.lines());
    let last = ("step.make.last", "its arguments are known after step.read.behind");
    assert_eq!(prospects(&plan), [("step.make.a", "create"), last, ("step.make.beside", "create")]);
    let shown = plan::show(&plan, &stage.runbook, &crate::support::Tokens::default(), &Secrets::new());
    let why = "its results are unknown: it comes after step.make.a, which may change something";
    assert!(shown.contains(why), "{shown}");

    let (stage, plan, _) = surveyed(text, &["+a"]).await;
    assert_eq!(stage.log.lines().len(), 2, "it is read where there is nothing to change before it");
    assert_eq!(prospects(&plan)[1], ("step.make.last", "create"));
}

#[tokio::test]
async fn what_cannot_be_asked_before_a_change_is_no_failure() {
    let text = r#"
    step "make" "a" { value = "a" }
    step "make" "in_it" {
      value      = "b"
      depends_on = [step.make.a]
    }
    "#;
    let (_, plan, report) = surveyed(text, &["?b"]).await;
    assert_eq!(report.status, Status::Done);
    let why = "it comes after step.make.a, and cannot be asked before: told not to tell";
    assert_eq!(prospects(&plan)[1], ("step.make.in_it", why));
    let (_, plan, report) = surveyed(text, &["+a", "?b"]).await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(prospects(&plan)[1], ("step.make.in_it", "it failed: told not to tell"));
}

#[tokio::test]
async fn how_many_there_are_is_learnt() {
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
    let (_, plan, report) = surveyed(text, &["+a"]).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let expected = [
        ("step.make.each[\"a\"]", "nothing"),
        ("step.make.each[\"b\"]", "create"),
        ("step.make.made", "create"),
        ("step.make.later[*]", "the number of instances is known only during the run"),
        ("step.make.perhaps", "whether it is run is known after step.make.made"),
    ];
    assert_eq!(prospects(&plan), expected);
}

#[tokio::test]
async fn modules_are_looked_into() {
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
    assert_eq!(prospects(&plan), expected);
    let all: Vec<_> = output(&plan, "all").children().map(Value::is_unknown).collect();
    assert_eq!(all, [false, true]);
}

#[tokio::test]
async fn a_failure_is_told_and_the_rest_goes_on() {
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
    let (stage, plan, report) = surveyed(text, &[]).await;
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
    assert_eq!(prospects(&plan), expected);
    let of_tolerated = plan.steps.iter().find(|step| step.address.ends_with("of_tolerated")).expect("it");
    assert_eq!(of_tolerated.arguments[0].1, Value::from("none"), "{:?}", stage.log.lines());
}

#[tokio::test(start_paused = true)]
async fn what_reads_is_tried_again_and_repeated() {
    let (stage, plan, report) = surveyed(
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
async fn what_differs_each_time_stays_unknown() {
    let text = r#"
    step "make" "named" { value = "of ${runbook.run_id} at ${timestamp()}" }
    "#;
    let (_, plan, _) = surveyed(text, &[]).await;
    assert_eq!(prospects(&plan), [("step.make.named", "its arguments are known after run, timestamp()")]);
}

#[tokio::test]
async fn what_is_wrong_in_the_light_of_an_answer_is_a_failure() {
    let text = r#"
    step "read" "answer" { value = ["not a name"] }
    step "make" "wrong" { host = step.read.answer.value }
    step "make" "right" { value = "b" }
    "#;
    let (_, plan, report) = surveyed(text, &[]).await;
    assert_eq!(report.status, Status::Failed);
    let prospects = prospects(&plan);
    assert!(prospects[0].1.starts_with("it failed: "), "{prospects:?}");
    assert_eq!(prospects[1], ("step.make.right", "create"));
}

#[tokio::test]
async fn it_can_be_stopped() {
    let stage = stage("step \"read\" \"slow\" { takes = \"3600000\" }\nstep \"make\" \"a\" {\n  value = \"a\"\n  depends_on = [step.read.slow]\n}").expect("planned");
    let (ask, interrupts) = mpsc::channel(2);
    ask.try_send(()).expect("room");
    ask.try_send(()).expect("room");
    let (plan, report) = stage.refresh(&Events::default(), interrupts).await;
    assert_eq!(report.status, Status::Interrupted);
    assert!(matches!(prospects(&plan)[..], [("step.make.a", _)]));
}

#[tokio::test]
async fn cleanup_is_not_asked_about_what_may_fail() {
    let (_, plan, report) = surveyed(
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
    assert_eq!(prospects(&plan), [("step.make.log", "its arguments are known after step.read.a")]);
}
