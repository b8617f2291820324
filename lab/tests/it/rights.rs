//! Role assignments, groups, tags, registrations, queries and limits: each through its own requests.

use arcbook_lab::{Lab, World};
use serde_json::{Value, json};

use crate::client::{Answer, Request, token};
use crate::{SUBSCRIPTION, started};

const WORLD: &str = r#"
tenant_id            = "10000000-0000-4000-8000-000000000001"
subscription         = "00000000-0000-0000-0000-000000000000"
registration_polls   = 1
role_assignment_limit = 6

role_propagation { checks = 1 }

resource_group "rg" { location = "westeurope" }

machine "web01" {
  resource_group    = "rg"
  tags              = { Env = "test" }
  graph_permissions = ["GroupMember.ReadWrite.All"]
}

role_assignment { role = "Owner" }

service_principal "reader" {}

group "servers" {
  id = "30000000-0000-4000-8000-000000000001"
  role_assignment { role = "Key Vault Secrets User" }
}

role "Tag Reader" { actions = ["Microsoft.Resources/tags/read"] }

resource_type "Lab.New/things" { registered = false }
"#;

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const GROUP: &str = "30000000-0000-4000-8000-000000000001";
const NAME: &str = "40000000-0000-4000-8000-000000000001";

fn parsed(text: &str) -> World {
    World::parse(text, "rights.lab.hcl").unwrap()
}

struct Bench {
    lab: Lab,
    arm: String,
    graph: String,
}

impl Bench {
    async fn start() -> Self {
        let lab = started(parsed(WORLD)).await;
        let arm = token(&lab, "https://management.azure.com").await;
        let graph = token(&lab, "https://graph.microsoft.com").await;
        Self { lab, arm, graph }
    }

