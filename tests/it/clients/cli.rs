//! The Azure CLI reads what arcbook wrote, and arcbook finds as wanted what it wrote.
//!
//! Its environment takes minutes to make, so it runs with `ARCBOOK_CLIENTS=all` only.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value as Json, json};

use super::bench::{self, Bench};
use super::runbooks::{OTHER, SUBSCRIPTION, TEAM, WORLD, reads, writes};
use crate::chain::holds;
use crate::support::Place;

const TENANT: &str = "10000000-0000-4000-8000-000000000001";

/// More of what arcbook writes: in the data planes.
const DATA: &str = r#"
step "keyvault_secret_set" "own" {
  vault        = "shared01"
  name         = "from-arcbook"
  value        = "written by arcbook"
  content_type = "text/html"
}

step "blob_container" "shared" {
  account = "shared01"
  name    = "shared"
}

step "blob_upload" "own" {
  account   = "shared01"
  container = step.blob_container.shared.name
  name      = "from-arcbook.txt"
  content   = "hello"
}
"#;

/// The runbook that declares what the CLI wrote there.
const THEIR_DATA: &str = r#"
step "keyvault_secret_set" "own" {
  vault = "shared01"
  name  = "from-az"
  value = "written-by-az"

  # The CLI adds the second one.
  tags = { by = "az", file-encoding = "utf-8" }
}

step "blob_list" "all" {
  account   = "shared01"
  container = "shared"
}

output "blobs" {
  value = join(" ", step.blob_list.all.blobs[*].name)
}
"#;

/// A template file as people write them, with comments.
const TEMPLATE: &str = r#"{
  // The schema of Microsoft's own examples.
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "name": { "type": "string" } },
  "resources": [{
    "type": "Microsoft.OperationalInsights/workspaces", /* of the team */
    "apiVersion": "2023-09-01",
    "name": "[parameters('name')]",
    "location": "[resourceGroup().location]"
  }],
  "outputs": { "name": { "type": "string", "value": "[parameters('name')]" } }
}
"#;

const EXTENSION: &str = r#"{
  "location": "westeurope",
  "tags": { "by": "az" },
  "properties": {
    "publisher": "Publisher.az",
    "type": "Type.az",
    "settings": { "level": "high" },
    "protectedSettings": { "commandToExecute": "hush" }
  }
}
"#;

const WORKSPACE: &str =
    r#"{ "location": "westeurope", "tags": { "by": "az" }, "properties": { "retentionInDays": 60 } }"#;

/// The CLI with a configuration of its own.
struct Cli<'a> {
    bench: &'a Bench,
    python: PathBuf,
    place: Place,
}

impl Cli<'_> {
    /// Runs a command, whose words are parted by spaces. `ID` stands for the id of the subscription, `ARM` for the URL
    /// of the resource manager, and `WORKSPACES` for the path of a type.
    fn run(&self, command: &str, more: &[&str]) -> Output {
        let arm = &self.bench.cloud.lab.azure().arm;
        let words = command.split_whitespace();
        let words = words.map(|word| {
            let word = word.replace("ID", &format!("/subscriptions/{SUBSCRIPTION}")).replace("ARM", arm);
            word.replace("WORKSPACES", "providers/Microsoft.OperationalInsights/workspaces")
        });
        let mut command = self.bench.script(&self.python, "az.py");
        command.args(words).args(more).current_dir(self.place.path()).envs([
            ("AZURE_CORE_COLLECT_TELEMETRY", "no"),
            ("AZURE_CORE_ONLY_SHOW_ERRORS", "yes"),
            ("AZURE_CORE_OUTPUT", "json"),
            ("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no"),
            // Or it would ask Microsoft's login host about the lab's.
            ("AZURE_CORE_INSTANCE_DISCOVERY", "no"),
        ]);
        command.env("AZURE_CONFIG_DIR", self.place.path().join("config")).output().expect("python")
    }

    /// Runs a command that succeeds, and returns the part of its output that a query selects.
    fn query(&self, command: &str, query: &str) -> Json {
        let ran = self.run(command, &["--query", query]);
        assert!(ran.status.success(), "az {command}: {}", String::from_utf8_lossy(&ran.stderr));
        if ran.stdout.is_empty() {
            return Json::Null;
        }
        serde_json::from_slice(&ran.stdout).expect("JSON")
    }

    fn check(&self, table: &[(&str, &str, Json)]) {
        for (command, query, expected) in table {
            assert_eq!(self.query(command, query), *expected, "az {command}");
        }
    }

    fn sign_in(&self) {
        self.query("cloud register --name lab --endpoint-resource-manager ARM", "@");
        self.query("cloud set --name lab", "@");
        let [application, _, secret] = TEAM;
        let login = format!("login --service-principal --username {application} --password {secret}");
        assert_eq!(self.query(&format!("{login} --tenant {TENANT}"), "[].id"), json!([SUBSCRIPTION]));
    }
}

