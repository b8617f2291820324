//! Rights: role assignments, memberships, registrations, tags, groups and queries, as a run makes and undoes them.

use arcbook_engine::step::{Change, Existing, Progress, StepError};
use arcbook_engine::value::{Data, Value};
use arcbook_lab::Service;

use crate::world::{Bench, Given, Kept, QUICK, text};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
const GROUP: &str = "30000000-0000-4000-8000-000000000001";
const APPLICATION: &str = "20000000-0000-4000-8000-000000000001";

const WORLD: &str = r#"
registration_polls = 2

role_propagation { checks = 2 }

role_assignment { role = "Owner" }

resource_group "more" {
  location = "westeurope"
  tags     = { Env = "test", keep = "me" }
}

service_principal "operator" {
  client_id         = "20000000-0000-4000-8000-000000000001"
  object_id         = "20000000-0000-4000-8000-000000000002"
}

group "servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["ArcBox-01"]
}

key_vault "roles01" {
  resource_group = "arc_pilot"
  rbac           = true
  secret "scenario" { value = "canary-secret-value" }
}

resource_type "Lab.New/things" { registered = false }
"#;

fn machine(bench: &Bench) -> String {
    let found = bench.lab.principals().find(|principal| principal.name == "ArcBox-01");
    found.map(|principal| principal.object_id.to_string()).unwrap()
}

fn assigning(bench: &Bench, role: &'static str) -> Given {
    let scope = format!("{SUBSCRIPTION}/resourceGroups/arc_pilot");
    vec![("scope", scope.into()), ("role", role.into()), ("principal_id", machine(bench).into())]
}

fn member(bench: &Bench) -> Given {
    vec![("group_id", GROUP.into()), ("member_id", machine(bench).into())]
}

fn tags(pairs: &[(&'static str, &'static str)]) -> Value {
    Value::string_map(pairs.iter().copied())
}

async fn undone_by(bench: &Bench, ty: &str, made: &Kept) -> Result<Change, StepError> {
    let receipt = made.receipt.as_ref().expect("a change");
    bench.undo_step(ty, receipt).await.expect("can be undone")
}

/// Every changing type makes its change once, finds it the second time, and undoes it, if it can be undone.
#[tokio::test]
async fn each_type_converges_and_is_undone() {
    let bench = Bench::patient(WORLD).await;
    let group = format!("{SUBSCRIPTION}/resourceGroups/more");
    let cases: Vec<(&str, Given, Change, Option<Change>)> = vec![
        ("role_assignment", assigning(&bench, "Reader"), Change::Created, Some(Change::Removed)),
        ("entra_group_member", member(&bench), Change::Created, Some(Change::Removed)),
        (
            "provider_registration",
            vec![
                ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
                ("namespace", "Lab.New".into()),
            ],
            Change::Updated,
            None,
        ),
        (
            "resource_tags",
            vec![
                ("id", group.as_str().into()),
                ("tags", tags(&[("env", "prod"), ("new", "x")])),
                ("remove", Value::tuple(["keep".into()])),
            ],
            Change::Updated,
            Some(Change::Updated),
        ),
        (
            "resource_group",
            vec![
                ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
                ("name", "made".into()),
                ("location", "westeurope".into()),
                ("tags", tags(&[("a", "b")])),
            ],
            Change::Created,
            Some(Change::Removed),
        ),
    ];
    for (ty, given, change, undone) in cases {
        let first = bench.converge(ty, &given).await.unwrap();
        assert_eq!(first.outcome.change, change, "{ty}");
        let so_far = bench.changes();
        assert_eq!(bench.converge(ty, &given).await.unwrap().outcome.change, Change::None, "{ty}");
        assert_eq!(bench.changes(), so_far, "{ty}: the second run changes nothing");
        let Some(undone) = undone else { continue };
        assert_eq!(undone_by(&bench, ty, &first).await.unwrap(), undone, "{ty}");
        assert_eq!(undone_by(&bench, ty, &first).await.unwrap(), Change::None, "{ty}: nothing is left");
    }
    let tags = bench.lab.written(&group).unwrap()["tags"].clone();
    assert_eq!(tags, serde_json::json!({ "Env": "test", "keep": "me" }), "the earlier tags are back");
}

/// A change whose answer is lost is made once, and known as this run's own.
#[tokio::test]
async fn a_lost_answer_changes_nothing_twice() {
    for (ty, method, service) in [
        ("role_assignment", "PUT", "arm"),
        ("entra_group_member", "POST", "graph"),
        ("resource_group", "PUT", "arm"),
        ("resource_tags", "PATCH", "arm"),
    ] {
        let bench = Bench::of(WORLD).await;
        let given = match ty {
            "role_assignment" => assigning(&bench, "Reader"),
            "entra_group_member" => member(&bench),
            "resource_group" => vec![
                ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
                ("name", "made".into()),
                ("location", "westeurope".into()),
            ],
            _ => vec![
                ("id", format!("{SUBSCRIPTION}/resourceGroups/more").into()),
                ("tags", tags(&[("a", "b")])),
            ],
        };
        bench.fault(&format!("{service}:lost-answer:method={method}"));
        let outcome = bench.converge(ty, &given).await.unwrap();
        assert_ne!(outcome.outcome.change, Change::None, "{ty}");
        let created = bench.lab.requests().iter().filter(|one| one.changed && one.method == method).count();
        let most = if ty == "resource_group" { 2 } else { 1 };
        assert!((1..=most).contains(&created), "{ty}: a repeated PUT is the same");
    }
}