    async fn arm_as(&self, token: &str, method: &str, target: &str, body: &Value) -> Answer {
        let url = format!("{}{target}", self.lab.azure().arm);
        let request = Request::to_azure(&self.lab, method, &url).bearer(token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        request.header("content-type", "application/json").body(body).send().await
    }

    async fn arm(&self, method: &str, target: &str, body: Value) -> Answer {
        self.arm_as(&self.arm, method, target, &body).await
    }

    async fn graph(&self, method: &str, target: &str, body: Value) -> Answer {
        let url = format!("{}/v1.0{target}", self.lab.azure().arm.replace("management", "graph"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::to_azure(&self.lab, method, &url).bearer(&self.graph);
        request.header("content-type", "application/json").body(body).send().await
    }

    fn id_of(&self, name: &str) -> String {
        let found = self.lab.principals().find(|principal| principal.name == name);
        found.map(|principal| principal.object_id.to_string()).unwrap()
    }
}

fn assignment(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01")
}

fn granting(role: &str, principal: &str) -> Value {
    let role = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}");
    json!({ "properties": { "roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal" } })
}

#[tokio::test]
async fn a_role_is_assigned_takes_effect_and_is_removed() {
    let bench = Bench::start().await;
    let (reader, scope) = (bench.id_of("reader"), format!("{SUBSCRIPTION}/resourceGroups/rg"));
    let others = bench.lab.token("reader", "https://management.azure.com").unwrap();
    let read = format!("{scope}?api-version=2021-04-01");
    let may = async || bench.arm_as(&others, "GET", &read, &Value::Null).await.status;
    assert_eq!(may().await, 403);
    let path = assignment(&scope, NAME);
    assert_eq!(bench.arm("GET", &path, Value::Null).await.code(), "RoleAssignmentNotFound");
    assert_eq!(bench.arm("PUT", &path, granting(READER, &reader)).await.status, 201);
    assert_eq!([may().await, may().await], [403, 200], "a new role takes effect after a while");
    assert_eq!(bench.arm("PUT", &path, granting(READER, &reader)).await.status, 200);
    assert_eq!(bench.arm("GET", &path, Value::Null).await.json()["properties"]["principalId"], reader);
    let list =
        format!("{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=");
    let found = bench.arm("GET", &format!("{list}principalId%20eq%20'{reader}'"), Value::Null).await.json();
    assert_eq!(found["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(bench.arm("DELETE", &path, Value::Null).await.status, 200);
    assert_eq!(bench.arm("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(may().await, 403);
}

#[tokio::test]
async fn what_cannot_be_assigned_is_refused() {
    let bench = Bench::start().await;
    let reader = bench.id_of("reader");
    let path = |name: &str| assignment(SUBSCRIPTION, name);
    let machine = bench.id_of("web01");
    assert_eq!(bench.arm("PUT", &path(NAME), granting(READER, &reader)).await.status, 201);
    let other = NAME.replace("01", "02");
    let group = json!({ "properties": { "principalType": "User", "principalId": GROUP, "roleDefinitionId": READER } });
    let nobody = "50000000-0000-4000-8000-000000000001";
    for (name, body, status, code) in [
        (NAME, granting(READER, &machine), 400, "RoleAssignmentUpdateNotPermitted"),
        (&other, granting(READER, &reader), 409, "RoleAssignmentExists"),
        (&other, granting(nobody, &reader), 400, "RoleDefinitionDoesNotExist"),
        (&other, granting(READER, nobody), 400, "PrincipalNotFound"),
        (&other, group, 400, "UnmatchedPrincipalType"),
        ("x", granting(READER, &reader), 400, "InvalidRoleAssignmentId"),
    ] {
        let answer = bench.arm("PUT", &path(name), body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text());
    }
    let absent = assignment(&format!("{SUBSCRIPTION}/resourceGroups/none"), NAME);
    assert_eq!(bench.arm("PUT", &absent, granting(READER, &reader)).await.code(), "ResourceGroupNotFound");
    bench.lab.inject("arm:principal-not-found".parse().unwrap());
    assert_eq!(bench.arm("PUT", &path(&other), granting(READER, &machine)).await.code(), "PrincipalNotFound");
    for name in ["3", "4", "5"].map(|last| NAME.replace("000001", &format!("00000{last}"))) {
        let roles = ["4633458b-17de-408a-b874-0445c86b69e6", "21090545-7ca7-4776-b22c-e363652d74d2", READER];
        let role = roles[usize::from(name.as_bytes()[35] - b'3')];
        bench.arm("PUT", &path(&name), granting(role, &machine)).await;
    }
    let role = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
    let full = bench.arm("PUT", &path(&NAME.replace("000001", "000009")), granting(role, &machine)).await;
    assert_eq!(full.code(), "RoleAssignmentLimitExceeded");
}

#[tokio::test]
async fn members_are_added_once_and_removed() {
    let bench = Bench::start().await;
    let reader = bench.id_of("reader");
    let (add, one) =
        (format!("/groups/{GROUP}/members/$ref"), format!("/groups/{GROUP}/members/{reader}/$ref"));
    let body = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{reader}") });
    assert_eq!(bench.graph("GET", &one, Value::Null).await.code(), "Request_ResourceNotFound");
    assert_eq!(bench.graph("POST", &add, body.clone()).await.status, 204);
    let again = bench.graph("POST", &add, body).await;
    assert_eq!((again.status, again.code().as_str()), (400, "Request_BadRequest"));
    assert!(again.text().contains("added object references already exist"));
    assert_eq!(bench.graph("GET", &one, Value::Null).await.status, 200);
    let list = bench.graph("GET", &format!("/groups/{GROUP}/members"), Value::Null).await.json();
    assert_eq!(list["value"][0]["id"], reader);
    assert_eq!(
        bench.graph("GET", &format!("/groups/{GROUP}"), Value::Null).await.json()["displayName"],
        "servers"
    );
    assert_eq!(bench.graph("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(bench.graph("DELETE", &one, Value::Null).await.status, 404);
    let nobody = json!({ "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/50000000-0000-4000-8000-000000000001" });
    assert_eq!(bench.graph("POST", &add, nobody).await.status, 404);
    let others = bench.lab.token("reader", "https://graph.microsoft.com").unwrap();
    let refused = Bench { graph: others, ..bench }.graph("GET", &one, Value::Null).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "Authorization_RequestDenied"));
}

#[tokio::test]
async fn tags_are_merged_without_a_right_on_the_resource() {
    let bench = Bench::start().await;
    let machine =
        format!("{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/web01");
    for scope in [machine.as_str(), SUBSCRIPTION] {
        let path = format!("{scope}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
        let merge =
            json!({ "operation": "Merge", "properties": { "tags": { "env": "prod", "owner": "ops" } } });
        let merged = bench.arm("PATCH", &path, merge.clone()).await.json();
        let spelled = if scope == SUBSCRIPTION { "env" } else { "Env" };
        assert_eq!(merged["properties"]["tags"], json!({ spelled: "prod", "owner": "ops" }), "{scope}");
        bench.arm("PATCH", &path, merge).await;
        let delete = json!({ "operation": "Delete", "properties": { "tags": { "OWNER": "" } } });
        bench.arm("PATCH", &path, delete).await;
        let read = bench.arm("GET", &path, Value::Null).await.json();
        assert_eq!(read["properties"]["tags"], json!({ spelled: "prod" }));
    }
    let changed = bench.lab.requests().iter().filter(|request| request.changed).count();
    assert_eq!(changed, 4, "a merge of what is there changes nothing");
}

#[tokio::test]
async fn a_provider_is_registered_after_a_while() {
    let bench = Bench::start().await;
    let path = format!("{SUBSCRIPTION}/providers/Lab.New");
    let state = async |method: &str, path: &str| {
        let answer = bench.arm(method, &format!("{path}?api-version=2021-04-01"), Value::Null).await;
        answer.json()["registrationState"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("GET", &path).await, "NotRegistered");
    assert_eq!(state("POST", &format!("{path}/register")).await, "Registering");
    assert_eq!(state("GET", &path).await, "Registering");
    assert_eq!(state("GET", &path).await, "Registered");
}

#[tokio::test]
async fn the_registrations_are_listed() {
    let bench = Bench::start().await;
    let path = format!("{SUBSCRIPTION}/providers?api-version=2021-04-01");
    let list = bench.arm("GET", &path, Value::Null).await.json();
    let listed = list["value"].as_array().unwrap().iter();
    let listed: Vec<_> = listed.map(|one| (&one["namespace"], &one["registrationState"])).collect();
    let (registered, not) = (&json!("Registered"), &json!("NotRegistered"));
    let [new, locks, machines, groups] =
        &["Lab.New", "Microsoft.Authorization", "Microsoft.HybridCompute", "Microsoft.Resources"]
            .map(|name| json!(name));
    assert_eq!(listed, [(new, not), (locks, registered), (machines, registered), (groups, registered)]);
    assert_eq!(list["value"][0]["resourceTypes"][0]["resourceType"], "things");
    let others = bench.lab.token("reader", "https://management.azure.com").unwrap();
    assert_eq!(bench.arm_as(&others, "GET", &path, &Value::Null).await.code(), "AuthorizationFailed");
}

#[tokio::test]
async fn roles_are_found_by_name_and_by_id() {
    let bench = Bench::start().await;
    let all = format!("{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Authorization/roleDefinitions");
    let list = async |filter: &str| {
        let answer = bench.arm("GET", &format!("{all}?api-version=2022-04-01{filter}"), Value::Null).await;
        (answer.status, answer.json())
    };
    let (_, found) = list("&$filter=roleName%20eq%20'Reader'").await;
    let reader = &found["value"][0];
    let id = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    assert_eq!((&reader["name"], &reader["id"]), (&json!(READER), &json!(id)));
    assert_eq!(reader["properties"]["permissions"][0]["actions"], json!(["*/read"]));
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let (_, own) = list("&$filter=roleName%20eq%20'Tag%20Reader'").await;
    assert_eq!(own["value"][0]["properties"]["type"], "CustomRole");
    assert!(list("").await.1["value"].as_array().unwrap().len() > 10);
    assert_eq!(list("&$filter=type%20eq%20'x'").await.0, 400);
    let get = async |path: String| bench.arm("GET", &path, Value::Null).await;
    assert_eq!(&get(format!("{id}?api-version=2022-04-01")).await.json(), reader);
    let missing = get(format!("{all}/{NAME}?api-version=2022-04-01")).await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "RoleDefinitionDoesNotExist"));
}

#[tokio::test]
async fn the_directory_is_not_for_those_who_may_only_change_members() {
    let bench = Bench::start().await;
    let body = json!({ "ids": [bench.id_of("reader")] });
    let refused = bench.graph("POST", "/directoryObjects/getByIds", body).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "Authorization_RequestDenied"));
}

#[tokio::test]
async fn queries_find_what_the_caller_may_read() {
    let bench = Bench::start().await;
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
    let query = json!({ "query": "resources | where type =~ 'Microsoft.HybridCompute/machines' | project id, name, os = properties.osType" });
    let answer = bench.arm("POST", path, query.clone()).await;
    let found = answer.json();
    assert_eq!((&found["totalRecords"], &found["data"][0]["name"]), (&1.into(), &"web01".into()));
    assert_eq!((&found["resultTruncated"], &found["data"][0]["os"]), (&"false".into(), &"linux".into()));
    assert_eq!(answer.header("x-ms-user-quota-resets-after"), Some("00:00:05"));
    let others = bench.lab.token("reader", "https://management.azure.com").unwrap();
    assert_eq!(bench.arm_as(&others, "POST", path, &query).await.json()["totalRecords"], 0);
    let odd = bench.arm("POST", path, json!({ "query": "resources | join (x)" })).await;
    assert_eq!((odd.status, odd.code().as_str()), (400, "BadRequest"));
    assert!(odd.text().contains("the operators are where"), "{}", odd.text());
}

#[tokio::test]
async fn a_limit_refuses_what_comes_too_fast() {
    let lab =
        started(parsed(&format!("{WORLD}\nthrottle \"arm\" {{\n  burst = 2\n  per_second = 0.001\n}}")))
            .await;
    let token = token(&lab, "https://management.azure.com").await;
    let url = format!("{}{SUBSCRIPTION}?api-version=2021-04-01", lab.azure().arm);
    let send = async || Request::to_azure(&lab, "GET", &url).bearer(&token).send().await;
    let answers = [send().await, send().await, send().await];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 200, 429]);
    assert_eq!(answers[2].header("retry-after"), Some("1000"));
}

#[tokio::test]
async fn a_caller_is_told_what_it_may_do_at_a_scope() {
    let bench = Bench::start().await;
    let at =
        |scope: &str| format!("{scope}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01");
    let group = format!("{SUBSCRIPTION}/resourceGroups/rg");
    let told = bench.arm("GET", &at(&group), Value::Null).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let own = &told.json()["value"];
    assert_eq!((own[0]["actions"][0].as_str(), own.as_array().map(Vec::len)), (Some("*"), Some(1)));
    // The right to ask is a right like any other.
    let reader = bench.lab.token("reader", "https://management.azure.com").unwrap();
    let refused = bench.arm_as(&reader, "GET", &at(&group), &Value::Null).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed".to_owned()));
}