/// Reads what arcbook wrote.
fn reading(cli: &Cli<'_>) {
    let extension =
        "ID/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/vm-1/extensions/from-arcbook";
    cli.check(&[
        ("group show --name from-arcbook", "[location, tags.by]", json!(["westeurope", "arcbook"])),
        ("group list", "[].name", json!(["from-arcbook", "rg"])),
        (
            "resource list --resource-group from-arcbook",
            "[].name",
            json!(["by-arcbook", "deployed-by-arcbook"]),
        ),
        (
            "resource show --ids ID/resourceGroups/from-arcbook/WORKSPACES/by-arcbook",
            "[tags.by, properties.retentionInDays]",
            json!(["arcbook", 60]),
        ),
        ("tag list --resource-id ID/resourceGroups/rg", "properties.tags", json!({ "owner": "arcbook" })),
        ("tag list", "[?tagName=='owner'].values[].tagValue", json!(["arcbook"])),
        ("provider show --namespace Microsoft.HybridConnectivity", "registrationState", json!("Registered")),
        (
            "provider list",
            "[?namespace=='Microsoft.GuestConfiguration'].registrationState",
            json!(["NotRegistered"]),
        ),
        (
            "role assignment list --scope ID/resourceGroups/from-arcbook",
            "[].[principalId, roleDefinitionName, description, principalName]",
            // This principal may not read the directory, so it learns no name.
            json!([[TEAM[1], "Reader", "reads what arcbook wrote", null]]),
        ),
        (
            "deployment group show --resource-group from-arcbook --name main",
            "properties.[provisioningState, outputs.name.value]",
            json!(["Succeeded", "deployed-by-arcbook"]),
        ),
        (
            &format!("rest --method get --url ARM{extension}?api-version=2024-07-10"),
            "properties.[settings.level, protectedSettings, provisioningState]",
            json!(["high", null, "Succeeded"]),
        ),
        ("keyvault list", "[].name", json!(["shared01"])),
        (
            "keyvault secret show --vault-name shared01 --name from-arcbook",
            "[value, contentType]",
            json!(["written by arcbook", "text/html"]),
        ),
        (
            "storage blob list --account-name shared01 --container-name shared --auth-mode login",
            "[].[name, properties.contentSettings.contentType]",
            json!([["from-arcbook.txt", "text/plain; charset=utf-8"]]),
        ),
    ]);
    let none = cli.run("group show --name none", &[]);
    assert_eq!(none.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&none.stderr).contains("(ResourceGroupNotFound)"), "{none:?}");
}

/// Writes what arcbook is to find.
fn writing(cli: &Cli<'_>) {
    cli.place.write("main.json", TEMPLATE);
    cli.place.write("extension.json", EXTENSION);
    cli.place.write("workspace.json", WORKSPACE);
    let extension = "ID/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/vm-1/extensions/from-az";
    let state = format!("rest --method get --url ARM{extension}?api-version=2024-07-10");
    let grant = format!(
        "role assignment create --role Reader --assignee-object-id {OTHER} --assignee-principal-type ServicePrincipal \
         --scope ID/resourceGroups/from-arcbook"
    );
    let deploy =
        "--resource-group from-az --name main --template-file main.json --parameters name=deployed-by-az";
    cli.check(&[
        (
            "group create --name from-az --location westeurope --tags by=az",
            "properties.provisioningState",
            json!("Succeeded"),
        ),
        (
            "tag update --resource-id ID/resourceGroups/from-az --operation Merge --tags owner=az",
            "properties.tags",
            json!({ "by": "az", "owner": "az" }),
        ),
        ("provider register --namespace Microsoft.GuestConfiguration --wait", "@", Json::Null),
        (&grant, "principalId", json!(OTHER)),
        // It is there already, which the client takes for a success.
        (&grant, "principalId", json!(OTHER)),
        (
            &format!("deployment group what-if --no-pretty-print {deploy}"),
            "changes[].changeType",
            json!(["Create"]),
        ),
        (
            &format!("deployment group create {deploy}"),
            "properties.[provisioningState, outputs.name.value]",
            json!(["Succeeded", "deployed-by-az"]),
        ),
        (
            "resource create --id ID/resourceGroups/from-az/WORKSPACES/by-az --is-full-object \
             --properties @workspace.json",
            "properties.retentionInDays",
            json!(60),
        ),
        (
            &format!("rest --method put --url ARM{extension}?api-version=2024-07-10 --body @extension.json"),
            "properties.provisioningState",
            json!("Creating"),
        ),
        (&state, "properties.provisioningState", json!("Creating")),
        (&state, "properties.provisioningState", json!("Succeeded")),
        (
            "keyvault secret set --vault-name shared01 --name from-az --value written-by-az --tags by=az",
            "value",
            json!("written-by-az"),
        ),
        (
            "storage blob upload --account-name shared01 --container-name shared --name from-az.txt --data hello \
             --no-progress --auth-mode login",
            "content_md5",
            json!("XUFAKrxLKna5cZ2REBfFkg=="),
        ),
    ]);
}

#[test]
fn the_azure_cli_and_arcbook_read_what_the_other_wrote() {
    if std::env::var_os("ARCBOOK_CLIENTS").is_none_or(|clients| clients != "all") {
        return;
    }
    let Some(python) = bench::python("tests/sdk/cli") else { return };
    let bench = Bench::start(WORLD);
    holds(&bench.run(&Place::with(&format!("{}{DATA}", writes()))), 0, &["11 of 11 steps done"]);
    let cli = Cli { bench: &bench, python, place: Place::new() };
    cli.sign_in();
    reading(&cli);
    writing(&cli);
    let ran = bench.finds_as_wanted(&Place::with(&format!("{}{THEIR_DATA}", reads("az"))));
    let expected = ["deployed = \"deployed-by-az\"", "blobs = \"from-arcbook.txt from-az.txt\""];
    holds(&ran, 0, &expected);
}
