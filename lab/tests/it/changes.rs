//! Changes through ARM that take place at once.

use serde_json::{Value, json};

use crate::SUBSCRIPTION;
use crate::client::Request;
use crate::subscription::{Subscription, assert_refused, in_group};

const NONE: Value = Value::Null;

#[tokio::test]
async fn a_resource_is_created_replaced_merged_and_deleted() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Sync/things/x");
    assert_refused(&azure.get(&id).await, 404, "ResourceNotFound", "before");
    let body = json!({
        "location": "West Europe",
        "tags": { "a": "1", "b": "2" },
        "kind": "big",
        "properties": { "size": 3, "mode": "manual", "password": "hush", "provisioningState": "Odd" },
    });
    let created = azure.send("PUT", &id, &body).await;
    assert_eq!(created.status, 201, "{}", created.text());
    assert!(created.header("x-ms-ratelimit-remaining-subscription-writes").is_some(), "{created:?}");
    let created = created.json();
    for (pointer, value) in [
        ("/id", json!(id)),
        ("/name", json!("x")),
        ("/type", json!("Lab.Sync/things")),
        ("/location", json!("westeurope")),
        ("/kind", json!("big")),
        ("/tags", json!({ "a": "1", "b": "2" })),
        ("/properties/size", json!(3)),
        ("/properties/mode", json!("manual")),
        ("/properties/network", json!({ "public": true, "ports": [1] })),
        ("/properties/provisioningState", json!("Succeeded")),
    ] {
        assert_eq!(created.pointer(pointer), Some(&value), "{pointer}");
    }
    assert_eq!(azure.get(&id).await.json(), created, "GET and PUT show the same");

    let merged = json!({ "tags": { "a": null, "c": "3" }, "properties": { "network": { "ports": [2] } } });
    let merged = azure.send("PATCH", &id, &merged).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    let merged = merged.json();
    assert_eq!(merged["tags"], json!({ "b": "2", "c": "3" }));
    assert_eq!(merged["properties"]["network"], json!({ "public": true, "ports": [2] }));
    assert_eq!(merged["properties"]["size"], 3);

    let replaced = azure.send("PUT", &id, &json!({ "location": "westeurope" })).await;
    assert_eq!(replaced.status, 200);
    let replaced = replaced.json();
    assert_eq!((&replaced["tags"], &replaced["kind"]), (&NONE, &NONE), "PUT replaces the whole");
    assert_eq!(replaced["properties"]["mode"], "auto");
    assert_eq!(azure.send("DELETE", &id, &NONE).await.status, 200);
    assert_eq!(azure.send("DELETE", &id, &NONE).await.status, 204);
    assert_refused(&azure.get(&id).await, 404, "ResourceNotFound", "after");
    assert_eq!(azure.changes(), 4, "the second DELETE changed nothing");
}

#[tokio::test]
async fn ids_ignore_case_and_keep_the_stored_one() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Sync/things/Ab");
    let loud = format!("{}/RESOURCEGROUPS/RG/Providers/LAB.sync/THINGS/aB", SUBSCRIPTION.to_uppercase());
    assert_eq!(azure.send("PUT", &id, &json!({ "location": "northeurope" })).await.status, 201);
    for method in ["PUT", "PATCH", "GET"] {
        let body = if method == "GET" { NONE } else { json!({ "location": "North Europe" }) };
        let answer = azure.send(method, &loud, &body).await;
        assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(id)), "{method}");
    }
    let part = format!("{loud}/PARTS/One");
    let part = azure.send("PUT", &part, &json!({})).await.json();
    assert_eq!(part["id"], json!(format!("{id}/parts/One")), "a new id has the spelling of its parent");
    assert_eq!((&part["name"], &part["type"]), (&json!("One"), &json!("Lab.Sync/things/parts")));
    let listed = azure.get(&format!("{SUBSCRIPTION}/resources")).await.json();
    let listed: Vec<_> = listed["value"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert_eq!(listed, ["Ab", "Ab/One", "vm-1"]);
    assert_eq!(azure.send("DELETE", &loud, &NONE).await.status, 200);
    assert_refused(&azure.get(&format!("{id}/parts/One")).await, 404, "ResourceNotFound", "children go too");
}

