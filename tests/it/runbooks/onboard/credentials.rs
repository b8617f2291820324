//! The ways of the README to give the credential.

use arcbook_lab::{Request, Service};

use super::super::life::Stage as _;
use super::machine::{ARM, GRAPH, Onboarding, script};
use crate::support::{Ran, finished};

/// Returns the block of HCL in the README that contains this text.
fn of_readme(machine: &Onboarding, text: &str) -> String {
    let readme = machine.read("onboard/README.md");
    let mut blocks = readme.split("```hcl\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.contains(text)).expect("a block of the README").to_owned()
}

#[test]
fn tokens_take_the_place_of_the_secret_as_the_readme_says() {
    let machine = Onboarding::new();
    let lab = &machine.scene.cloud.lab;
    let (arm, graph) = (format!("{}/", lab.azure().arm), format!("http://{}/", lab.azure().graph));
    let block = of_readme(&machine, "\"access_token\" \"arm\"").replace(ARM, &arm).replace(GRAPH, &graph);
    machine.scene.place.write("onboard/tokens.runbook.hcl", block);
    for file in ["onboard/agent.runbook.hcl", "onboard/azure.runbook.hcl"] {
        let mut acts = "arm";
        let lines: Vec<String> = machine
            .read(file)
            .lines()
            .map(|line| {
                if line.starts_with("step ") {
                    acts = if line.contains("entra_group_member") { "graph" } else { "arm" };
                }
                line.replace("identity.client_secret.onboarding", &format!("identity.access_token.{acts}"))
            })
            .collect();
        machine.scene.place.write(file, lines.join("\n") + "\n");
    }
    let mut command = machine.scene.command_of_runbook(&["run", "-auto-approve"]);
    for (name, audience) in [("ARCBOOK_VAR_arm_token", &arm), ("ARCBOOK_VAR_graph_token", &graph)] {
        command.env(name, lab.token("onboarding", audience).expect("a token"));
    }
    let ran = Ran::of(finished(&mut command));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let is_sign_in = |request: &Request| request.service == Service::Login && request.method == "POST";
    assert!(!lab.requests().iter().any(is_sign_in), "nobody signs in");
    machine.check_done();
}

/// A vault with the secret of the service principal, and the account that may read it.
const OPERATIONS: &str = r#"
service_principal "administrator" { client_id = "20000000-0000-4000-8000-000000000009" }

key_vault "operations" {
  resource_group = "edge"
  rbac           = true

  secret "arc-onboarding" { value = "a secret of the lab" }

  role_assignment {
    role      = "Key Vault Secrets User"
    principal = "administrator"
  }
}
"#;

#[test]
fn a_vault_has_the_secret_as_the_readme_says() {
    let machine = Onboarding::in_world("onboard", |world| world + OPERATIONS).with_its_package();
    let place = &machine.scene.place;
    let token = machine
        .scene
        .cloud
        .lab
        .token("administrator", "https://vault.azure.net")
        .expect("a token of the lab");
    place.write("az.json", format!("{{\"accessToken\":\"{token}\",\"expires_on\":4102444800}}"));
    script(place, "bin/az", &format!("cat '{}'", place.path().join("az.json").display()));
    place.write("onboard/vault.runbook.hcl", of_readme(&machine, "\"azure_cli\" \"administrator\""));
    let runbook = machine.read("onboard/onboard.runbook.hcl");
    let (variable, value) =
        ("secret      = var.client_secret", "secret      = step.keyvault_secret.onboarding.value");
    assert!(runbook.contains(variable), "{runbook}");
    place.write("onboard/onboard.runbook.hcl", runbook.replace(variable, value));
    let planned = machine.scene.ran_runbook(&["plan"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert!(planned.out.contains("secret of identity.client_secret.onboarding"), "{}", planned.seen());
    // The value of the variable is of no use: the secret comes from the vault.
    let ran = machine.scene.ran_runbook(&["run", "-auto-approve", "-var=client_secret=unused"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    std::fs::remove_file(place.path().join("az.json")).expect("removed");
    machine.check_done();
}
