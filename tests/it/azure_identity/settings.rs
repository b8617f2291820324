//! The ways to get a token, as azure-identity is told of each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::scene::{BACKUP, BACKUP_OBJECT, OPERATOR, PASSWORD, SECRET, Scene, TENANT};

const SCOPE: &str = "https://management.azure.com/.default";

/// The settings of one way to get a token.
#[derive(Clone)]
pub struct Settings {
    pub name: &'static str,
    /// The class in azure-identity.
    pub credential: &'static str,
    arguments: Json,
    environment: Json,
    scope: &'static str,
}

impl Settings {
    pub fn new(name: &'static str, credential: &'static str, arguments: Json) -> Self {
        Self { name, credential, arguments, environment: json!({}), scope: SCOPE }
    }

    pub fn with_environment(self, environment: Json) -> Self {
        Self { environment, ..self }
    }

    pub fn with_scope(self, scope: &'static str) -> Self {
        Self { scope, ..self }
    }

    pub fn for_sdk(&self) -> Json {
        json!({
            "credential": self.credential,
            "arguments": self.arguments,
            "environment": self.environment,
            "scope": self.scope,
        })
    }
}

/// Returns the arguments of an application's credential.
pub fn application(more: &Json) -> Json {
    joined(json!({ "tenant_id": TENANT, "client_id": OPERATOR }), more)
}

fn joined(mut first: Json, more: &Json) -> Json {
    let more = more.as_object().cloned().unwrap_or_default();
    first.as_object_mut().expect("an object").extend(more);
    first
}

/// Returns every way to get a token that needs no privilege.
pub fn all(scene: &Scene) -> Vec<Settings> {
    [applications(scene), environments(scene), managed(scene), azure_cli(scene)].concat()
}

fn applications(scene: &Scene) -> Vec<Settings> {
    let token_file = scene.cloud.lab.federated_tokens()[0].path.display().to_string();
    let pfx = STANDARD.encode(std::fs::read(scene.place.path().join("both.pfx")).expect("made"));
    let of = |name, credential, more: Json| Settings::new(name, credential, application(&more));
    let (secret, certificate, workload) =
        ("ClientSecretCredential", "CertificateCredential", "WorkloadIdentityCredential");
    vec![
        of("client secret", secret, json!({ "client_secret": SECRET })),
        of("certificate in PEM", certificate, json!({ "certificate_path": scene.path("both.pem") })),
        of("certificate in PFX", certificate, json!({ "certificate_data": pfx, "password": PASSWORD })),
        of("workload", workload, json!({ "token_file_path": token_file })),
    ]
}

fn environments(scene: &Scene) -> Vec<Settings> {
    let of = |name, more: Json| {
        let variables = joined(json!({ "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": OPERATOR }), &more);
        Settings::new(name, "EnvironmentCredential", json!({})).with_environment(variables)
    };
    let (secret, path) = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH");
    let password = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    let (pem, pfx) = (scene.path("both.pem"), scene.path("both.pfx"));
    vec![
        of("environment with a secret", json!({ secret: SECRET })),
        of("environment with a certificate", json!({ path: pem })),
        of("environment with a certificate in PFX", json!({ path: pfx, password: PASSWORD })),
        of("environment with both", json!({ secret: SECRET, path: pem })),
    ]
}

fn managed(scene: &Scene) -> Vec<Settings> {
    let vm = json!({ "AZURE_POD_IDENTITY_AUTHORITY_HOST": scene.cloud.lab.imds().expect("a VM").url });
    let of = |name, arguments| {
        Settings::new(name, "ManagedIdentityCredential", arguments).with_environment(vm.clone())
    };
    let resource = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/\
                    Microsoft.ManagedIdentity/userAssignedIdentities/backup";
    vec![
        of("identity of a VM", json!({})),
        of("client id on a VM", json!({ "client_id": BACKUP })),
        of("object id on a VM", json!({ "identity_config": { "object_id": BACKUP_OBJECT } })),
        of("resource id on a VM", json!({ "identity_config": { "resource_id": resource } })),
    ]
}

fn azure_cli(scene: &Scene) -> Vec<Settings> {
    let path = json!({ "PATH": format!("{}:/usr/bin:/bin", scene.path("bin")) });
    let of =
        |name, arguments| Settings::new(name, "AzureCliCredential", arguments).with_environment(path.clone());
    vec![
        of("Azure CLI", json!({})),
        of("Azure CLI with a tenant", json!({ "tenant_id": TENANT })),
        of("Azure CLI with a subscription", json!({ "subscription": "Lab" })),
    ]
}
