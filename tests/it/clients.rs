//! Microsoft's clients read what arcbook wrote, and arcbook reads what they wrote.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use arcbook_lab::Options;
use serde_json::{Value as Json, json};

use crate::chain::holds;
use crate::cloud::Cloud;
use crate::environment;
use crate::support::{Place, Ran, repository};

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
    let skip = |why: &str| {
        assert!(std::env::var_os("CI").is_none(), "Microsoft's clients cannot be used here: {why}");
        let _ =
            writeln!(std::io::stderr(), "\n*** NOT TESTED: Microsoft's clients beside arcbook: {why} ***\n");
    };
    let sdk = repository().join("tests/sdk");
    let python = match environment::python(&sdk, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk")) {
        Ok(python) => python,
        Err(why) => return skip(&why),
    };
    let cloud = Cloud::with(WORLD.to_owned(), Options { https: true, ..Options::default() }).expect("a lab");
    let own = Place::with("");
    own.write("ca.pem", cloud.lab.ca_pem().expect("a certificate"));
    let ca = own.path().join("ca.pem");
    let run = |place: &Place, arguments: &[&str]| {
        let mut command = cloud.command(place, arguments);
        Ran::of(command.env("SSL_CERT_FILE", &ca).output().expect("the program"))
    };
    holds(&run(&Place::with(WRITES), &["run", "-auto-approve"]), 0, &["4 of 4 steps done"]);
    let azure = cloud.lab.azure();
    let token = |audience: &str| cloud.lab.token("vm-1", audience).expect("a token");
    let told = Command::new(python)
        .arg(sdk.join("exchange.py"))
        .args([azure.vault("shared01"), azure.blob("shared01")])
        .env("VAULT_TOKEN", token("https://vault.azure.net"))
        .env("BLOB_TOKEN", token("https://storage.azure.com"))
        .env("REQUESTS_CA_BUNDLE", &ca)
        .env("NO_PROXY", "localhost,.localhost,127.0.0.1")
        .output()
        .expect("python");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Json = serde_json::from_slice(&told.stdout).expect("a report");
    let secret = json!(["written by arcbook", "text/html", { "by": "arcbook" }, "2030-01-31T12:00:00+00:00"]);
    assert_eq!(told["secret"], secret);
    assert_eq!(told["deleted"], "retired");
    assert_eq!(told["blob"], json!(["hello", "text/plain; charset=utf-8"]));
    let expected = ["names = \"from-arcbook from-python\"", "new_version = false", "numbers = \"012\""];
    holds(&run(&Place::with(READS), &["run", "-auto-approve"]), 0, &expected);
}