#[tokio::test]
async fn an_assignment_under_another_name_counts() {
    let bench = Bench::of(WORLD).await;
    let owner = vec![
        ("scope", SUBSCRIPTION.into()),
        ("role", "Owner".into()),
        ("principal_id", machine(&bench).into()),
    ];
    let found = bench.find("role_assignment", &owner, None).await.unwrap();
    assert!(matches!(found, Existing::AsWanted(outcome) if outcome.change == Change::None));
    assert_eq!(bench.changes(), 0);
}

#[tokio::test]
async fn an_assignment_under_another_name_is_not_taken_for_absent() {
    let scope = format!("{SUBSCRIPTION}/resourceGroups/arc_pilot");
    let world = format!("{WORLD}\nrole_assignment {{\n  role  = \"Reader\"\n  scope = \"{scope}\"\n}}");
    let bench = Bench::of(&world).await;
    let absent = [assigning(&bench, "Reader"), vec![("absent", true.into())]].concat();
    let error = bench.converge("role_assignment", &absent).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("still holds the role"), "{error:?}");
    assert!(
        format!("{error:?}").contains("/providers/Microsoft.Authorization/roleAssignments/"),
        "{error:?}"
    );
    assert_eq!(bench.changes(), 0);
}

#[tokio::test]
async fn a_principal_that_is_unknown_yet_is_waited_for_and_then_explained() {
    let bench = Bench::patient(WORLD).await;
    bench.fault("arm:principal-not-found:times=2");
    assert_eq!(
        bench.converge("role_assignment", &assigning(&bench, "Reader")).await.unwrap().outcome.change,
        Change::Created
    );
    // A wrong id is never found, so the time is used up.
    let bench = bench.again(|options| options.policy = QUICK);
    let mut application = assigning(&bench, "Reader");
    application[2].1 = APPLICATION.into();
    let error = bench.converge("role_assignment", &application).await.err().unwrap();
    assert_eq!(error.code(), Some("PrincipalNotFound"));
    assert!(error.remedies()[0].contains("not its application (client) id"), "{error:?}");
    let sent =
        bench.lab.requests().iter().filter(|one| one.method == "PUT" && one.status == Some(400)).count();
    assert!(sent >= 3, "{sent}");
}

#[tokio::test]
async fn too_many_assignments_suggest_a_group() {
    let bench = Bench::of(&format!("role_assignment_limit = 1\n{WORLD}")).await;
    let error = bench.converge("role_assignment", &assigning(&bench, "Reader")).await.err().unwrap();
    assert!(error.remedies()[0].contains("entra_group_member"), "{error:?}");
}

/// A right that this run assigned takes effect late: the data plane is asked again, as long as it may help.
#[tokio::test]
async fn a_new_right_is_waited_for_by_this_run_alone() {
    let bench = Bench::patient(WORLD).await;
    let read = [("vault", "roles01".into()), ("name", "scenario".into())];
    let refused = bench.run("keyvault_secret", &read).await.unwrap_err();
    assert_eq!(
        (refused.status(), bench.count(Service::KeyVault)),
        (Some(403), 1),
        "nothing was assigned yet"
    );
    bench.converge("role_assignment", &assigning(&bench, "Key Vault Secrets User")).await.unwrap();
    let outcome = bench.run("keyvault_secret", &read).await.unwrap();
    assert_eq!(text(&outcome, "value"), "canary-secret-value");
    assert_eq!(bench.count(Service::KeyVault), 4, "two more refusals");
    let told = bench.progress.lock().unwrap();
    assert!(told.iter().any(|told| matches!(told, Progress::Retrying { .. })), "the wait is visible");
}

#[tokio::test]
async fn the_step_itself_waits_until_its_role_is_effective() {
    let bench = Bench::patient(WORLD).await;
    let mut given = assigning(&bench, "Key Vault Secrets User");
    let url = format!("{}/secrets/scenario?api-version=7.4", bench.lab.azure().vault("roles01"));
    given.push(("wait_until_effective", url.into()));
    bench.converge("role_assignment", &given).await.unwrap();
    assert_eq!(bench.count(Service::KeyVault), 3);
    let elsewhere = [("wait_until_effective", "https://example.org/x".into())];
    given.truncate(3);
    given.extend(elsewhere);
    assert_eq!(bench.refused("role_assignment", &given).len(), 1);
}

