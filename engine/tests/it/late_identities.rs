//! Identities that exist only after a step.

use arcbook_engine::run::Status;
use tokio::sync::mpsc;

use crate::support::{Events, notes, stage};

#[tokio::test(start_paused = true)]
async fn the_tokens_of_an_identity_wait_for_what_it_depends_on() {
    let text = |fails: bool| {
        format!(
            r#"
            identity "actor" "later" {{
              name       = "later"
              depends_on = [step.read.first]
            }}
            step "read" "_acts" {{
              host     = "a.test"
              identity = identity.actor.later
            }}
            step "read" "first" {{ fails = {fails} }}
            "#
        )
    };
    for (fails, expected) in
        [(false, vec!["step_started", "step_finished", "token_requested"]), (true, vec!["step_started"])]
    {
        let stage = stage(&text(fails)).unwrap();
        assert_eq!(notes(&stage), "", "an identity reads nothing of what it waits for");
        let events = Events::default();
        let report = stage.run(10, &events).await;
        let told = events.all();
        let is_of_first = |event: &&serde_json::Value| event["step"] == "step.read.first";
        let is_token = |event: &&serde_json::Value| event["event"] == "token_requested";
        let order = told.iter().filter(|event| is_of_first(event) || is_token(event));
        let order: Vec<_> = order.filter_map(|event| event["event"].as_str()).collect();
        let order: Vec<_> = order.into_iter().filter(|name| *name != "step_failed").collect();
        assert_eq!(order, expected);
        assert_eq!(report.summary.done, if fails { 0 } else { 2 });
    }
    let cycle = text(false).replace("fails = false", "host = \"b.test\"\nidentity = identity.actor.later");
    assert!(stage(&cycle).err().unwrap().contains("let another identity act in that step"));
    let wrong = text(false).replace("[step.read.first]", "[step.read.first.value]");
    assert!(stage(&wrong).err().unwrap().contains("is not a step or a module"));
}

#[tokio::test]
async fn a_token_of_an_identity_after_a_change_is_not_requested() {
    let text = r#"
        step "make" "machine" { value = "a" }
        identity "actor" "machine" {
          name       = "machine"
          depends_on = [step.make.machine]
        }
        step "read" "as_machine" {
          host     = "a.test"
          identity = identity.actor.machine
        }
    "#;
    for (there, is_requested) in [(&[][..], false), (&["+a"], true)] {
        let stage = stage(text).unwrap();
        for line in there {
            stage.service.push((*line).to_owned());
        }
        let (_keep, interrupts) = mpsc::channel(1);
        let (plan, report) = stage.refresh(&Events::default(), interrupts).await;
        assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
        let lines = stage.log.lines();
        assert_eq!(lines.iter().any(|line| line.contains("token of")), is_requested, "{lines:?}");
        assert_eq!(lines.contains(&"step.read.as_machine ended".to_owned()), is_requested, "{lines:?}");
        assert_eq!(plan.is_pending(), !is_requested);
    }
}