#[tokio::test]
async fn write_only_members_are_stored_and_not_returned() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Sync/things/x");
    let properties =
        json!({ "password": "hush", "users": [{ "name": "u", "key": "hush" }], "workspaceId": "/A/B" });
    azure.send("PUT", &id, &json!({ "location": "westeurope", "properties": properties })).await;
    let list = in_group("Lab.Sync/things");
    for target in [&id, &list] {
        let text = azure.get(target).await.text();
        assert!(!text.contains("hush") && !text.contains("password") && text.contains("\"u\""), "{text}");
        assert!(text.contains("/a/b"), "normalised: {text}");
    }
    let written = azure.lab.written(&id.to_uppercase()).unwrap();
    assert_eq!(written["properties"]["password"], "hush", "a test sees whether a secret arrived");
    assert_eq!(azure.lab.written("/x"), None);
}

#[tokio::test]
async fn the_principal_of_a_change_is_named() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Sync/things/x");
    let data =
        azure.send("PUT", &id, &json!({ "location": "westeurope" })).await.json()["systemData"].clone();
    let machine = azure.get(&in_group("Microsoft.HybridCompute/machines/vm-1")).await.json();
    assert_eq!(data["createdBy"], machine["identity"]["principalId"]);
    let listed = format!("{SUBSCRIPTION}/resources?api-version=2024-06-01&$expand=createdTime,changedTime");
    let listed = azure.at("GET", &listed).send().await.json();
    assert_eq!(listed["value"][0].get("createdTime"), None, "no request created the machine");
    assert_eq!(listed["value"][1]["createdTime"], data["createdAt"]);
    let patched = azure.send("PATCH", &id, &json!({})).await.json();
    assert_eq!(patched["systemData"]["createdAt"], data["createdAt"]);
    assert_eq!(patched["systemData"]["lastModifiedBy"], data["createdBy"]);
}

#[tokio::test]
async fn tags_of_a_patch_merge_or_replace_by_type() {
    let azure = Subscription::new("").await;
    azure.send("PUT", &in_group("Lab.Sync/things/x"), &json!({ "location": "westeurope" })).await;
    let group = format!("{SUBSCRIPTION}/resourceGroups/rg");
    for (path, tags) in [
        (in_group("Lab.Sync/things/x"), json!({ "a": "1", "b": "2" })),
        (in_group("Lab.Sync/things/x/parts/y"), json!({ "b": "2" })),
        (group, json!({ "b": "2" })),
    ] {
        azure.send("PUT", &path, &json!({ "location": "westeurope", "tags": { "a": "1" } })).await;
        let patched = azure.send("PATCH", &path, &json!({ "tags": { "b": "2" } })).await;
        assert_eq!((patched.status, &patched.json()["tags"]), (200, &tags), "{path}");
    }
    let machine = in_group("Microsoft.HybridCompute/machines/vm-1");
    let refused = azure.send("PATCH", &machine, &json!({ "tags": {} })).await;
    assert_refused(&refused, 404, "InvalidResourceNamespace", "a type that is not declared does not change");
}

#[tokio::test]
async fn a_machine_of_a_declared_type_keeps_its_own_properties() {
    let azure = Subscription::new(r#"resource_type "Microsoft.HybridCompute/machines" {}"#).await;
    let id = in_group("Microsoft.HybridCompute/machines/vm-1");
    let body = json!({ "tags": { "a": "1" }, "properties": { "locationData": { "name": "here" } } });
    let machine = azure.send("PATCH", &id, &body).await.json();
    assert_eq!(machine["properties"]["locationData"]["name"], "here");
    assert_eq!((&machine["properties"]["status"], &machine["tags"]["a"]), (&json!("Connected"), &json!("1")));
    let tags = azure.get(&format!("{SUBSCRIPTION}/tagNames")).await.json();
    assert_eq!(tags["value"][0]["tagName"], "a", "lists see the change");
}

#[tokio::test]
async fn conditions_are_checked_where_the_type_has_etags() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Sync/things/x");
    let body = json!({ "location": "westeurope" }).to_string();
    let send = |method: &str, header: &str, value: &str| {
        azure.request(method, &id).header(header, value).body(body.clone()).send()
    };
    assert_refused(&send("PUT", "If-Match", "*").await, 412, "PreconditionFailed", "nothing to match");
    let created = send("PUT", "If-None-Match", "*").await;
    assert_eq!(created.status, 201);
    let etag = created.header("etag").unwrap().to_owned();
    assert_eq!(created.json()["etag"], json!(etag));
    for (method, header, value, status) in [
        ("PUT", "If-None-Match", "*", 412),
        ("PUT", "If-Match", "\"other\"", 412),
        ("PATCH", "If-Match", "\"other\"", 412),
        ("DELETE", "If-Match", "\"other\"", 412),
        ("PUT", "If-Match", &format!("\"other\", W/{etag}"), 200),
        ("PUT", "If-Match", &etag, 412),
        ("DELETE", "If-Match", "*", 200),
    ] {
        assert_eq!(send(method, header, value).await.status, status, "{method} {header}: {value}");
    }
    azure.send("PUT", &id, &json!({ "location": "westeurope" })).await;
    let part = format!("{id}/parts/y");
    for status in [201, 200] {
        let put = azure.request("PUT", &part).header("If-None-Match", "*").body("{}").send().await;
        assert_eq!(
            (put.status, put.header("etag")),
            (status, None),
            "a type without ETag ignores conditions"
        );
    }
}

