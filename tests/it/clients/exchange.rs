//! Microsoft's clients read what arcbook wrote, and arcbook reads what they wrote.

use serde_json::json;

use super::bench::{self, Bench};
use crate::chain::holds;
use crate::support::Place;

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

key_vault "shared01" {
  resource_group = "rg"
  deletion_polls = 1
  access_policy { secrets = ["all"] }
  secret "retired" { value = "x" }
}

storage_account "shared01" {
  resource_group = "rg"
  role_assignment { role = "Storage Blob Data Contributor" }
}
"#;

const WRITES: &str = r#"
step "keyvault_secret_set" "ours" {
  vault        = "shared01"
  name         = "from-arcbook"
  value        = "written by arcbook"
  content_type = "text/html"
  tags         = { by = "arcbook" }
  expires_on   = "2030-01-31T12:00:00Z"
}

step "keyvault_secret_delete" "retired" {
  vault = "shared01"
  name  = "retired"
}

step "blob_container" "shared" {
  account = "shared01"
  name    = "shared"
}

step "blob_upload" "ours" {
  account   = "shared01"
  container = step.blob_container.shared.name
  name      = "from arcbook.txt"
  content   = "hello"
}
"#;

const READS: &str = r#"
step "keyvault_secret_set" "theirs" {
  vault        = "shared01"
  name         = "from-python"
  value        = "written by Python"
  content_type = "text/plain"
  tags         = { by = "python" }
}

step "keyvault_secrets" "all" {
  vault = "shared01"
}

step "blob_list" "theirs" {
  account   = "shared01"
  container = "shared"
  prefix    = "python/"
  metadata  = true
}

output "names" {
  value = join(" ", step.keyvault_secrets.all.secrets[*].name)
}

output "new_version" {
  value = step.keyvault_secret_set.theirs.new_version
}

output "numbers" {
  value = join("", [for blob in step.blob_list.theirs.blobs : blob.metadata.number])
}
"#;

#[test]
fn each_reads_what_the_other_wrote() {
    let Some(python) = bench::python("tests/sdk") else { return };
    let bench = Bench::start(WORLD);
    holds(&bench.run(&Place::with(WRITES)), 0, &["4 of 4 steps done"]);
    let azure = bench.cloud.lab.azure();
    let mut client = bench.script(&python, "exchange.py");
    client.args([azure.vault("shared01"), azure.blob("shared01")]);
    client.env("VAULT_TOKEN", bench.token("https://vault.azure.net"));
    let told = bench::report(client.env("BLOB_TOKEN", bench.token("https://storage.azure.com")));
    let secret = json!(["written by arcbook", "text/html", { "by": "arcbook" }, "2030-01-31T12:00:00+00:00"]);
    assert_eq!(told["secret"], secret);
    assert_eq!(told["deleted"], "retired");
    assert_eq!(told["blob"], json!(["hello", "text/plain; charset=utf-8"]));
    let expected = ["names = \"from-arcbook from-python\"", "new_version = false", "numbers = \"012\""];
    holds(&bench.run(&Place::with(READS)), 0, &expected);
}
