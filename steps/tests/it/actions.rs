//! Actions and deletions of ARM.

use arcbook_engine::step::{Change, PriorState};
use arcbook_engine::value::{Data, Value};
use arcbook_steps::registry;

use crate::world::{Bench, Given, json, text};

const WORLD: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Lab.Now/things" {
  action "start" {}
  action "listKeys" {
    result = { keys = [{ name = "one", value = "canary-7731-key" }] }
  }
  action "describe" { result = { size = 3 } }
  action "grow" {
    result = { size = 4 }
    operation {
      kind  = "azure-async-operation"
      polls = 2
    }
  }
  action "listLater" {
    result = { keys = ["canary-7732-key"] }
    operation { kind = "location" }
  }
}

resource "Lab.Now/things" "x" { resource_group = "arc_pilot" }
"#;

const THING: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Lab.Now/things/x";

fn action(name: &str, more: &[(&'static str, Value)]) -> Given {
    let path = format!("{THING}/{name}");
    [&[("path", path.into()), ("api_version", "2024-01-01".into())], more].concat()
}

fn posts(bench: &Bench) -> usize {
    bench.lab.requests().iter().filter(|request| request.method == "POST").count()
}

#[tokio::test]
async fn an_action_returns_its_result_and_hides_a_secret_one() {
    for (name, more, expected) in [
        ("start", &[][..], "updated body:null secret:null"),
        ("describe", &[("effect", "reads".into())], "none body:set secret:null"),
        ("listKeys", &[("effect", "reads".into())], "none body:null secret:set"),
        (
            "listKeys",
            &[("effect", "reads".into()), ("response", "public".into())],
            "none body:set secret:null",
        ),
        ("describe", &[("response", "secret".into())], "updated body:null secret:set"),
        ("grow", &[], "updated body:set secret:null"),
        ("listLater", &[("effect", "reads".into())], "none body:null secret:set"),
    ] {
        let bench = Bench::of(WORLD).await;
        let outcome = bench.run("arm_action", &action(name, more)).await.expect(name);
        let word = |value: &Value| if matches!(value.data(), Data::Null(_)) { "null" } else { "set" };
        let body = word(outcome.body.as_ref().expect("a response"));
        let told =
            format!("{} body:{body} secret:{}", outcome.change.as_str(), word(&outcome.outputs["secret"]));
        assert_eq!(told, expected, "{name} {more:?}");
        assert_eq!(posts(&bench), 1, "{name}");
    }
}

#[tokio::test]
async fn the_result_of_a_long_action_is_that_of_its_operation() {
    for fault in ["", "operation-both-headers:method=POST"] {
        let bench = Bench::of(WORLD).await;
        if !fault.is_empty() {
            bench.fault(&format!("arm:{fault}"));
        }
        let outcome = bench.run("arm_action", &action("grow", &[])).await.expect("ran");
        assert_eq!(outcome.body, Some(json(r#"{"size":4}"#)), "{fault}");
    }
}

/// An action is sent again only if that is harmless.
#[tokio::test]
async fn a_lost_answer_is_uncertain_and_not_repeated() {
    for (more, expected, sent) in [
        (&[][..], "uncertain", 1),
        (&[("idempotent", true.into())], "updated", 2),
        (&[("effect", "reads".into())], "none", 2),
    ] {
        let bench = Bench::of(WORLD).await;
        bench.fault("arm:lost-answer:method=POST");
        let ran = bench.run("arm_action", &action("start", more)).await;
        let told = match &ran {
            Ok(outcome) => outcome.change.as_str(),
            Err(error) if error.is_uncertain() => "uncertain",
            Err(_) => "failed",
        };
        assert_eq!((told, posts(&bench)), (expected, sent), "{more:?}");
    }
}

#[tokio::test]
async fn a_refused_action_has_changed_nothing() {
    for (fault, name, expected) in [
        ("arm:scope-locked:method=POST", "start", "ScopeLocked"),
        ("arm:409:method=POST", "start", "409"),
        ("arm:403:method=POST", "start", "403"),
        ("", "stop", "InvalidAction"),
    ] {
        let bench = Bench::of(WORLD).await;
        if !fault.is_empty() {
            bench.fault(fault);
        }
        let error = bench.run("arm_action", &action(name, &[])).await.map(drop).expect_err(name);
        assert!(error.summary().contains(expected) && !error.is_uncertain(), "{fault}: {error:?}");
    }
}

#[tokio::test]
async fn a_started_action_is_waited_for_and_not_sent_again() {
    let bench = Bench::of(WORLD).await;
    bench.fault("arm:operation-never-ends:method=POST");
    let arguments = action("grow", &[]).into_iter().map(|(name, value)| (name.into(), value)).collect();
    let prepare =
        || registry(&bench.azure).get("arm_action").expect("known").prepare(&arguments).expect("valid");
    let place = bench.until_poll(prepare().run(bench.context())).await;
    bench.fault("arm:404:path=/operationStatuses/:times=always");
    let context = bench.context().after(Some(PriorState::Unknown)).continuing(Some(&place));
    let error = prepare().run(context).await.map(drop).expect_err("the service has forgotten it");
    assert!(error.is_uncertain() && error.summary().contains("does not show the end"), "{error:?}");
    assert_eq!(posts(&bench), 1);
}

#[tokio::test]
async fn wrong_arguments_of_an_action_are_named() {
    let bench = Bench::of(WORLD).await;
    let twice = action("start", &[("effect", "reads".into()), ("idempotent", true.into())]);
    assert_eq!(bench.refused("arm_action", &twice).len(), 1);
    let unversioned = [("path", format!("{THING}/start").into())];
    assert_eq!(bench.refused("arm_action", &unversioned).len(), 1);
}

#[tokio::test]
async fn a_resource_is_deleted_once() {
    for (kind, block) in [
        ("Now", ""),
        ("Async", "operation { kind = \"azure-async-operation\" }"),
        ("Location", "operation { kind = \"location\" }"),
    ] {
        let bench = Bench::of(&format!(
            "role_assignment {{ role = \"Contributor\" }}\nresource_type \"Lab.{kind}/things\" {{\n{block}\n}}\n\
             resource \"Lab.{kind}/things\" \"x\" {{ resource_group = \"arc_pilot\" }}"
        ))
        .await;
        let id = THING.replace("Lab.Now", &format!("Lab.{kind}"));
        let given = vec![("id", Value::from(id.clone())), ("api_version", "2024-01-01".into())];
        for (change, deleted) in [(Change::Removed, true), (Change::None, false)] {
            let kept = bench.keep_step("arm_delete", &given, bench.context()).await.expect(kind);
            assert_eq!(kept.outcome.change, change, "{kind}");
            assert_eq!(
                (text(&kept.outcome, "id"), &kept.outcome.outputs["deleted"]),
                (&*id, &deleted.into())
            );
            if let Some(receipt) = kept.receipt {
                assert!(bench.undo_step("arm_delete", &receipt).await.is_none(), "a deletion is lasting");
            }
        }
        assert_eq!(bench.changes(), 1, "{kind}");
    }
}
