//! Microsoft's Python clients against the lab.

use std::fs;
use std::path::Path;
use std::process::Output;

use arcbook_lab::{Lab, Options, World};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::needs::skip;
use crate::{JUMPSTART, SUBSCRIPTION};

#[path = "../../../tests/sdk/environment.rs"]
mod environment;

const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/sdk");

/// A vault that tests can write to, which the Jumpstart world lacks.
const OFFICE: &str = r#"
    key_vault "office" {
        resource_group = "arc_pilot"
        rbac           = true
        deletion_polls = 2
        role_assignment { role = "Key Vault Secrets Officer" }
        role_assignment { role = "Key Vault Certificate User" }
        certificate "web" { subject = "www.example.net" }
    }
"#;

/// Types whose resources change in each way, and the right to change them.
const CHANGES: &str = r#"
    role_assignment { role = "Contributor" }
    resource_type "Lab.Sync/things" { write_only = ["properties.password"] }
    resource_type "Lab.Async/things" {
        write_only = ["properties.password"]
        operation { kind = "azure-async-operation" }
    }
    resource_type "Lab.Location/things" {
        write_only = ["properties.password"]
        operation { kind = "location" }
    }
    resource_type "Lab.State/things" {
        write_only = ["properties.password"]
        operation { kind = "provisioning-state" }
    }
    faults = ["arm:operation-failed:path=/things/failing"]
"#;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of answers")]
async fn microsoft_sdks() {
    let python =
        match environment::python(Path::new(SDK), &Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk")) {
            Ok(python) => python,
            Err(why) => return skip("Microsoft's clients", &why),
        };
    let world = fs::read_to_string(JUMPSTART).unwrap() + OFFICE + CHANGES;
    let world = World::parse(&world, "jumpstart.lab.hcl and an office").unwrap();
    // The clients accept keys only from the agent's directory, but any port.
    let options = Options { https: true, himds_port: 0, ..Options::in_place_of_the_agent() };
    let lab = match Lab::start(world, options).await {
        Ok(lab) => lab,
        Err(error) => {
            let why = format!("it takes root, for the agent's own token directory: {error}");
            return skip("Microsoft's clients", &why);
        }
    };
    // Transient failures of Azure that the clients retry.
    lab.inject("arm:429:retry-after-ms=1".parse().unwrap());
    lab.inject("keyvault:503:retry-after-ms=1:path=/secrets/name-1".parse().unwrap());
    let report = report(&python, &lab).await;
    assert_eq!(
        report["resources"],
        json!({
            "count": 9,
            "with_top": 9,
            "vaults": ["arcmi00000000", "office", "sandbox00000000"],
            "group": "westeurope",
            "groups": [true, false],
            "by_id": format!("{}/", lab.azure().vault("arcmi00000000")),
            "tags": ["city", "datacentre", "owner", "scenario"],
            "missing": "ResourceGroupNotFound",
        })
    );
    for kind in ["Sync", "Async", "Location", "State"] {
        let properties = json!({ "size": 3, "provisioningState": "Succeeded" });
        let changes = json!({
            "created": [true, "westeurope", properties],
            "updated": [{ "a": "1", "b": "2" }, 4, "Succeeded"],
            "exists": [true, false],
        });
        assert_eq!(report["changes"][kind], changes, "{kind}");
    }
    assert_eq!(report["changes"]["failed"], json!(["ResourceDeploymentFailure", "SkuNotAvailable"]));
    assert_eq!(report["changes"]["group"], json!(false));
    assert!(lab.operations().iter().all(|operation| operation.polls() > 0), "{:?}", lab.operations());
    assert_eq!(
        report["secrets"],
        json!({
            "value": "Managed Identity",
            "by_version": "Managed Identity",
            "content_type": "text/plain",
            "listed": ["scenario"],
            "versions": 1,
            "denied": [403, "Forbidden"],
            "missing": "SecretNotFound",
        })
    );
    assert_eq!(
        report["office"],
        json!({
            "value": "value of name-1",
            "tags": { "kind": "test" },
            "disabled": "Forbidden",
            "pages": [2, 2, 1],
            "versions": 2,
            "deleted": "name-4",
            "patched": [{ "kind": "patched" }, "text/html", "value of name-2"],
            "blocked": "ObjectIsDeletedButRecoverable",
            "listed_deleted": ["name-3"],
            "recovered": ["name-3", "value of name-3"],
            "left": 5,
        })
    );
    assert_eq!(
        report["certificates"],
        json!({
            "subject": "CN=www.example.net",
            "same": true,
            "key_is_own": true,
            "issuers": ["CN=Lab authority"],
            "exportable": true,
            "listed": ["web"],
        })
    );
    assert_eq!(
        report["blobs"],
        json!({
            "again": "ContainerAlreadyExists",
            "exists": "BlobAlreadyExists",
            "text": "hello",
            "content_type": "text/plain",
            "metadata": { "host": "vm" },
            "large_is_whole": true,
            "part_is_right": true,
            "listed": ["folder/small file.txt", "large.bin"],
            "walked": ["folder/", "large.bin"],
            "containers": ["uploads"],
            "left": ["folder/small file.txt"],
            "container_is_left": false,
        })
    );
    let refused: Vec<_> = lab
        .requests()
        .iter()
        .filter_map(|request| request.status)
        .filter(|status| *status == 429 || *status == 503)
        .collect();
    assert_eq!(refused, [429, 503]);
}

async fn report(python: &Path, lab: &Lab) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    fs::write(&ca, lab.ca_pem().unwrap()).unwrap();
    let azure = lab.azure();
    let output = Command::new(python)
        .arg(Path::new(SDK).join("sdk.py"))
        .args([
            &azure.arm,
            &azure.vault("arcmi00000000"),
            &azure.vault("office"),
            &azure.blob("arcmi00000000"),
        ])
        .args([SUBSCRIPTION.trim_start_matches("/subscriptions/"), "arc_pilot"])
        .env_remove("AZURE_CLIENT_ID")
        .env("IDENTITY_ENDPOINT", &lab.himds().identity)
        .env("IMDS_ENDPOINT", &lab.himds().url)
        .env("REQUESTS_CA_BUNDLE", &ca)
        .env("NO_PROXY", "localhost,.localhost,127.0.0.1")
        .output()
        .await
        .unwrap();
    let output = succeeded("Microsoft's clients against the lab", &output);
    serde_json::from_str(&output).unwrap_or_else(|error| panic!("not a report ({error}): {output}"))
}

fn succeeded(what: &str, output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{what}: {}\n{stdout}\n{stderr}", output.status);
    stdout
}
