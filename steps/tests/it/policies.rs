//! Access policies of key vaults.

use arcbook_engine::step::{Change, Existing, PriorState};
use arcbook_engine::value::{Type, Value};

use crate::world::Bench;

const POLICY: &str = "keyvault_access_policy";
const PRINCIPAL: &str = "20000000-0000-4000-8000-000000000001";

const WORLD: &str = r#"
role_assignment { role = "Contributor" }
"#;

fn vault(name: &str) -> Value {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Microsoft.KeyVault/vaults/{name}"
    )
    .into()
}

fn list(permissions: &[&'static str]) -> Value {
    Value::list(Type::String, permissions.iter().map(|permission| Value::from(*permission)))
}

fn given(principal: &str, more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    [&[("vault_id", vault("closed01")), ("principal_id", principal.into())], more].concat()
}

async fn bench() -> Bench {
    Bench::of(WORLD).await
}

/// Returns the object id of the machine.
fn own(bench: &Bench) -> String {
    bench.lab.principals().next().unwrap().object_id.to_string()
}

#[tokio::test]
async fn a_policy_opens_the_vault_and_an_undo_closes_it() {
    let bench = bench().await;
    let read = async || {
        bench
            .run("keyvault_secret", &[("vault", "closed01".into()), ("name", "scenario".into())])
            .await
            .is_ok()
    };
    assert!(!read().await);
    let given = given(&own(&bench), &[("secrets", list(&["Get", "list"]))]);
    let (outcome, receipt) = bench.keep(POLICY, &given, bench.context()).await.unwrap();
    assert_eq!(outcome.change, Change::Created);
    assert!(read().await, "the vault heeds the policy");
    assert_eq!(bench.keep(POLICY, &given, bench.context()).await.unwrap().0.change, Change::None);
    assert_eq!(bench.undo_kept(POLICY, &receipt.clone().unwrap()).await.unwrap(), Change::Removed);
    assert!(!read().await);
    assert_eq!(bench.undo_kept(POLICY, &receipt.unwrap()).await.unwrap(), Change::None);
}

#[tokio::test]
async fn only_the_declared_kinds_of_one_principal_change() {
    let bench = bench().await;
    let other = given("20000000-0000-4000-8000-000000000002", &[("secrets", list(&["get"]))]);
    bench.keep(POLICY, &other, bench.context()).await.unwrap();
    let both = given(PRINCIPAL, &[("secrets", list(&["get", "list"])), ("keys", list(&["sign"]))]);
    bench.keep(POLICY, &both, bench.context()).await.unwrap();
    let fewer = given(PRINCIPAL, &[("secrets", list(&["get"]))]);
    let found = bench.find(POLICY, &fewer, None).await;
    let Ok(Existing::Different(differences, Some(_))) = &found else { panic!("{found:?}") };
    assert_eq!((differences.len(), &*differences[0].attribute), (1, "secrets"));
    assert_eq!((&differences[0].was, &differences[0].will), (&list(&["get", "list"]), &list(&["get"])));
    let (outcome, updated) = bench.keep(POLICY, &fewer, bench.context()).await.unwrap();
    assert_eq!(outcome.change, Change::Updated);
    let permissions = outcome.outputs["permissions"].to_json().unwrap();
    assert_eq!(permissions["keys"], serde_json::json!(["sign"]), "what is left out stays");
    assert_eq!(bench.undo_kept(POLICY, &updated.unwrap()).await.unwrap(), Change::Updated);
    assert_eq!(bench.keep(POLICY, &both, bench.context()).await.unwrap().0.change, Change::None);
    let absent = given(PRINCIPAL, &[("absent", true.into())]);
    let (outcome, removed) = bench.keep(POLICY, &absent, bench.context()).await.unwrap();
    assert_eq!(outcome.change, Change::Removed);
    assert_eq!(bench.keep(POLICY, &absent, bench.context()).await.unwrap().0.change, Change::None);
    assert_eq!(bench.undo_kept(POLICY, &removed.unwrap()).await.unwrap(), Change::Created);
    assert_eq!(bench.keep(POLICY, &both, bench.context()).await.unwrap().0.change, Change::None);
    assert_eq!(bench.keep(POLICY, &other, bench.context()).await.unwrap().0.change, Change::None);
}

#[tokio::test]
async fn a_policy_that_somebody_else_changed_is_kept() {
    let bench = bench().await;
    let first = given(PRINCIPAL, &[("secrets", list(&["get"]))]);
    let (_, created) = bench.keep(POLICY, &first, bench.context()).await.unwrap();
    let later = given(PRINCIPAL, &[("secrets", list(&["get", "set"]))]);
    bench.keep(POLICY, &later, bench.context()).await.unwrap();
    let error = bench.undo_kept(POLICY, &created.unwrap()).await.unwrap_err();
    assert!(error.summary().contains("has changed since"), "{error}");
}

#[tokio::test]
async fn conflicts_and_lost_answers_change_a_policy_once() {
    for fault in [
        "arm:conflict:method=PUT:path=/accessPolicies/",
        "arm:lost-answer:method=PUT",
        "arm:429:retry-after-ms=1:method=PUT",
    ] {
        let bench = bench().await;
        bench.fault(fault);
        let given = given(PRINCIPAL, &[("secrets", list(&["get"]))]);
        assert_eq!(
            bench.keep(POLICY, &given, bench.context()).await.unwrap().0.change,
            Change::Created,
            "{fault}"
        );
        let resumed = bench.context().after(Some(PriorState::Absent));
        assert_eq!(bench.keep(POLICY, &given, resumed).await.unwrap().0.change, Change::Created, "{fault}");
    }
}

#[tokio::test]
async fn a_vault_with_roles_has_no_use_for_policies() {
    let roles = "key_vault \"roles01\" {\n  resource_group = \"arc_pilot\"\n  rbac = true\n}";
    let bench = Bench::of(&format!("role_assignment {{ role = \"Contributor\" }}\n{roles}")).await;
    let given =
        [("vault_id", vault("roles01")), ("principal_id", PRINCIPAL.into()), ("secrets", list(&["get"]))];
    let error = bench.keep(POLICY, &given, bench.context()).await.map(drop).unwrap_err();
    assert!(error.summary().contains("uses roles"), "{error}");
    assert_eq!((error.about(), bench.changes()), (Some("vault_id"), 0));
}

#[tokio::test]
async fn who_may_not_change_policies_is_told() {
    let bench = Bench::start().await;
    let given = given(PRINCIPAL, &[("secrets", list(&["get"]))]);
    let error = bench.keep(POLICY, &given, bench.context()).await.map(drop).unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(403), Some("AuthorizationFailed")));
    for (arguments, wrong) in [
        (vec![("vault_id", "/subscriptions/s".into()), ("principal_id", PRINCIPAL.into())], "vault_id"),
        (vec![("vault_id", vault("closed01")), ("principal_id", PRINCIPAL.into())], "secrets"),
    ] {
        let errors = bench.refused(POLICY, &arguments);
        assert!(format!("{errors:?}").contains(wrong), "{errors:?}");
    }
}
