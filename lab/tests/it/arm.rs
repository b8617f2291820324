use arcbook_lab::Lab;
use serde_json::Value;

use crate::client::{Answer, Request, token};
use crate::{SUBSCRIPTION, jumpstart, started, world};

const VERSION: &str = "api-version=2021-04-01";

async fn get(lab: &Lab, token: &str, target: &str) -> Answer {
    Request::to_azure(lab, "GET", &format!("{}{target}", lab.azure().arm)).bearer(token).send().await
}

fn names(list: &Value) -> Vec<&str> {
    list["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_followed_by_its_links() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com").await;
    let mut found = Vec::new();
    let mut url = format!("{}{SUBSCRIPTION}/resourcegroups/ARC_pilot/resources?{VERSION}", lab.azure().arm);
    let mut pages = 0;
    loop {
        let answer = Request::to_azure(&lab, "GET", &url).bearer(&token).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        found.extend(names(&page).into_iter().map(str::to_owned));
        pages += 1;
        let Some(next) = page["nextLink"].as_str() else { break };
        assert!(next.starts_with(&lab.azure().arm) && next.contains("%2B"));
        for spoilt in [next.replace("%2B", "+"), next.replace("%2B", "%252B")] {
            let refused = Request::to_azure(&lab, "GET", &spoilt).bearer(&token).send().await;
            assert_eq!((refused.status, refused.code().as_str()), (400, "InvalidSkipToken"));
        }
        url = next.to_owned();
    }
    assert_eq!(pages, 3);
    assert_eq!(found.iter().filter(|name| *name == "arcmi00000000").count(), 2);
    assert_eq!(found.len(), 8);
}

#[tokio::test]
async fn lists_are_filtered_and_shortened() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com/").await;
    let list = |query: &str| format!("{SUBSCRIPTION}/resources?{VERSION}&{query}");
    let by_type =
        get(&lab, &token, &list("$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'")).await.json();
    assert_eq!(names(&by_type), ["arcmi00000000", "sandbox00000000"]);
    assert!(by_type["value"][0].get("properties").is_none() && by_type.get("nextLink").is_none());
    let by_tag = "$filter=tagName+eq+'scenario'+and+tagValue+eq+'Managed+Identity'";
    let by_tag = get(&lab, &token, &list(by_tag)).await.json();
    assert_eq!(names(&by_tag), ["ArcBox-Ubuntu-01"]);
    assert!(by_tag["value"][0].get("tags").is_none(), "a filter by tag leaves the tags out");
    assert_eq!(names(&get(&lab, &token, &list("$top=1")).await.json()).len(), 1);
    for (query, code) in [("$top=x", "InvalidTopParameter"), ("$filter=x", "InvalidFilterInQueryString")] {
        assert_eq!(get(&lab, &token, &list(query)).await.code(), code);
    }
}

#[tokio::test]
async fn resources_are_read_by_id_in_any_case() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com").await;
    let group = format!("{SUBSCRIPTION}/resourceGroups/arc_pilot");
    let vault = format!("{group}/providers/microsoft.keyvault/VAULTS/ARCMI00000000?api-version=2019-09-01");
    let vault = get(&lab, &token, &vault).await.json();
    assert_eq!(vault["properties"]["vaultUri"], format!("{}/", lab.azure().vault("arcmi00000000")));
    assert_eq!(vault["properties"]["enableRbacAuthorization"], false);
    assert_eq!(
        vault["properties"]["accessPolicies"][0]["permissions"]["secrets"],
        serde_json::json!(["get", "list"])
    );
    let accounts =
        format!("{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts?api-version=2023-01-01");
    let accounts = get(&lab, &token, &accounts).await.json();
    let blob = format!("{}/", lab.azure().blob("arcmi00000000"));
    assert_eq!(accounts["value"][0]["properties"]["primaryEndpoints"]["blob"], blob);
    let machine = format!("{group}/providers/Microsoft.HybridCompute/machines/arcbox-ubuntu-01");
    let machine_body = get(&lab, &token, &format!("{machine}?api-version=2024-07-10")).await.json();
    assert_eq!(machine_body["identity"]["type"], "SystemAssigned");
    assert_eq!(machine_body["properties"]["status"], "Connected");
    let children = get(&lab, &token, &format!("{machine}/extensions?api-version=2024-07-10")).await.json();
    assert_eq!(names(&children), ["AzureMonitorLinuxAgent"], "a provider shows the child's own name");
    let by_public_name = Request::to_azure(
        &lab,
        "GET",
        &format!(
            "https://management.azure.com{group}/providers/Microsoft.KeyVault/vaults?api-version=2019-09-01"
        ),
    );
    let vaults = by_public_name.bearer(&token).send().await.json();
    assert_eq!(vaults["value"][0]["properties"]["vaultUri"], "https://arcmi00000000.vault.azure.net/");
}

