use arcbook_lab::Lab;
use serde_json::json;

use crate::client::{Answer, Request, token};
use crate::{SUBSCRIPTION, jumpstart, started, world};

const VAULT: &str = "https://vault.azure.net";

async fn call(lab: &Lab, token: &str, method: &str, vault: &str, target: &str, body: &str) -> Answer {
    let url = format!("{}{target}", lab.azure().vault(vault));
    Request::to_azure(lab, method, &url).bearer(token).body(body).send().await
}

#[tokio::test]
async fn an_unauthenticated_caller_gets_a_challenge() {
    let lab = jumpstart().await;
    let local = lab.azure().vault("arcmi00000000");
    for (base, resource) in [
        (local.as_str(), format!("http://vault.localhost:{}", lab.azure().port)),
        ("https://arcmi00000000.vault.azure.net", VAULT.to_owned()),
    ] {
        let answer = Request::to_azure(&lab, "GET", &format!("{base}/secrets/scenario/")).send().await;
        assert_eq!(answer.status, 401, "the challenge comes before the api-version");
        assert!(answer.text().contains("AKV10000"));
        let challenge = answer.header("www-authenticate").unwrap();
        let expected = format!(
            "Bearer authorization=\"https://login.windows.net/10000000-0000-4000-8000-000000000001\", resource=\"{resource}\""
        );
        assert_eq!(challenge, expected);
    }
}

#[tokio::test]
async fn the_jumpstart_secret_is_read() {
    let lab = jumpstart().await;
    for resource in [VAULT.to_owned(), format!("http://vault.localhost:{}", lab.azure().port)] {
        let token = token(&lab, &resource).await;
        for target in ["/secrets/scenario/?api-version=7.2", "/secrets/SCENARIO?api-version=7.1"] {
            let answer = call(&lab, &token, "GET", "arcmi00000000", target, "").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let secret = answer.json();
            assert_eq!(secret["value"], "Managed Identity");
            assert_eq!(secret["attributes"]["recoveryLevel"], "CustomizedRecoverable+Purgeable");
            let id = secret["id"].as_str().unwrap();
            let version = id.rsplit('/').next().unwrap();
            assert!(version.len() == 32 && id.starts_with(&lab.azure().vault("arcmi00000000")));
            let target = format!("/secrets/scenario/{version}?api-version=2025-07-01");
            let by_version = call(&lab, &token, "GET", "arcmi00000000", &target, "").await;
            assert_eq!(by_version.json()["value"], "Managed Identity");
        }
    }
}

#[tokio::test]
async fn a_token_for_another_service_is_refused_by_name() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com/").await;
    let answer = call(&lab, &token, "GET", "arcmi00000000", "/secrets/scenario?api-version=7.2", "").await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains("AKV10022: Invalid audience."), "{}", answer.text());
    assert!(answer.text().contains("found: https://management.azure.com/."));
}

#[tokio::test]
async fn access_policies_decide_access() {
    let lab = jumpstart().await;
    let token = token(&lab, VAULT).await;
    let list = call(&lab, &token, "GET", "arcmi00000000", "/secrets?api-version=7.2", "").await.json();
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    assert!(list["value"][0].get("value").is_none() && list["nextLink"].is_null());
    let set =
        call(&lab, &token, "PUT", "arcmi00000000", "/secrets/new?api-version=7.2", "{\"value\":\"x\"}").await;
    assert_eq!((set.status, set.code().as_str()), (403, "Forbidden"));
    assert_eq!(set.json()["error"]["innererror"]["code"], "AccessDenied");
    assert!(
        set.text().contains(
            "does not have secrets set permission on key vault 'arcmi00000000;location=westeurope'"
        )
    );
}

