//! Extensions of Arc-enabled servers.

use arcbook_engine::step::{Change, ErrorKind, PriorState};
use arcbook_engine::value::{Marks, Value};

use crate::world::{Bench, Given, json, text, told};

const WORLD: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Microsoft.HybridCompute/machines/extensions" {
  write_only = ["properties.protectedSettings"]
  operation {
    kind  = "azure-async-operation"
    polls = 2
  }
}
"#;

const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Microsoft.HybridCompute/machines/ArcBox-01";

fn given(more: &[(&'static str, Value)]) -> Given {
    let usual = [
        ("machine", MACHINE.into()),
        ("publisher", "Microsoft.Azure.Extensions".into()),
        ("type", "CustomScript".into()),
    ];
    [&usual, more].concat()
}

fn settings(text: &str) -> (&'static str, Value) {
    ("settings", json(text))
}

fn id() -> String {
    format!("{MACHINE}/extensions/CustomScript")
}

fn secret(text: &str) -> (&'static str, Value) {
    ("protected_settings", json(text).with_marks(&Marks::sensitive("var.script")))
}

async fn keep(bench: &Bench, given: &Given) -> Change {
    bench.keep_step("arc_extension", given, bench.context()).await.expect("kept").outcome.change
}

#[tokio::test]
async fn an_extension_is_installed_changed_and_removed() {
    let bench = Bench::of(WORLD).await;
    let one = given(&[settings(r#"{"size":1}"#), ("version", "2.1".into())]);
    let two = given(&[settings(r#"{"size":2}"#)]);
    assert_eq!(told(bench.find("arc_extension", &one, None).await), "absent");
    let created = bench.keep_step("arc_extension", &one, bench.context()).await.expect("installed");
    assert_eq!((created.outcome.change, text(&created.outcome, "id")), (Change::Created, &*id()));
    assert_eq!(text(&created.outcome, "version"), "2.1");
    assert_eq!(bench.lab.written(&id()).expect("written")["location"], "westeurope", "as the server has it");
    assert_eq!(keep(&bench, &one).await, Change::None);
    assert_eq!(told(bench.find("arc_extension", &two, None).await), "differs: properties.settings.size");
    let updated = bench.keep_step("arc_extension", &two, bench.context()).await.expect("changed");
    assert_eq!(updated.outcome.change, Change::Updated);
    let undone = bench.undo_step("arc_extension", &updated.receipt.expect("a receipt")).await;
    assert_eq!(undone.expect("possible").expect("undone"), Change::Updated);
    assert_eq!(keep(&bench, &one).await, Change::None, "it was put back");
    let created = bench.undo_step("arc_extension", &created.receipt.expect("a receipt")).await;
    let stale = created.expect("possible").expect_err("it has changed since");
    assert!(stale.summary().contains("has changed since"), "{stale}");
}

#[tokio::test]
async fn an_installed_extension_is_removed_by_the_undo() {
    let bench = Bench::of(WORLD).await;
    let created = bench.keep_step("arc_extension", &given(&[]), bench.context()).await.expect("installed");
    let undone = bench.undo_step("arc_extension", &created.receipt.expect("a receipt")).await;
    assert_eq!(undone.expect("possible").expect("undone"), Change::Removed);
    assert!(bench.lab.written(&id()).is_none());
}

/// Protected settings are sent with every change, never compared, and no record holds what was before.
#[tokio::test]
async fn protected_settings_are_sent_and_never_seen() {
    let bench = Bench::of(WORLD).await;
    let first = given(&[secret(r#"{"commandToExecute":"canary-8812-one"}"#)]);
    let other = given(&[secret(r#"{"commandToExecute":"canary-8812-two"}"#)]);
    let tagged = [other.clone(), vec![("force_update_tag", Value::from("2"))]].concat();
    assert_eq!(keep(&bench, &first).await, Change::Created);
    assert!(bench.lab.written(&id()).expect("written").to_string().contains("canary-8812-one"));
    assert_eq!(keep(&bench, &other).await, Change::None, "nobody can compare them");
    assert_eq!(
        told(bench.find("arc_extension", &tagged, None).await),
        "differs: properties.forceUpdateTag, not to be put back"
    );
    let updated = bench.keep_step("arc_extension", &tagged, bench.context()).await.expect("changed");
    assert!(bench.lab.written(&id()).expect("written").to_string().contains("canary-8812-two"));
    let receipt = updated.receipt.expect("a receipt");
    assert!(!format!("{receipt:?}", receipt = receipt.proof).contains("canary"));
    assert!(bench.undo_step("arc_extension", &receipt).await.is_none());
}

#[tokio::test]
async fn a_failure_has_the_message_of_the_extension() {
    let failing = WORLD.replace(
        "polls = 2",
        "polls = 1\n    fails = { code = \"VMExtensionProvisioningError\", message = \"apt is locked by canary-9011\" }",
    );
    let bench = Bench::of(&failing).await;
    bench.secrets.add("canary-9011");
    let error =
        bench.keep_step("arc_extension", &given(&[]), bench.context()).await.map(drop).expect_err("fails");
    let why = error.why().unwrap_or_default();
    assert!(why.contains("The extension says: Extension Message: apt is locked by (sensitive)"), "{why}");
    assert!(error.is_uncertain(), "it may have done a part of its work");
    assert_eq!(
        told(bench.find("arc_extension", &given(&[]), None).await),
        "differs: properties.provisioningState",
        "a failed extension is tried again"
    );
}

#[tokio::test]
async fn an_extension_without_an_end_is_named() {
    let bench = Bench::of(WORLD).await;
    bench.fault("arm:operation-never-ends:method=PUT");
    let given = given(&[("provisioning_timeout", "3s".into())]);
    let error = bench.keep_step("arc_extension", &given, bench.context()).await.map(drop).expect_err("stuck");
    assert_eq!((error.kind(), error.is_uncertain()), (ErrorKind::Timeout, true), "{error:?}");
    assert!(error.summary().contains("its state is Creating after 3s"), "{error}");
    let other = crate::world::Given::from([
        ("machine", MACHINE.into()),
        ("publisher", "P".into()),
        ("type", "Other".into()),
    ]);
    let error = bench.keep_step("arc_extension", &other, bench.context()).await.map(drop).expect_err("busy");
    assert_eq!((error.code(), error.is_uncertain()), (Some("HCRP409"), false), "{error:?}");
    assert!(error.remedies().iter().any(|help| help.contains("gc_ext.log")), "{error:?}");
}

/// The step waits for its turn, and a lost answer or a resumed run makes no second change.
#[tokio::test]
async fn an_extension_is_sent_once() {
    for fault in
        ["arm:lost-answer:method=PUT", "arm:another-operation:method=PUT", "arm:429:method=PUT:retry-after=0"]
    {
        let bench = Bench::patient(WORLD).await;
        bench.fault(fault);
        assert_eq!(keep(&bench, &given(&[])).await, Change::Created, "{fault}");
        assert_eq!(bench.changes(), 1, "{fault}");
    }
    let bench = Bench::of(WORLD).await;
    keep(&bench, &given(&[])).await;
    let found = bench.find("arc_extension", &given(&[]), Some(PriorState::Absent)).await;
    assert_eq!(told(found), "as wanted, created", "the killed attempt made it");
}

#[tokio::test]
async fn wrong_arguments_of_an_extension_are_named() {
    let bench = Bench::of(WORLD).await;
    let wrong = given(&[("settings", "x".into()), ("protected_settings", 5_i64.into())]);
    assert_eq!(bench.refused("arc_extension", &wrong).len(), 2);
    let mut elsewhere = given(&[]);
    elsewhere[0] = ("machine", format!("{MACHINE}/extensions/x").into());
    assert_eq!(bench.refused("arc_extension", &elsewhere).len(), 1);
}