#[tokio::test]
async fn tags_groups_and_subscriptions_are_listed() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.core.windows.net/").await;
    let tags = get(&lab, &token, &format!("{SUBSCRIPTION}/tagNames?{VERSION}")).await.json();
    let tag_names: Vec<_> = tags["value"].as_array().unwrap().iter().map(|tag| &tag["tagName"]).collect();
    assert_eq!(tag_names, ["city", "datacentre", "owner", "scenario"]);
    assert_eq!(
        names(&get(&lab, &token, &format!("{SUBSCRIPTION}/resourcegroups?{VERSION}")).await.json()),
        ["arc_pilot", "sandbox"]
    );
    let group = get(&lab, &token, &format!("{SUBSCRIPTION}/resourceGroups/arc_pilot?{VERSION}")).await.json();
    assert_eq!(group["properties"]["provisioningState"], "Succeeded");
    let subscriptions = get(&lab, &token, &format!("/subscriptions?{VERSION}")).await.json();
    assert_eq!(subscriptions["value"][0]["displayName"], "Arc Jumpstart");
    let roles =
        format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01");
    let roles = get(&lab, &token, &roles).await.json();
    assert_eq!(roles["value"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn errors_have_arms_envelope() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com").await;
    let group = format!("{SUBSCRIPTION}/resourceGroups/arc_pilot");
    let other = "/subscriptions/00000000-0000-0000-0000-000000000001";
    for (target, status, code) in [
        (format!("{SUBSCRIPTION}/resources"), 400, "MissingApiVersionParameter"),
        (format!("{SUBSCRIPTION}/resources?api-version=latest"), 400, "InvalidApiVersionParameter"),
        (format!("{other}/resources?{VERSION}"), 404, "SubscriptionNotFound"),
        (format!("/subscriptions/mine?{VERSION}"), 400, "InvalidSubscriptionId"),
        (format!("{SUBSCRIPTION}/resourceGroups/none/resources?{VERSION}"), 404, "ResourceGroupNotFound"),
        (format!("{group}/providers/A.B/c/x?{VERSION}"), 404, "ResourceNotFound"),
        (format!("/nothing?{VERSION}"), 404, "InvalidResourceType"),
        (format!("{SUBSCRIPTION}/resources?{VERSION}&x=%zz"), 400, "InvalidUri"),
    ] {
        let answer = get(&lab, &token, &target).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{target}");
        assert!(answer.header("x-ms-request-id").is_some());
    }
    for (group, status) in [("arc_pilot", 204), ("none", 404)] {
        let url = format!("{}{SUBSCRIPTION}/resourcegroups/{group}?{VERSION}", lab.azure().arm);
        assert_eq!(Request::to_azure(&lab, "HEAD", &url).bearer(&token).send().await.status, status);
    }
    let put = Request::to_azure(&lab, "PUT", &format!("{}{group}?{VERSION}", lab.azure().arm)).bearer(&token);
    assert_eq!(put.send().await.code(), "AuthorizationFailed");
}

#[tokio::test]
async fn only_a_valid_token_for_arm_is_accepted() {
    let lab = jumpstart().await;
    let url = format!("{}{SUBSCRIPTION}/tagNames?{VERSION}", lab.azure().arm);
    let vault_token = token(&lab, "https://vault.azure.net").await;
    let arm_token = token(&lab, "https://management.azure.com").await;
    let tampered = format!("{}A", &arm_token[..arm_token.len() - 1]);
    let tampered =
        if tampered == arm_token { format!("{}Q", &arm_token[..arm_token.len() - 1]) } else { tampered };
    for (token, code) in [
        (None, "AuthenticationFailedMissingToken"),
        (Some(vault_token), "InvalidAuthenticationTokenAudience"),
        (Some(tampered), "InvalidAuthenticationToken"),
    ] {
        let request = Request::to_azure(&lab, "GET", &url);
        let answer = match token {
            Some(token) => request.bearer(&token).send().await,
            None => request.send().await,
        };
        assert_eq!((answer.status, answer.code().as_str()), (401, code));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer authorization_uri=\""));
    }
}