#[tokio::test]
async fn refusals_have_arms_codes() {
    let azure = Subscription::new("").await;
    let thing = in_group("Lab.Sync/things/x");
    let old = format!("{thing}?api-version=2020-01-01");
    let no_group = thing.replace("/rg/", "/none/");
    let group = format!("{SUBSCRIPTION}/resourceGroups/new");
    let west = r#"{"location":"westeurope"}"#;
    azure.request("PUT", &in_group("Lab.Sync/things/old")).body(west).send().await;
    let here = in_group("Lab.Sync/things/old");
    let usual = |path: &str| format!("{path}?api-version=2024-06-01");
    for (method, target, body, status, code) in [
        ("PUT", thing.clone(), west, 400, "MissingApiVersionParameter"),
        ("PUT", old.clone(), west, 400, "NoRegisteredProviderFound"),
        ("GET", old.clone(), "", 400, "NoRegisteredProviderFound"),
        ("PUT", usual(&in_group("Lab.Absent/things/x")), west, 409, "MissingSubscriptionRegistration"),
        ("GET", usual(&in_group("Lab.Absent/things/x")), "", 409, "MissingSubscriptionRegistration"),
        ("PUT", usual(&in_group("Lab.Nothing/things/x")), west, 404, "InvalidResourceNamespace"),
        ("PUT", usual(&in_group("Lab.Sync/nothing/x")), west, 404, "InvalidResourceType"),
        ("PUT", usual(&no_group), west, 404, "ResourceGroupNotFound"),
        ("DELETE", usual(&no_group), "", 404, "ResourceGroupNotFound"),
        ("PUT", usual(&in_group("Lab.Sync/things/none/parts/y")), "{}", 404, "ParentResourceNotFound"),
        ("PATCH", usual(&thing), "{}", 404, "ResourceNotFound"),
        ("PUT", usual(&thing), "", 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), "hush", 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), "[]", 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), r#"{"location":5}"#, 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), r#"{"tags":["a"]}"#, 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), r#"{"tags":{"a":1}}"#, 400, "InvalidRequestContent"),
        ("PATCH", usual(&here), r#"{"tags":{"a":1}}"#, 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), r#"{"properties":"hush"}"#, 400, "InvalidRequestContent"),
        ("PUT", usual(&thing), r#"{"location":"Mars"}"#, 400, "LocationNotAvailableForResourceType"),
        ("PUT", usual(&here), r#"{"location":"northeurope"}"#, 409, "InvalidResourceLocation"),
        ("PUT", usual(&group), "{}", 400, "LocationRequired"),
        ("PATCH", usual(&group), "{}", 404, "ResourceGroupNotFound"),
        ("DELETE", usual(&group), "", 404, "ResourceGroupNotFound"),
        ("PUT", usual(&in_group("Lab.Sync/things")), west, 405, "HttpMethodNotSupported"),
        ("PUT", usual(SUBSCRIPTION), west, 405, "HttpMethodNotSupported"),
        ("POST", usual(&format!("{here}/burn")), "", 404, "InvalidAction"),
        ("POST", usual(&format!("{thing}/listKeys")), "", 404, "ResourceNotFound"),
    ] {
        let answer = azure.at(method, &target).body(body).send().await;
        assert_refused(&answer, status, code, &format!("{method} {target} {body}"));
        assert!(!answer.text().contains("hush"), "the body is not quoted: {}", answer.text());
    }
    let message = azure.at("PUT", &old).body(west).send().await.text();
    assert!(message.contains("'2024-01-01, 2024-06-01'") && message.contains("'westeurope, northeurope'"));
    assert_eq!(azure.changes(), 1, "nothing but the first PUT changed anything");
}

#[tokio::test]
async fn content_is_json() {
    let azure = Subscription::new("").await;
    let url = format!("{}{}?api-version=2024-06-01", azure.lab.azure().arm, in_group("Lab.Sync/things/x"));
    let token = crate::client::token(&azure.lab, "https://management.azure.com").await;
    for (media_type, status) in [
        (None, 415),
        (Some("text/json"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("Application/JSON; charset=utf-8"), 201),
    ] {
        let request = Request::to_azure(&azure.lab, "PUT", &url).bearer(&token).body("\u{feff}{}");
        let request = match media_type {
            Some(media_type) => request.header("Content-Type", media_type),
            None => request,
        };
        assert_eq!(request.send().await.status, status, "{media_type:?}");
    }
}

#[tokio::test]
async fn odd_changes_are_refused() {
    let azure = Subscription::new(r#"resource_type "Lab.Async/things/parts" { etag = true }"#).await;
    let deep = "[".repeat(100_000);
    let paths = [
        "/providers/Lab.Sync/things/%2F",
        "/providers/Lab.Sync/things/x/providers/Lab.Async/things/y",
        "/providers/Lab.Async/things/x/parts/y/parts/z",
        "/providers/providers/providers/providers",
        "/resourceGroups/rg/providers/Lab.Sync/things/%E2%82%AC",
        "/resourceGroups/%20",
        "/resourceGroups/rg/providers/Lab.Sync",
        "/providers/Lab.Sync/register",
        "/operationResults/00000000-0000-0000-0000-000000000001",
        "",
    ];
    for path in paths {
        for method in ["PUT", "PATCH", "POST", "DELETE", "GET", "HEAD"] {
            for body in ["", "{}", "null", "5", r#"{"properties":{"network":null}}"#, &deep, "\u{0}"] {
                let request = azure.request(method, &format!("{SUBSCRIPTION}{path}"));
                let request = request.header("If-Match", "\"").header("If-None-Match", "W/");
                let answer = request.body(body).send().await;
                assert!(answer.status < 500, "{method} {path} {body:.30}: {}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn locks_policies_and_conflicts_can_be_declared() {
    let azure = Subscription::new(r#"faults = ["arm:scope-locked:method=DELETE:path=/things/x"]"#).await;
    let id = in_group("Lab.Sync/things/x");
    let body = json!({ "location": "westeurope" });
    azure.send("PUT", &id, &body).await;
    let locked = azure.send("DELETE", &id, &NONE).await;
    assert_refused(&locked, 409, "ScopeLocked", "of the world file");
    assert!(locked.text().contains(&format!("'{id}' cannot perform delete operation")));
    for (fault, status, code) in [
        ("policy", 403, "RequestDisallowedByPolicy"),
        ("another-operation", 409, "AnotherOperationInProgress"),
        ("conflict", 409, "Conflict"),
        ("retryable", 429, "RetryableErrorDueToAnotherOperation"),
        ("409", 409, "Conflict"),
    ] {
        azure.lab.inject(format!("arm:{fault}:method=PUT").parse().unwrap());
        let refused = azure.send("PUT", &id, &body).await;
        assert_refused(&refused, status, code, fault);
        assert_eq!(azure.send("PUT", &id, &body).await.status, 200, "once");
    }
    azure.lab.inject("arm:policy".parse().unwrap());
    let denied = azure.send("PUT", &id, &body).await.json();
    assert_eq!(denied["error"]["target"], "x");
    assert_eq!(denied["error"]["additionalInfo"][0]["info"]["policyDefinitionEffect"], "deny");
}

#[tokio::test]
async fn each_change_needs_its_permission_at_its_scope() {
    let types = r#"
        role_assignment { role = "Reader" }
        resource_type "Lab.Sync/things" {}
        resource_type "Microsoft.HybridCompute/machines" {}
        resource "Microsoft.HybridCompute/machines" "mine" {
            resource_group = "rg"
            role_assignment { role = "Azure Connected Machine Onboarding" }
        }
    "#;
    let azure = Subscription::of(types).await;
    let mine = in_group("Microsoft.HybridCompute/machines/mine");
    let other = in_group("Microsoft.HybridCompute/machines/vm-1");
    let group = format!("{SUBSCRIPTION}/resourceGroups/new");
    let thing = in_group("Lab.Sync/things/x");
    assert_eq!(azure.send("PATCH", &mine, &json!({ "tags": { "a": "1" } })).await.status, 200);
    for (method, path, action) in [
        ("DELETE", mine.clone(), "Microsoft.HybridCompute/machines/delete"),
        ("PATCH", other, "Microsoft.HybridCompute/machines/write"),
        ("PUT", thing.clone(), "Lab.Sync/things/write"),
        ("DELETE", thing.clone(), "Lab.Sync/things/delete"),
        ("POST", format!("{mine}/restart"), "Microsoft.HybridCompute/machines/restart/action"),
        ("PUT", group.clone(), "Microsoft.Resources/subscriptions/resourceGroups/write"),
        ("DELETE", group, "Microsoft.Resources/subscriptions/resourceGroups/delete"),
        ("POST", format!("{SUBSCRIPTION}/providers/Lab.Sync/register"), "Lab.Sync/register/action"),
    ] {
        let denied = azure.send(method, &path, &json!({ "location": "westeurope" })).await;
        assert_refused(&denied, 403, "AuthorizationFailed", &format!("{method} {path}"));
        let text = denied.text();
        assert!(text.contains(&format!("'{action}' over scope '{SUBSCRIPTION}")), "{text}");
    }
    assert_eq!(azure.get(&thing).await.status, 404, "a reader sees that there is nothing");
}

#[tokio::test]
async fn resource_groups_are_created_and_deleted_with_their_content() {
    let azure = Subscription::new("").await;
    let group = format!("{SUBSCRIPTION}/resourceGroups/New");
    let body = json!({ "location": "North Europe", "tags": { "a": "1" } });
    let created = azure.send("PUT", &group, &body).await;
    assert_eq!((created.status, &created.json()["location"]), (201, &json!("northeurope")));
    assert_eq!(azure.send("PUT", &group.to_lowercase(), &body).await.json()["name"], "New");
    let thing = format!("{group}/providers/Lab.Sync/things/x");
    azure.send("PUT", &thing, &json!({ "location": "westeurope" })).await;
    let deleted = azure.send("DELETE", &group, &NONE).await;
    assert_eq!((deleted.status, deleted.body.len()), (202, 0));
    let url = deleted.header("location").unwrap().to_owned();
    assert!(url.contains(&format!("{SUBSCRIPTION}/operationResults/")), "{url}");
    assert_eq!(azure.get(&thing).await.status, 200, "it is not gone yet");
    let refused = azure.send("PUT", &thing, &json!({ "location": "westeurope" })).await;
    assert_refused(&refused, 409, "ResourceGroupBeingDeleted", "a group that goes takes nothing in");
    assert_eq!(azure.poll(&url).await.status, 202);
    assert_eq!(azure.poll(&url).await.status, 204);
    assert_refused(&azure.get(&group).await, 404, "ResourceGroupNotFound", "gone");
    assert_refused(&azure.get(&thing).await, 404, "ResourceGroupNotFound", "gone with its group");
}

#[tokio::test]
async fn a_subscription_is_registered_for_a_namespace() {
    let azure = Subscription::new("").await;
    let provider = format!("{SUBSCRIPTION}/providers/Lab.Absent");
    assert_eq!(azure.get(&provider).await.json()["registrationState"], "NotRegistered");
    let registered = azure.send("POST", &format!("{provider}/register"), &NONE).await.json();
    assert_eq!(registered["registrationState"], "Registered");
    assert_eq!(azure.send("PUT", &in_group("Lab.Absent/things/x"), &json!({})).await.status, 201);
    let sync = azure.get(&format!("{SUBSCRIPTION}/providers/lab.sync")).await.json();
    assert_eq!(sync["resourceTypes"][0]["apiVersions"], json!(["2024-06-01", "2024-01-01"]), "newest first");
    let none = azure.get(&format!("{SUBSCRIPTION}/providers/Lab.Nothing")).await;
    assert_refused(&none, 404, "InvalidResourceNamespace", "unknown");
}

/// No block declares the types of machines, vaults and accounts.
#[tokio::test]
async fn resources_of_other_blocks_have_their_providers() {
    let vault = "key_vault \"kv00000000\" { resource_group = \"rg\" }";
    let azure = Subscription::new(vault).await;
    for namespace in ["Microsoft.HybridCompute", "microsoft.keyvault"] {
        let provider = azure.get(&format!("{SUBSCRIPTION}/providers/{namespace}")).await.json();
        assert_eq!(provider["registrationState"], "Registered", "{namespace}");
    }
}
