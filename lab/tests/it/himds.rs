use std::path::Path;

use arcbook_lab::World;
use serde_json::Value;

use crate::client::{Request, challenge_path, token, token_target};
use crate::{jumpstart, started, world};

const ARM: &str = "https%3A%2F%2Fmanagement.azure.com";

#[tokio::test]
async fn the_instance_document_describes_the_machine() {
    let lab = jumpstart().await;
    let answer = Request::to_himds(&lab, "/metadata/instance?api-version=2020-06-01").send().await;
    assert_eq!(answer.status, 200);
    let compute = &answer.json()["compute"];
    assert_eq!(compute["name"], "ArcBox-Ubuntu-01");
    assert_eq!(compute["resourceGroupName"], "arc_pilot");
    assert_eq!(compute["osType"], "linux");
    assert_eq!(compute["tags"], "datacentre:Azure Citadel;city:Reading;scenario:Managed Identity");
    assert_eq!(compute["tagsList"][2]["value"], "Managed Identity");
    assert_eq!(compute["publicKeys"], Value::Null);
    assert_eq!(answer.json()["network"], serde_json::json!({}));
    let compute_alone =
        Request::to_himds(&lab, "/metadata/instance/compute?api-version=2021-02-01").send().await;
    assert_eq!(&compute_alone.json(), compute);
}