#[tokio::test]
async fn roles_decide_access_in_an_rbac_vault() {
    let lab = started(world(
        r#"
        key_vault "readable" {
            resource_group = "rg"
            rbac = true
            secret "a" { value = "1" }
            role_assignment { role = "Key Vault Secrets User" }
        }
        key_vault "closed" {
            resource_group = "rg"
            rbac = true
            secret "a" { value = "1" }
            role_assignment { role = "Owner" }
        }
        "#,
    ))
    .await;
    let token = token(&lab, VAULT).await;
    let get = |vault: &'static str| call(&lab, &token, "GET", vault, "/secrets/a?api-version=7.4", "");
    assert_eq!(get("readable").await.json()["value"], "1");
    let denied = get("closed").await;
    assert_eq!(denied.json()["error"]["innererror"]["code"], "ForbiddenByRbac");
    assert!(denied.text().contains("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'"));
    let set = call(&lab, &token, "PUT", "readable", "/secrets/b?api-version=7.4", "{\"value\":\"x\"}").await;
    assert_eq!(set.status, 403);
}

#[tokio::test]
async fn secrets_are_set_versioned_deleted_and_purged() {
    let lab = started(world(
        "key_vault \"kv-1\" {\n resource_group = \"rg\"\n access_policy { secrets = [\"all\"] }\n}",
    ))
    .await;
    let token = token(&lab, VAULT).await;
    let call = |method: &'static str, target: &str, body: &str| {
        let (token, lab, target, body) =
            (token.clone(), &lab, format!("{target}?api-version=7.5"), body.to_owned());
        async move { call(lab, &token, method, "kv-1", &target, &body).await }
    };
    let first = call(
        "PUT",
        "/secrets/Key",
        "{\"value\":\"1\",\"tags\":{\"a\":\"b\"},\"attributes\":{\"exp\":2000000000}}",
    )
    .await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.json()["attributes"]["exp"], 2_000_000_000);
    call("PUT", "/secrets/key", "{\"value\":\"2\"}").await;
    assert_eq!(call("GET", "/secrets/KEY", "").await.json()["value"], "2");
    let versions = call("GET", "/secrets/key/versions", "").await.json();
    assert_eq!(versions["value"].as_array().unwrap().len(), 2);
    assert_eq!(call("PUT", "/secrets/key", "{}").await.code(), "BadParameter");
    assert_eq!(call("PUT", "/secrets/a_b", "{\"value\":\"x\"}").await.code(), "BadParameter");
    let deleted = call("DELETE", "/secrets/key", "").await.json();
    assert!(deleted["scheduledPurgeDate"].is_i64() && deleted.get("value").is_none());
    assert_eq!(call("GET", "/secrets/key", "").await.code(), "SecretNotFound");
    let again = call("PUT", "/secrets/key", "{\"value\":\"3\"}").await;
    assert_eq!(again.json()["error"]["innererror"]["code"], "ObjectIsDeletedButRecoverable");
    assert_eq!(call("DELETE", "/deletedsecrets/key", "").await.status, 204);
    assert_eq!(call("PUT", "/secrets/key", "{\"value\":\"3\"}").await.status, 200);
    let changed: Vec<_> = lab
        .requests()
        .iter()
        .filter(|request| request.changed)
        .map(|request| request.method.clone())
        .collect();
    assert_eq!(changed, ["PUT", "PUT", "DELETE", "DELETE", "PUT"]);
}

#[tokio::test]
async fn errors_say_what_is_missing() {
    let lab = started(world(
        r#"
        key_vault "kv-1" {
            resource_group = "rg"
            access_policy { secrets = ["get"] }
            secret "off"   { 
                value   = "x"
                enabled = false 
            }
            secret "later" { 
                value      = "x"
                not_before = "2999-01-01T00:00:00Z" 
            }
        }
        "#,
    ))
    .await;
    let token = token(&lab, VAULT).await;
    for (target, status, code) in [
        ("/secrets/none?api-version=7.2", 404, "SecretNotFound"),
        ("/secrets/off?api-version=7.2", 403, "Forbidden"),
        ("/secrets/none/x?api-version=7.2", 404, "SecretNotFound"),
        ("/secrets/off", 400, "BadParameter"),
        ("/secrets/off?api-version=x", 400, "BadParameter"),
        ("/secrets/a_b?api-version=7.2", 400, "BadParameter"),
        ("/keys?api-version=7.2", 404, "ResourceNotFound"),
    ] {
        let answer = call(&lab, &token, "GET", "kv-1", target, "").await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{target}");
        assert!(
            answer.header("x-ms-request-id").is_some() && answer.header("x-ms-keyvault-region").is_some()
        );
    }
    // The times of validity are for information only.
    let later = call(&lab, &token, "GET", "kv-1", "/secrets/later?api-version=7.2", "").await;
    assert_eq!(later.json()["value"], "x");
    let unknown = Request::to_azure(&lab, "GET", &lab.azure().vault("nobody")).send().await;
    assert_eq!(unknown.code(), "VaultNotFound");
}

