//! A lab with principals, and the files and programs that settings name.

use std::path::PathBuf;
use std::process::Command;

use arcbook_lab::Options;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::{Value as Json, json};

use super::sdk::Sdk;
use super::settings::Settings;
use super::trace;
use crate::cloud::Cloud;
use crate::executable::executable;
use crate::support::{Place, Ran};

pub const TENANT: &str = "10000000-0000-4000-8000-000000000001";
pub const OPERATOR: &str = "20000000-0000-4000-8000-000000000001";
pub const BACKUP: &str = "30000000-0000-4000-8000-000000000001";
pub const BACKUP_OBJECT: &str = "30000000-0000-4000-8000-000000000002";
pub const SECRET: &str = "open-sesame-4f1c";
pub const PASSWORD: &str = "pfx-password-77";

/// A lab with an application, and what its settings need: files, and a program that stands for `az`.
pub struct Scene {
    pub cloud: Cloud,
    pub place: Place,
}

impl Scene {
    /// Starts the scene; `tokens` is the directory of the agent's keys. The error says what is missing.
    pub fn start(tokens: Option<PathBuf>) -> Result<Self, String> {
        let place = Place::new();
        let certificate = credential(&place, "both", 2100)?;
        let expired = credential(&place, "expired", 2021)?;
        let world = world(&registered("one", &certificate), &registered("former", &expired));
        let options = Options { https: true, token_dir: tokens, ..Options::default() };
        let cloud = Cloud::with(world, options).map_err(|error| error.to_string())?;
        place.write("ca.pem", cloud.lab.ca_pem().expect("a certificate"));
        let scene = Self { cloud, place };
        scene.write_az();
        Ok(scene)
    }

    pub fn path(&self, name: &str) -> String {
        self.place.path().join(name).display().to_string()
    }

    pub fn sdk(&self) -> Result<Sdk, String> {
        Sdk::start(&self.cloud, &self.place.path().join("ca.pem"), self.place.path())
    }

    /// Writes a program that stands for `az`: it notes how it was called and prints a token as `az` does.
    fn write_az(&self) {
        let token = self.cloud.lab.token("operator", &format!("{}/", self.cloud.lab.azure().arm));
        let answer = json!({
            "accessToken": token.expect("a token"),
            "expiresOn": "2100-01-01 00:00:00.000000",
            "expires_on": 4_102_444_800_u64,
            "subscription": "00000000-0000-0000-0000-000000000000",
            "tenant": TENANT,
            "tokenType": "Bearer",
        });
        let az = format!(
            "#!/bin/sh\n{{ printf '%s ' \"$@\"; printf '| color off: %s, input: %s\\n' \"$AZURE_CORE_NO_COLOR\" \
             \"$(readlink /proc/self/fd/0)\"; }} >> {}\ncat <<'END'\n{answer}\nEND\n",
            self.path("az.log")
        );
        executable(&self.place.path().join("bin/az"), &az);
    }

    /// Runs a runbook that gets a token with these settings, and returns the requests for it and the run.
    pub fn by_arcbook(&self, settings: &Settings) -> (String, Ran) {
        let before = self.cloud.lab.requests().len();
        let place = Place::with(&settings.runbook());
        let mut command = self.cloud.command(&place, &["run"]);
        command.env("SSL_CERT_FILE", self.path("ca.pem"));
        for (name, value) in settings.variables() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let ran = Ran::of(command.output().expect("the program"));
        (trace::of(&self.cloud.lab, before), ran)
    }

    /// Asks azure-identity for a token with these settings, and returns the requests that it sends and its answer.
    pub fn seen(&self, sdk: &mut Sdk, settings: &Settings) -> (String, Json) {
        let before = self.cloud.lab.requests().len();
        let answer = sdk.ask(&settings.for_sdk(self));
        (trace::of(&self.cloud.lab, before), answer)
    }
}

/// Returns a world with each kind of principal; the certificates are blocks of its application.
pub fn world(certificate: &str, expired: &str) -> String {
    format!(
        r#"
            tenant_id    = "{TENANT}"
            subscription = "00000000-0000-0000-0000-000000000000"
            resource_group "rg" {{ location = "westeurope" }}
            machine "vm-1" {{ resource_group = "rg" }}
            virtual_machine "web" {{ resource_group = "rg" }}
            user_assigned_identity "backup" {{
                resource_group = "rg"
                client_id      = "{BACKUP}"
                principal_id   = "{BACKUP_OBJECT}"
            }}
            service_principal "operator" {{
                client_id = "{OPERATOR}"
                secret "one" {{ value = "{SECRET}" }}
                secret "former" {{
                    value   = "open-wheat-1d0a"
                    expires = "2020-01-01T00:00:00Z"
                }}
                {certificate}
                {expired}
                federated_credential "pipeline" {{
                    issuer  = "https://ci.example.com"
                    subject = "repo:contoso/infra:ref:refs/heads/main"
                }}
            }}
            "#
    )
}

fn registered(name: &str, pem: &str) -> String {
    format!("certificate \"{name}\" {{\n pem = <<EOT\n{pem}EOT\n}}")
}

/// Makes a key and a certificate that is valid until the beginning of a year, writes both as `NAME.pem` and `NAME.pfx`,
/// and returns the certificate.
fn credential(place: &Place, name: &str, until: i32) -> Result<String, String> {
    let (key, certificate) = ("key.pem", "certificate.pem");
    openssl(place, &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key])?;
    let key_pem = std::fs::read_to_string(place.path().join(key)).expect("made");
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    let pair = KeyPair::from_pem(&key_pem).expect("a key");
    let certificate_pem = params.self_signed(&pair).expect("a certificate").pem();
    place.write(certificate, &certificate_pem);
    place.write(&format!("{name}.pem"), key_pem + &certificate_pem);
    let (pfx, password) = (format!("{name}.pfx"), format!("pass:{PASSWORD}"));
    let pack = ["pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", &pfx, "-passout", &password];
    openssl(place, &pack)?;
    Ok(certificate_pem)
}

/// Runs `openssl` in a place.
fn openssl(place: &Place, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("openssl").args(arguments).current_dir(place.path()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => panic!("openssl: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => Err(format!("it takes openssl: {error}")),
    }
}
