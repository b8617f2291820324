//! Machines that a step disconnects.

use arcbook_engine::step::{Change, Existing, PriorState};
use arcbook_engine::value::Value;

use super::{Machine, connected, id, place, principal};
use crate::world::text;

#[tokio::test]
async fn a_machine_is_disconnected_once() {
    let machine = Machine::new().await.with_azure();
    let outcome = machine.apply("arc_connect", &place(vec![]), None).await.unwrap();
    let here = vec![("resource_id", id("edge", "WEB-01").into())];
    let gone = machine.apply("arc_disconnect", &here, None).await.unwrap();
    assert_eq!((gone.change, text(&gone, "resource_id")), (Change::Removed, &*id("edge", "web-01")));
    assert!(!machine.is_in_azure(&outcome).await);
    machine.keeps("eyJ");
    for (before, expected) in [(None, Change::None), (Some(PriorState::Present), Change::Removed)] {
        let again = machine.apply("arc_disconnect", &here, before).await.unwrap();
        assert_eq!((again.change, again.outputs["resource_id"].is_null()), (expected, true));
    }
    assert_eq!(machine.count("disconnect"), 1);
}

#[tokio::test]
async fn the_agent_alone_forgets_its_connection() {
    let machine = Machine::new().await;
    machine.write("shown", &connected(&id("edge", "web-01")));
    let local = vec![("force_local_only", true.into())];
    assert_eq!(
        machine.lines("arc_disconnect", &local),
        ["run azcmagent show -j", "run azcmagent disconnect --force-local-only"]
    );
    let gone = machine.apply("arc_disconnect", &local, None).await.unwrap();
    assert_eq!((gone.change, machine.read("configs")), (Change::Removed, String::new()));
}

#[tokio::test]
async fn a_service_principal_disconnects() {
    let machine = Machine::new().await;
    machine.write("shown", &connected(&id("edge", "web-01")));
    let error = machine.apply("arc_disconnect", &principal("canary-wrong"), None).await.unwrap_err();
    assert_eq!((error.code(), error.is_uncertain()), (Some("AZCM0041"), false));
    let gone = machine.apply("arc_disconnect", &principal("canary-principal"), None).await.unwrap();
    assert_eq!(gone.change, Change::Removed);
    machine.keeps("canary");
    machine.write("shown", &connected(&id("edge", "web-01")));
    machine.write("code", "43");
    let error = machine.apply("arc_disconnect", &principal("canary-principal"), None).await.unwrap_err();
    assert!(error.is_uncertain() && !format!("{error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn another_machine_is_not_disconnected() {
    let machine = Machine::new().await;
    machine.write("shown", &connected(&id("edge", "other")));
    let given = vec![("resource_id", Value::from(id("edge", "web-01").as_str()))];
    let error = machine.apply("arc_disconnect", &given, None).await.unwrap_err();
    assert_eq!(error.about(), Some("resource_id"));
    assert_eq!((machine.count("disconnect"), machine.read("shown").is_empty()), (0, false));
    let none = vec![("program", Value::from("/nowhere/azcmagent"))];
    let found = machine.work("arc_disconnect", &none).find(machine.context(None)).await.unwrap();
    assert!(matches!(found, Existing::AsWanted(_)), "a machine without the agent has no connection");
    let wrong = [("resource_id", "/subscriptions/s/resourceGroups/g".into())];
    assert_eq!(machine.bench.refused("arc_disconnect", &wrong)[0].argument(), "resource_id");
}
