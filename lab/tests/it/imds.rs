//! The metadata service of a virtual machine.

use serde_json::{Value, json};

use crate::client::Request;
use crate::{started, world};

const VERSION: &str = "api-version=2018-02-01";

/// A world with a virtual machine; `more` goes into its block, `beside` after it.
fn with_vm(more: &str, beside: &str) -> arcbook_lab::World {
    world(&format!(
        "virtual_machine \"web\" {{\n resource_group = \"rg\"\n client_id = \"{}\"\n {more}\n}}\n{beside}",
        uuid::Uuid::from_u128(7)
    ))
}

fn identity(name: &str) -> String {
    format!("user_assigned_identity \"{name}\" {{ resource_group = \"rg\" }}\n")
}

fn token(more: &str) -> String {
    format!("/metadata/identity/oauth2/token?{VERSION}{more}")
}

#[tokio::test]
async fn a_path_selects_a_node_of_the_document() {
    let lab = started(with_vm("tags = { stage = \"test\" }\n size = \"Standard_B1s\"", "")).await;
    let get = async |target: &str| Request::to_imds(&lab, target).send().await;
    let document = get(&format!("/metadata/instance?{VERSION}")).await.json();
    assert_eq!(document["compute"]["provider"], "Microsoft.Compute");
    assert_eq!(document["compute"]["vmSize"], "Standard_B1s");
    let id =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute";
    assert_eq!(document["compute"]["resourceId"], format!("{id}/virtualMachines/web"));
    let tags = get(&format!("/metadata/instance/compute/tagsList?{VERSION}")).await.json();
    assert_eq!(tags, json!([{ "name": "stage", "value": "test" }]));
    let leaf = get(&format!("/metadata/instance/compute/tagsList/0/value?{VERSION}&format=text")).await;
    assert_eq!((leaf.text().as_str(), leaf.header("content-type")), ("test", Some("text/plain")));
    let names = get(&format!("/metadata/instance/compute/plan?{VERSION}&format=text")).await.text();
    assert_eq!(names, "name\nproduct\npublisher");
    assert!(get("/metadata/versions").await.json()["apiVersions"].as_array().unwrap().len() > 3);
}

#[tokio::test]
async fn tokens_are_for_the_identity_that_the_request_selects() {
    let beside = format!("{}{}", identity("one"), identity("two"));
    let lab = started(with_vm("", &beside)).await;
    let answer = Request::to_imds(&lab, &token("&resource=https://management.azure.com/")).send().await;
    assert!(answer.json().as_object().unwrap().values().all(Value::is_string), "{}", answer.text());
    assert_eq!(answer.json()["client_id"], uuid::Uuid::from_u128(7).to_string());
    assert_eq!(answer.json()["resource"], "https://management.azure.com/");
    let two = lab.principals().find(|known| known.name == "two").unwrap();
    for (selector, id) in [("client_id", two.client_id), ("object_id", two.object_id)] {
        let target = token(&format!("&resource=https://vault.azure.net&{selector}={id}"));
        let answer = Request::to_imds(&lab, &target).send().await;
        assert_eq!(answer.json()["client_id"], two.client_id.to_string());
    }
    let log = lab.requests();
    let senders: Vec<_> = log.iter().map(|request| request.principal.as_deref().unwrap()).collect();
    assert_eq!(senders, ["web", "two", "two"]);
}

#[tokio::test]
async fn without_an_identity_of_its_own_a_machine_has_the_only_other_one() {
    let resource = token("&resource=https://vault.azure.net");
    for (identities, says) in [
        (vec![], Some("Identity not found")),
        (vec!["one"], None),
        (vec!["one", "two"], Some("Multiple user assigned identities exist")),
    ] {
        let beside: String = identities.iter().map(|name| identity(name)).collect();
        let lab = started(with_vm("system_assigned = false", &beside)).await;
        let answer = Request::to_imds(&lab, &resource).send().await;
        assert_eq!(answer.status, if says.is_some() { 400 } else { 200 }, "{identities:?}");
        assert!(answer.text().contains(says.unwrap_or("access_token")), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_service_refuses_bad_requests() {
    let lab = started(with_vm("", "")).await;
    lab.inject("imds:429:retry-after=2:path=throttled".parse().unwrap());
    let imds = |target: &str| Request::to_imds(&lab, target);
    let vault = token("&resource=https://vault.azure.net");
    for (request, status, says) in [
        (imds("/metadata/instance"), 400, "\"newest-versions\":[\"2025-04-07\""),
        (
            imds("/metadata/instance?api-version=2017-01-01"),
            400,
            "api-version is invalid or was not specified",
        ),
        (imds(&format!("/metadata/instance?{VERSION}&API-version=2020-06-01")), 400, "more than once"),
        (imds(&format!("/metadata/instance/compute/name?{VERSION}")), 400, "is a leaf"),
        (imds(&format!("/metadata/instance/none?{VERSION}")), 404, "not_found"),
        (imds(&vault).header("X-Forwarded-For", "1.2.3.4"), 403, "X-Forwarded-For"),
        (imds(&token("")), 400, "'resource' is missing"),
        (imds(&token("&resource=https://example.com")), 400, "invalid_resource"),
        (imds(&format!("{vault}&client_id=00000000-0000-0000-0000-000000000001")), 400, "Identity not found"),
        (imds(&format!("{vault}&client_id=a&object_id=b")), 400, "Only one of"),
        (imds(&format!("{vault}&throttled")), 429, "TooManyRequests"),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    let bare = format!("GET {vault} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let bare = crate::client::exchange(lab.imds().unwrap().port, bare.as_bytes());
    assert!(String::from_utf8(bare.await.unwrap()).unwrap().contains("bad_request_102"));
}

#[tokio::test]
async fn a_virtual_machine_can_be_the_only_machine() {
    let text = r#"
        tenant_id    = "10000000-0000-4000-8000-000000000001"
        subscription = "00000000-0000-0000-0000-000000000000"
        resource_group "rg" { location = "westeurope" }
        virtual_machine "web" { resource_group = "rg" }
        role_assignment { role = "Reader" }
    "#;
    let lab = started(arcbook_lab::World::parse(text, "web.lab.hcl").unwrap()).await;
    let answer = Request::to_imds(&lab, &token("&resource=https://management.azure.com")).send().await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}{}/resources?api-version=2021-04-01", lab.azure().arm, crate::SUBSCRIPTION);
    let resources = Request::to_azure(&lab, "GET", &url).bearer(&token).send().await;
    assert_eq!(resources.json()["value"][0]["identity"]["type"], "SystemAssigned");
    let himds = Request::to_himds(&lab, "/metadata/instance?api-version=2020-06-01").send().await;
    assert_eq!(himds.status, 404, "there is no agent");
}
