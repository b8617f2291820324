//! Locks, policies, extensions, and operations that fail at their end.

use serde_json::{Value, json};

use crate::SUBSCRIPTION;
use crate::subscription::{Subscription, assert_refused, in_group};

const NONE: Value = Value::Null;

const WORLD: &str = r#"
    role_assignment { role = "Owner" }
    resource_group "kept" { location = "westeurope" }
    resource_type "Lab.Now/things" {
        action "start" {}
    }
    resource_type "Microsoft.HybridCompute/machines/extensions" {
        operation { kind = "azure-async-operation" }
    }
    resource_type "Lab.Broken/things" {
        operation {
            kind  = "azure-async-operation"
            polls = 0
            fails = { code = "DiskFull", message = "There is no room." }
        }
    }
    resource "Lab.Now/things" "free" { resource_group = "rg" }
    resource "Lab.Now/things" "guarded" { resource_group = "rg" }
    resource "Lab.Now/things" "frozen" { resource_group = "rg" }
    lock "keep" {
        resource_group = "rg"
        resource       = "Lab.Now/things/guarded"
        level          = "CanNotDelete"
    }
    lock "still" {
        resource_group = "rg"
        resource       = "Lab.Now/things/frozen"
        level          = "ReadOnly"
    }
    policy_denial "names" { name = "forbidden-*" }
    policy_denial "types" {
        resource_type = "Lab.Broken/things"
        name          = "never"
    }
"#;

/// Microsoft's client takes any other status for a failure.
#[tokio::test]
async fn the_answer_to_a_new_extension_is_200_or_202() {
    let long = "operation { kind = \"azure-async-operation\" }";
    for (rule, status) in [("", 200), (long, 202)] {
        let world = "role_assignment { role = \"Owner\" }\nresource_type \"Microsoft.HybridCompute/machines/extensions\" {\n";
        let azure = Subscription::of(&format!("{world}{rule}\n}}")).await;
        let id = in_group("Microsoft.HybridCompute/machines/vm-1/extensions/x");
        let body = json!({ "location": "westeurope", "properties": { "publisher": "P", "type": "T" } });
        assert_eq!(azure.send("PUT", &id, &body).await.status, status, "{rule}");
        while azure.get(&id).await.json()["properties"]["provisioningState"] != "Succeeded" {}
        assert_eq!(azure.send("PUT", &id, &body).await.status, 200, "{rule}");
    }
}

#[tokio::test]
async fn a_lock_excludes_what_its_level_says() {
    let azure = Subscription::of(WORLD).await;
    for (name, method, status) in [
        ("free", "PUT", 200),
        ("guarded", "PUT", 200),
        ("guarded", "PATCH", 200),
        ("guarded", "DELETE", 409),
        ("frozen", "PUT", 409),
        ("frozen", "PATCH", 409),
        ("frozen", "DELETE", 409),
        ("frozen", "GET", 200),
    ] {
        let body = if ["PUT", "PATCH"].contains(&method) { json!({ "tags": { "a": "b" } }) } else { NONE };
        let answer = azure.send(method, &in_group(&format!("Lab.Now/things/{name}")), &body).await;
        assert_eq!(answer.status, status, "{name} {method}: {}", answer.text());
        if status == 409 {
            assert_refused(&answer, 409, "ScopeLocked", name);
        }
    }
    let start = in_group("Lab.Now/things/frozen/start");
    assert_refused(&azure.send("POST", &start, &NONE).await, 409, "ScopeLocked", "an action");
    let group = format!("{SUBSCRIPTION}/resourceGroups/rg");
    assert_refused(&azure.send("DELETE", &group, &NONE).await, 409, "ScopeLocked", "locks below count");
}

#[tokio::test]
async fn a_lock_is_a_resource_that_can_be_made_and_removed() {
    let azure = Subscription::of(WORLD).await;
    let id = in_group("Lab.Now/things/free");
    let lock = format!("{id}/providers/Microsoft.Authorization/locks/mine");
    let body = json!({ "properties": { "level": "CanNotDelete" } });
    assert_eq!(azure.send("PUT", &lock, &body).await.status, 201);
    assert_refused(&azure.send("DELETE", &id, &NONE).await, 409, "ScopeLocked", "locked");
    let listed = azure.get(&format!("{SUBSCRIPTION}/resources")).await.text();
    assert!(!listed.contains("locks"), "a lock is in no list of resources: {listed}");
    assert_eq!(azure.send("DELETE", &lock, &NONE).await.status, 200);
    assert_eq!(azure.send("DELETE", &id, &NONE).await.status, 200);
}

#[tokio::test]
async fn a_policy_denies_types_and_names() {
    let azure = Subscription::of(WORLD).await;
    for (name, status) in [
        ("Lab.Now/things/forbidden-1", 403),
        ("Lab.Now/things/allowed", 201),
        ("Lab.Broken/things/never", 403),
        ("Lab.Now/things/never", 201),
    ] {
        let answer = azure.send("PUT", &in_group(name), &json!({})).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        if status == 403 {
            let info = &answer.json()["error"]["additionalInfo"][0]["info"];
            assert_eq!(answer.code(), "RequestDisallowedByPolicy");
            assert_eq!(info["policyDefinitionEffect"], "deny", "{info}");
        }
    }
}

#[tokio::test]
async fn an_operation_fails_with_the_error_of_the_world() {
    let azure = Subscription::of(WORLD).await;
    let id = in_group("Lab.Broken/things/x");
    let started = azure.send("PUT", &id, &json!({})).await;
    let ended = azure.poll(started.header("azure-asyncoperation").unwrap()).await.json();
    assert_eq!(ended["status"], "Failed");
    let cause = &ended["error"]["details"][0]["details"][0];
    assert_eq!(*cause, json!({ "code": "DiskFull", "message": "There is no room." }));
    assert_eq!(azure.get(&id).await.json()["properties"]["provisioningState"], "Failed");
}

#[tokio::test]
async fn a_server_works_on_one_extension_and_has_one_of_each_type() {
    let azure = Subscription::of(WORLD).await;
    let id = |name: &str| in_group(&format!("Microsoft.HybridCompute/machines/vm-1/extensions/{name}"));
    let body = |kind: &str| json!({ "location": "westeurope", "properties": { "publisher": "Pub", "type": kind, "typeHandlerVersion": "2.1" } });
    let started = azure.send("PUT", &id("one"), &body("One")).await;
    assert_eq!(started.status, 202, "{}", started.text());
    for (name, kind) in [("two", "Two"), ("one", "One")] {
        let busy = azure.send("PUT", &id(name), &body(kind)).await;
        assert_refused(&busy, 409, "HCRP409", name);
    }
    let place = started.header("azure-asyncoperation").unwrap();
    while azure.poll(place).await.json()["status"] == "InProgress" {}
    let view = &azure.get(&id("one")).await.json()["properties"]["instanceView"];
    assert_eq!((&view["status"]["code"], &view["typeHandlerVersion"]), (&json!("success"), &json!("2.1")));
    assert_refused(&azure.send("PUT", &id("two"), &body("one")).await, 400, "BadRequest", "a second one");
    assert_eq!(azure.send("PUT", &id("two"), &body("Two")).await.status, 202);
}
