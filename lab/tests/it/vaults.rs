//! Vaults that ARM creates, deletes and recovers.

use serde_json::{Value, json};

use crate::client::{Answer, Request, token};
use crate::subscription::{Subscription, assert_refused, in_group};

const NONE: Value = Value::Null;

const DECLARED: &str = r#"
    role_assignment { role = "Contributor" }
    resource_type "Microsoft.KeyVault/vaults" { api_versions = ["2024-06-01"] }
    key_vault "later" {
        resource_group = "rg"
        rbac           = true
        exists         = false
        role_assignment { role = "Key Vault Secrets Officer" }
    }
"#;

/// Sends a request about a secret to the vault.
async fn secret(azure: &Subscription, method: &str, name: &str, body: &Value) -> Answer {
    let token = token(&azure.lab, "https://vault.azure.net").await;
    let url = format!("{}/secrets/{name}?api-version=7.4", azure.lab.azure().vault("later"));
    let request = Request::to_azure(&azure.lab, method, &url).bearer(&token);
    request.header("Content-Type", "application/json").body(body.to_string()).send().await
}

#[tokio::test]
async fn a_vault_serves_its_secrets_as_long_as_arm_has_it() {
    let azure = Subscription::of(DECLARED).await;
    let id = in_group("Microsoft.KeyVault/vaults/later");
    let value = json!({ "value": "a word" });
    assert_eq!(azure.get(&id).await.status, 404);
    assert_refused(&secret(&azure, "PUT", "word", &value).await, 404, "VaultNotFound", "before");
    let other = json!({ "location": "westeurope", "properties": {} });
    assert_refused(&azure.send("PUT", &id, &other).await, 400, "BadRequest", "policies in place of roles");
    let body = json!({ "location": "westeurope", "properties": { "enableRbacAuthorization": true } });
    let created = azure.send("PUT", &id, &body).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let uri = format!("{}/", azure.lab.azure().vault("later"));
    assert_eq!(created.json()["properties"]["vaultUri"], json!(uri));
    assert_eq!(secret(&azure, "PUT", "word", &value).await.status, 200);
    assert_eq!(azure.send("DELETE", &id, &NONE).await.status, 200);
    assert_refused(&secret(&azure, "GET", "word", &NONE).await, 404, "VaultNotFound", "deleted");
    // A deleted vault keeps its name and its secrets.
    assert_refused(&azure.send("PUT", &id, &body).await, 409, "VaultAlreadyExists", "again");
    let recovered = json!({ "location": "westeurope", "properties": { "createMode": "recover" } });
    assert_eq!(azure.send("PUT", &id, &recovered).await.status, 201);
    assert_eq!(secret(&azure, "GET", "word", &NONE).await.json()["value"], "a word");
}

#[test]
fn a_vault_that_does_not_exist_has_no_secrets() {
    let world = r#"
        tenant_id    = "10000000-0000-4000-8000-000000000001"
        subscription = "00000000-0000-0000-0000-000000000000"
        resource_group "rg" { location = "westeurope" }
        key_vault "later" {
            resource_group = "rg"
            exists         = false
            secret "word" { value = "a word" }
        }
    "#;
    let error = arcbook_lab::World::parse(world, "test.lab.hcl").unwrap_err().to_string();
    assert!(error.contains("a vault that does not exist is empty"), "{error}");
}