/// A vault whose deletions and recoveries take two polls.
const SLOW: &str = r#"
    key_vault "kv-1" {
        resource_group = "rg"
        deletion_polls = 2
        access_policy { secrets = ["all"] }
    }
"#;

#[tokio::test]
async fn a_deletion_and_a_recovery_take_their_time() {
    let lab = started(world(SLOW)).await;
    let token = token(&lab, VAULT).await;
    let call = async |method: &'static str, target: &str, body: &str| {
        call(&lab, &token, method, "kv-1", &format!("{target}?api-version=7.4"), body).await
    };
    let inner = |answer: Answer| answer.json()["error"]["innererror"]["code"].clone();
    let set = "{\"value\":\"1\"}";
    let first = call("PUT", "/secrets/key", set).await.json();
    assert_eq!(call("DELETE", "/secrets/key", "").await.status, 200);
    for (method, target) in [("PUT", "/secrets/key"), ("DELETE", "/deletedsecrets/key")] {
        assert_eq!(inner(call(method, target, set).await), "ObjectIsBeingDeleted", "{method}");
    }
    let mut polls = Vec::new();
    for _ in 0..3 {
        polls.push(call("GET", "/deletedsecrets/key", "").await.status);
    }
    assert_eq!(polls, [404, 404, 200]);
    let listed = call("GET", "/deletedsecrets", "").await.json();
    assert!(listed["value"][0]["recoveryId"].is_string() && listed["value"][0].get("value").is_none());
    assert_eq!(inner(call("PUT", "/secrets/key", set).await), "ObjectIsDeletedButRecoverable");
    let recovered = call("POST", "/deletedsecrets/key/recover", "").await;
    assert_eq!((recovered.status, &recovered.json()["id"]), (200, &first["id"]));
    assert_eq!(inner(call("PUT", "/secrets/key", set).await), "ObjectIsBeingRecovered");
    let mut polls = Vec::new();
    for _ in 0..3 {
        polls.push(call("GET", "/secrets/key", "").await.status);
    }
    assert_eq!(polls, [404, 404, 200]);
    assert_eq!(call("POST", "/deletedsecrets/key/recover", "").await.code(), "SecretNotFound");
}

