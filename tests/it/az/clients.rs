//! Other programs that take their tokens from `az`.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use arcbook_lab::Service;
use serde_json::Value as Json;

use super::scene::{SUBSCRIPTION, Scene, TENANT};
use crate::environment;
use crate::support::repository;

fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: tokens from `az`: {why} ***\n");
}

#[test]
fn microsofts_clients_take_their_tokens_from_it() {
    let sdk = repository().join("tests/sdk");
    let python = match environment::python(&sdk, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk")) {
        Ok(python) => python,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "Microsoft's clients cannot be used here: {why}");
            return skip(&why);
        }
    };
    let scene = Scene::start();
    let azure = scene.cloud.lab.azure();
    let output = scene
        .command(&python.to_string_lossy())
        .arg(sdk.join("az_credential.py"))
        .args([&azure.arm, &azure.vault("kv01"), SUBSCRIPTION, TENANT])
        .env("REQUESTS_CA_BUNDLE", scene.place.path().join("ca.pem"))
        .output()
        .expect("python");
    let report: Json =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(report["secret"], "canary-5e1f", "{report}");
    assert_eq!(report["groups"], serde_json::json!(["rg"]), "{report}");
    assert_eq!((&report["tenant"], &report["subscription"]), (&true.into(), &true.into()), "{report}");
    let refused = report["refused"].as_str().expect("a message");
    assert!(refused.contains("of another tenant"), "{refused}");
    let requests = scene.cloud.lab.requests();
    let by_machine = requests.iter().filter(|request| request.service != Service::Himds);
    let by_machine: Vec<_> = by_machine.filter_map(|request| request.principal.as_deref()).collect();
    assert!(by_machine.len() >= 2 && by_machine.iter().all(|name| *name == "vm-1"), "{by_machine:?}");
}

/// Terraform has go-azure-sdk in itself, for its backend `azurerm`, so `use_cli` runs without a provider.
#[test]
fn terraform_takes_its_tokens_from_it() {
    let scene = Scene::start();
    let arm = scene.cloud.lab.azure().arm.trim_start_matches("https://").to_owned();
    scene.place.write(
        "site/main.tf",
        format!(
            r#"
            terraform {{
              backend "azurerm" {{
                use_cli              = true
                use_azuread_auth     = true
                storage_account_name = "acc01"
                container_name       = "tfstate"
                key                  = "site.tfstate"
                metadata_host        = "{arm}"
                environment          = "AzureLab"
              }}
            }}
            output "written" {{ value = "by terraform" }}
            "#
        ),
    );
    // Terraform resolves names by this file; not every system knows names under .localhost.
    scene.place.write("hosts", "127.0.0.1 localhost management.localhost acc01.blob.localhost\n");
    let script = "mount --bind hosts /etc/hosts && cd site && terraform init -no-color >&2 && \
                  terraform output -raw greeting && terraform apply -no-color -auto-approve -lock=false >&2";
    let output =
        scene.command("unshare").args(["-rm", "sh", "-c", script]).env("TF_IN_AUTOMATION", "1").output();
    if let Some(why) = missing(&output) {
        return skip(&why);
    }
    let output = output.expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "from the lab", "{told}");
    let written = scene.cloud.changes();
    assert!(written.iter().any(|request| request.starts_with("PUT /tfstate/site.tfstate")), "{written:?}");
}

/// Returns the reason why Terraform cannot run here.
fn missing(output: &std::io::Result<Output>) -> Option<String> {
    match output {
        Err(error) => Some(format!("it takes unshare: {error}")),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            let is_missing =
                ["unshare:", "mount:", "terraform: not found"].iter().any(|word| told.contains(word));
            is_missing.then(|| format!("it takes Terraform and a mount namespace: {}", told.trim()))
        }
    }
}
