//! A lab, and arcbook under the name `az`.

use std::ffi::OsString;
use std::process::Command;

use arcbook_lab::Options;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished};

pub const TENANT: &str = "10000000-0000-4000-8000-000000000001";
pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The state of Terraform in the lab, with one output.
const STATE: &str = r#"{\"version\": 4, \"terraform_version\": \"1.0.0\", \"serial\": 1, \"lineage\": \"40000000-0000-4000-8000-000000000001\", \"outputs\": {\"greeting\": {\"value\": \"from the lab\", \"type\": \"string\"}}, \"resources\": []}"#;

/// A lab over HTTPS, with a place whose `bin/az` is arcbook.
pub struct Scene {
    pub cloud: Cloud,
    pub place: Place,
}

impl Scene {
    pub fn start() -> Self {
        let world = format!(
            r#"
            tenant_id         = "{TENANT}"
            subscription      = "{SUBSCRIPTION}"
            subscription_name = "Lab"
            resource_group "rg" {{ location = "westeurope" }}
            machine "vm-1" {{ resource_group = "rg" }}
            role_assignment {{ role = "Reader" }}
            key_vault "kv01" {{
              resource_group = "rg"
              access_policy {{ secrets = ["get"] }}
              secret "word" {{ value = "canary-5e1f" }}
            }}
            storage_account "acc01" {{
              resource_group = "rg"
              role_assignment {{ role = "Storage Blob Data Contributor" }}
              container "tfstate" {{
                blob "site.tfstate" {{
                  content      = "{STATE}"
                  content_type = "application/json"
                }}
              }}
            }}
            "#
        );
        let cloud = Cloud::with(world, Options { https: true, ..Options::default() }).expect("a lab");
        let place = Place::new();
        place.write("ca.pem", cloud.lab.ca_pem().expect("a certificate"));
        place.write("bin/README", "");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_arcbook"), place.path().join("bin/az"))
            .expect("a link");
        Self { cloud, place }
    }

    /// Builds a command of a program whose `az` is arcbook, with the environment of the lab.
    pub fn command(&self, program: &str) -> Command {
        let arcbook = self.cloud.command(&self.place, &[]);
        let variables = arcbook.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut path = OsString::from(self.place.path().join("bin"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command
            .current_dir(self.place.path())
            .env_clear()
            .envs(variables)
            .env("PATH", path)
            .env("SSL_CERT_FILE", self.place.path().join("ca.pem"))
            .env("TZ", "LAB-5:30");
        command
    }

    /// Runs arcbook.
    pub fn arcbook(&self, arguments: &[&str]) -> Ran {
        Ran::of(finished(self.command(env!("CARGO_BIN_EXE_arcbook")).args(arguments)))
    }

    /// Runs `az` with words that are parted by spaces.
    pub fn az(&self, words: &str) -> Ran {
        let az = self.place.path().join("bin/az");
        Ran::of(finished(self.command(&az.to_string_lossy()).args(words.split_whitespace())))
    }
}