#[tokio::test]
async fn attributes_change_without_a_new_version() {
    let lab = started(world(SLOW)).await;
    let token = token(&lab, VAULT).await;
    let call = async |method: &'static str, target: &str, body: &str| {
        call(&lab, &token, method, "kv-1", &format!("{target}?api-version=7.4"), body).await
    };
    let body = "{\"value\":\"1\",\"contentType\":\"a/b\",\"tags\":{\"a\":\"b\"}}";
    let first = call("PUT", "/secrets/key", body).await.json();
    let version = first["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let patch = "{\"tags\":{},\"attributes\":{\"exp\":2000000000}}";
    for target in ["/secrets/key/".to_owned(), format!("/secrets/key/{version}")] {
        let changed = call("PATCH", &target, patch).await.json();
        assert_eq!(
            (&changed["id"], &changed["contentType"]),
            (&first["id"], &first["contentType"]),
            "{target}"
        );
        assert_eq!(changed["attributes"]["exp"], 2_000_000_000);
        assert!(changed["tags"].as_object().unwrap().is_empty() && changed.get("value").is_none());
    }
    assert_eq!(call("PATCH", "/secrets/key/0", patch).await.code(), "SecretNotFound");
    call("PATCH", "/secrets/key/", "{\"attributes\":{\"enabled\":false}}").await;
    assert_eq!(call("GET", "/secrets/key", "").await.status, 403);
}

#[tokio::test]
async fn a_certificate_is_exported_as_a_secret() {
    let lab = started(world(
        r#"
        key_vault "kv-1" {
            resource_group = "rg"
            access_policy {
                secrets      = ["get", "list"]
                certificates = ["get"]
            }
            certificate "web" { subject = "www.example.net" }
            certificate "pem" { format = "pem" }
            secret "plain" { value = "x" }
        }
        "#,
    ))
    .await;
    let token = token(&lab, VAULT).await;
    let get = async |target: &str| {
        call(&lab, &token, "GET", "kv-1", &format!("{target}?api-version=7.4"), "").await
    };
    let pfx = get("/secrets/web").await.json();
    assert_eq!((&pfx["contentType"], &pfx["managed"]), (&"application/x-pkcs12".into(), &true.into()));
    assert!(pfx["value"].as_str().unwrap().starts_with("MII"));
    let pem = get("/secrets/pem").await.json();
    let kinds = ["PRIVATE KEY", "CERTIFICATE"]
        .map(|kind| pem["value"].as_str().unwrap().matches(&format!("BEGIN {kind}")).count());
    assert_eq!(kinds, [1, 2]);
    let certificate = get("/certificates/web").await.json();
    assert_eq!(certificate["sid"], pfx["id"]);
    assert!(certificate["cer"].is_string() && certificate.get("value").is_none());
    assert_eq!(get("/certificates/plain").await.code(), "CertificateNotFound");
    let denied = get("/certificates").await;
    assert!(denied.text().contains("does not have certificates list permission"), "{}", denied.text());
}

#[tokio::test]
async fn arm_changes_what_a_vault_allows() {
    let lab = started(world(
        r#"
        role_assignment { role = "Key Vault Contributor" }
        key_vault "kv-1" {
            resource_group = "rg"
            secret "a" { value = "1" }
        }
        "#,
    ))
    .await;
    let (vault, arm) = (token(&lab, VAULT).await, token(&lab, "https://management.azure.com/").await);
    let read = async || call(&lab, &vault, "GET", "kv-1", "/secrets/a?api-version=7.4", "").await.status;
    let own = lab.principals().next().unwrap().object_id;
    let change = async |kind: &str, secrets: &str| {
        let id = format!("{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-1");
        let url = format!("{}{id}/accessPolicies/{kind}?api-version=2023-07-01", lab.azure().arm);
        let body = format!(
            "{{\"properties\":{{\"accessPolicies\":[{{\"tenantId\":\"{}\",\"objectId\":\"{own}\",\"permissions\":{{\"secrets\":[{secrets}]}}}}]}}}}",
            lab.tenant_id()
        );
        Request::to_azure(&lab, "PUT", &url).bearer(&arm).body(body).send().await
    };
    assert_eq!(read().await, 403);
    for (kind, secrets, held, status) in [
        ("add", "\"get\"", json!(["get"]), 200),
        ("add", "\"List\"", json!(["get", "list"]), 200),
        ("replace", "\"list\"", json!(["list"]), 403),
        ("replace", "\"all\"", json!(["all"]), 200),
    ] {
        let answer = change(kind, secrets).await;
        assert_eq!(
            answer.json()["properties"]["accessPolicies"][0]["permissions"]["secrets"],
            held,
            "{kind}"
        );
        assert_eq!(read().await, status, "{kind} {secrets}");
    }
    assert_eq!(change("remove", "").await.json()["properties"]["accessPolicies"], json!([]));
    assert_eq!(read().await, 403);
    assert_eq!(change("add", "\"fly\"").await.code(), "BadRequest");
    lab.inject("arm:conflict:method=PUT".parse().unwrap());
    assert_eq!(change("add", "\"get\"").await.code(), "ConflictError");
}