#[tokio::test]
async fn who_is_a_member_already_stays_one() {
    let bench = Bench::of(
        &WORLD.replace("owners = [\"ArcBox-01\"]", "owners = [\"ArcBox-01\"]\n  members = [\"ArcBox-01\"]"),
    )
    .await;
    assert_eq!(
        bench.converge("entra_group_member", &member(&bench)).await.unwrap().outcome.change,
        Change::None
    );
    let mut absent = member(&bench);
    absent.push(("absent", true.into()));
    assert_eq!(bench.converge("entra_group_member", &absent).await.unwrap().outcome.change, Change::Removed);
    assert_eq!(bench.converge("entra_group_member", &absent).await.unwrap().outcome.change, Change::None);
}

#[tokio::test]
async fn who_may_not_change_a_group_is_told_the_permission() {
    let bench = Bench::of(&WORLD.replace("owners = [\"ArcBox-01\"]", "")).await;
    let error = bench.run("entra_group_member", &member(&bench)).await.unwrap_err();
    assert_eq!(error.code(), Some("Authorization_RequestDenied"));
    assert!(error.remedies()[0].contains("GroupMember.ReadWrite.All of Microsoft Graph"), "{error:?}");
}

#[tokio::test]
async fn a_group_that_is_not_empty_is_kept() {
    let bench = Bench::of(&format!("{WORLD}\nresource_type \"Lab.Now/things\" {{}}")).await;
    let given = vec![
        ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
        ("name", "made".into()),
        ("location", "westeurope".into()),
    ];
    let made = bench.converge("resource_group", &given).await.unwrap();
    let id = format!("{SUBSCRIPTION}/resourceGroups/made/providers/Lab.Now/things/x");
    let thing = vec![
        ("id", id.into()),
        ("api_version", "2024-01-01".into()),
        ("body", Value::parse_json("{}").unwrap()),
    ];
    bench.converge("arm_resource", &thing).await.unwrap();
    let error = undone_by(&bench, "resource_group", &made).await.unwrap_err();
    assert!(error.to_string().contains("not empty"), "{error:?}");
}

#[tokio::test]
async fn a_group_in_another_location_is_an_error() {
    let bench = Bench::of(WORLD).await;
    let given = vec![
        ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
        ("name", "more".into()),
        ("location", "northeurope".into()),
    ];
    let error = bench.converge("resource_group", &given).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("another location"), "{error:?}");
    assert_eq!(bench.changes(), 0);
}

/// Tags that somebody has set since are kept, whether the step had set or removed them.
#[tokio::test]
async fn an_undo_keeps_tags_that_were_set_since() {
    let id = format!("{SUBSCRIPTION}/resourceGroups/more");
    for since in ["env", "new", "keep"] {
        let bench = Bench::of(WORLD).await;
        let of = |more: Given| [vec![("id", id.as_str().into())], more].concat();
        let given = of(vec![
            ("tags", tags(&[("env", "prod"), ("new", "x")])),
            ("remove", Value::tuple(["keep".into()])),
        ]);
        let made = bench.converge("resource_tags", &given).await.unwrap();
        let other = of(vec![("tags", tags(&[(since, "of somebody else")]))]);
        bench.converge("resource_tags", &other).await.unwrap();
        let so_far = bench.changes();
        let error = undone_by(&bench, "resource_tags", &made).await.unwrap_err();
        assert!(error.to_string().contains("have changed since"), "{since}: {error:?}");
        assert_eq!(bench.changes(), so_far, "{since}");
    }
}

#[tokio::test]
async fn the_tags_of_others_are_kept() {
    let bench = Bench::of(WORLD).await;
    let given = vec![
        ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
        ("name", "more".into()),
        ("location", "westeurope".into()),
        ("tags", tags(&[("env", "prod")])),
    ];
    assert_eq!(bench.converge("resource_group", &given).await.unwrap().outcome.change, Change::Updated);
    let written = bench.lab.written(&format!("{SUBSCRIPTION}/resourceGroups/more")).unwrap();
    assert_eq!(written["tags"], serde_json::json!({ "keep": "me", "env": "prod" }));
}

#[tokio::test]
async fn a_query_is_read_page_by_page_and_a_cut_answer_is_an_error() {
    let bench = Bench::of(WORLD).await;
    let ask = async |query: &'static str, size: i64| {
        let given = [("query", query.into()), ("page_size", size.into())];
        bench.run("resource_graph", &given).await
    };
    let outcome = ask("resources | project id, name | order by name asc", 2).await.unwrap();
    let Data::Tuple(rows) = outcome.outputs["rows"].data() else { panic!("no rows") };
    assert_eq!(rows.len(), 7);
    let pages = bench.lab.requests().iter().filter(|one| one.method == "POST").count();
    assert_eq!(pages, 4);
    let error = ask("resources | project name", 2).await.unwrap_err();
    assert!(error.remedies()[0].contains("project the column `id`"), "{error:?}");
    let error = ask("resources | join (x)", 2).await.unwrap_err();
    assert!(error.why().unwrap().contains("the operators are where"), "{error:?}");
}