#[tokio::test]
async fn a_caller_without_a_role_sees_nothing() {
    let lab = started(world(
        r#"
        key_vault "kv-1" {
            resource_group = "rg"
            role_assignment { role = "Key Vault Reader" }
        }
        storage_account "sa1" { resource_group = "rg" }
        "#,
    ))
    .await;
    let token = token(&lab, "https://management.azure.com").await;
    let listed = get(&lab, &token, &format!("{SUBSCRIPTION}/resources?{VERSION}")).await.json();
    assert_eq!(names(&listed), ["kv-1"], "a list shows what may be read");
    let account = format!("{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sa1");
    let denied = get(&lab, &token, &format!("{account}?{VERSION}")).await;
    assert_eq!((denied.status, denied.code().as_str()), (403, "AuthorizationFailed"));
    let message = denied.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("'Microsoft.Storage/storageAccounts/read'") && message.contains(&account),
        "{message}"
    );
    for target in ["/tagNames", "/resourceGroups/rg", "", "/providers/Microsoft.Storage/storageAccounts"] {
        assert_eq!(
            get(&lab, &token, &format!("{SUBSCRIPTION}{target}?{VERSION}")).await.status,
            403,
            "{target}"
        );
    }
}

#[tokio::test]
async fn the_cloud_metadata_needs_no_token() {
    let lab = jumpstart().await;
    let url = |version: &str| format!("{}/metadata/endpoints?api-version={version}", lab.azure().arm);
    let cloud = Request::to_azure(&lab, "GET", &url("2020-09-01")).send().await.json();
    // Since this version, the response is one cloud, not a list.
    let newer = Request::to_azure(&lab, "GET", &url("2022-09-01")).send().await.json();
    assert_eq!(newer, cloud[0]);
    assert_eq!(cloud[0]["resourceManager"], format!("{}/", lab.azure().arm));
    assert_eq!(cloud[0]["suffixes"]["keyVaultDns"], lab.azure().vault_suffix);
    assert_eq!(
        format!("blob.{}", cloud[0]["suffixes"]["storage"].as_str().unwrap()),
        lab.azure().blob_suffix
    );
    let login = cloud[0]["authentication"]["loginEndpoint"].as_str().unwrap();
    let keys = Request::to_azure(&lab, "GET", &format!("{login}common/discovery/keys")).send().await.json();
    assert_eq!(keys["keys"][0]["alg"], "ES256");
    let tenant = Request::to_azure(&lab, "GET", &format!("{login}common/.well-known/openid-configuration"));
    assert_eq!(
        tenant.send().await.json()["issuer"],
        "https://sts.windows.net/10000000-0000-4000-8000-000000000001/"
    );
}