#[tokio::test]
async fn metadata_and_resource_name_the_same_system() {
    let (ubuntu, server) = ("Ubuntu 22.04.5 LTS", "Windows Server 2022 Datacenter");
    for (more, os, sku, version) in [
        ("", "linux", ubuntu, "5.15."),
        (r#"os = "linux""#, "linux", ubuntu, "5.15."),
        (r#"os = "windows""#, "windows", server, "10.0.20348."),
        (
            "os = \"windows\"\nos_sku = \"Windows Server 2025 Standard\"\nos_version = \"10.0.26100.1\"",
            "windows",
            "Windows Server 2025 Standard",
            "10.0.26100.1",
        ),
        ("os_sku = \"\"\nos_version = \"\"", "linux", "", ""),
    ] {
        let text = format!(
            r#"
            tenant_id    = "10000000-0000-4000-8000-000000000001"
            subscription = "00000000-0000-0000-0000-000000000000"
            resource_group "rg" {{ location = "westeurope" }}
            machine "vm-1" {{
                resource_group = "rg"
                {more}
            }}
            role_assignment {{ role = "Reader" }}
            "#
        );
        let lab = started(World::parse(&text, "test.lab.hcl").unwrap()).await;
        let answer =
            Request::to_himds(&lab, "/metadata/instance/compute?api-version=2020-06-01").send().await;
        let compute = answer.json();
        let token = token(&lab, "https://management.azure.com").await;
        let id = compute["resourceId"].as_str().unwrap();
        let id = format!("{}{id}?api-version=2024-07-10", lab.azure().arm);
        let machine = Request::to_azure(&lab, "GET", &id).bearer(&token).send().await.json();
        let resource = &machine["properties"];
        for (seen, expected) in [
            (&compute["osType"], os),
            (&resource["osName"], os),
            (&resource["osType"], os),
            (&compute["sku"], sku),
        ] {
            assert_eq!(seen, expected, "{more}");
        }
        assert_eq!(
            (&resource["osSku"], &resource["osVersion"]),
            (&compute["sku"], &compute["version"]),
            "{more}"
        );
        assert!(compute["version"].as_str().unwrap().starts_with(version), "{more}: {compute}");
        assert_eq!(resource["agentConfiguration"]["configMode"], "full");
    }
}

#[tokio::test]
async fn the_agent_refuses_bad_requests() {
    let lab = jumpstart().await;
    let instance = "/metadata/instance?api-version=2020-06-01";
    let token = |tail: &str| format!("/metadata/identity/oauth2/token?api-version=2020-06-01{tail}");
    let himds = |target: &str| Request::to_himds(&lab, target);
    for (request, status, says) in [
        (himds("/metadata/instance"), 400, "Supported are 2021-02-01 2020-06-01 2019-11-01 2019-08-15"),
        (himds("/metadata/instance?api-version=2017-04-02"), 400, "2017-04-02 is not supported"),
        (himds(&format!("{instance}&format=text")), 400, "not a leaf"),
        (himds(&format!("{instance}&API-version=2020-06-01")), 400, "more than once"),
        (himds(instance).header("X-Forwarded-For", "1.2.3.4"), 403, "X-Forwarded-For"),
        (himds("/metadata/other?api-version=2020-06-01"), 404, "no such endpoint"),
        (himds(&token("")), 400, "'resource' is missing"),
        (himds(&token("&resource=https://example.com")), 400, "AADSTS500011"),
        (
            himds(&token("&resource=https://vault.azure.net&client_id=00000000-0000-0000-0000-000000000001")),
            404,
            "identity_not_found",
        ),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
        assert!(answer.json()["error"].is_string() && answer.json()["error_description"].is_string());
    }
    let bare = format!("GET {instance} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let bare = crate::client::exchange(lab.himds().port, bare.as_bytes());
    assert!(String::from_utf8(bare.await.unwrap()).unwrap().contains("bad_request_102"));
}

#[tokio::test]
async fn a_challenge_has_the_agents_format_and_directory() {
    let lab = jumpstart().await;
    let answer = Request::to_himds(&lab, &token_target(ARM)).send().await;
    assert!(answer.headers.iter().any(|(name, _)| name == "Www-Authenticate"), "{:?}", answer.headers);
    let path = challenge_path(&answer);
    let path = Path::new(&path);
    assert_eq!(path.parent(), Some(lab.token_dir()));
    assert_eq!(path.extension().unwrap(), "key");
    let stem = path.file_stem().unwrap().to_str().unwrap();
    assert!(uuid::Uuid::parse_str(stem).is_ok() && stem == stem.to_lowercase());
}

#[tokio::test]
async fn a_key_is_exchanged_for_one_token_with_text_fields() {
    let lab = jumpstart().await;
    for (encoded, resource) in [
        (ARM, "https://management.azure.com"),
        ("https://management.azure.com/", "https://management.azure.com/"),
        ("https%3A%2F%2Fvault.azure.net", "https://vault.azure.net"),
        ("https://ossrdbms-aad.database.windows.net", "https://ossrdbms-aad.database.windows.net"),
    ] {
        let target = token_target(encoded);
        let path = challenge_path(&Request::to_himds(&lab, &target).send().await);
        let authorization = format!("Basic {}", std::fs::read_to_string(&path).unwrap());
        let request = Request::to_himds(&lab, &target).header("Authorization", &authorization);
        let answer = request.clone().send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.json().as_object().unwrap().values().all(Value::is_string), "{}", answer.text());
        assert_eq!(answer.json()["resource"], resource);
        assert!(!Path::new(&path).exists());
        let again = request.send().await;
        assert_ne!(challenge_path(&again), path, "a used key brings a fresh challenge");
    }
}

#[tokio::test]
async fn parallel_challenges_have_a_key_each() {
    let lab = jumpstart().await;
    let target = token_target(ARM);
    let ask = || async { challenge_path(&Request::to_himds(&lab, &target).send().await) };
    let (first, second) = tokio::join!(ask(), ask());
    assert_ne!(first, second);
    for path in [second, first] {
        let key = std::fs::read_to_string(path).unwrap();
        let answer =
            Request::to_himds(&lab, &target).header("Authorization", &format!("Basic {key}")).send().await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn a_world_can_have_audiences_of_its_own() {
    let lab = started(world("audiences = [\"api://orders\"]")).await;
    assert_eq!(Request::to_himds(&lab, &token_target("api://orders")).send().await.status, 401);
    assert_eq!(Request::to_himds(&lab, &token_target("api://other")).send().await.status, 400);
}

/// A world in which the machine has an identity beside its own.
const BACKUP: &str = r#"
    user_assigned_identity "backup" {
        resource_group = "rg"
        client_id      = "30000000-0000-4000-8000-000000000003"
        principal_id   = "30000000-0000-4000-8000-000000000004"
    }
"#;

#[tokio::test]
async fn a_user_assigned_identity_is_selected_and_named_in_the_response() {
    let lab = started(world(BACKUP)).await;
    let id = format!(
        "{}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/backup",
        crate::SUBSCRIPTION
    );
    for selector in [
        "client_id=30000000-0000-4000-8000-000000000003".to_owned(),
        "object_id=30000000-0000-4000-8000-000000000004".to_owned(),
        format!("msi_res_id={}", id.to_lowercase()),
    ] {
        let target = format!("{}&{selector}", token_target(ARM));
        let key = std::fs::read_to_string(challenge_path(&Request::to_himds(&lab, &target).send().await));
        let authorization = format!("Basic {}", key.unwrap());
        let answer = Request::to_himds(&lab, &target).header("Authorization", &authorization).send().await;
        assert_eq!(answer.json()["client_id"], "30000000-0000-4000-8000-000000000003", "{}", answer.text());
        assert_eq!(answer.json()["object_id"], "30000000-0000-4000-8000-000000000004");
        assert_eq!(answer.json()["msi_res_id"], id);
    }
    let senders: Vec<_> = lab.requests().into_iter().filter_map(|request| request.principal).collect();
    assert_eq!(senders, ["backup"; 6]);
    let machine =
        format!("{}/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/vm-1", crate::SUBSCRIPTION);
    for unknown in ["client_id=30000000-0000-4000-8000-000000000009", &format!("msi_res_id={machine}/x")] {
        let answer = Request::to_himds(&lab, &format!("{}&{unknown}", token_target(ARM))).send().await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (404, &"identity_not_found".into()),
            "{unknown}"
        );
    }
    assert!(lab.imds().is_none(), "no virtual machine, no metadata service");
}
