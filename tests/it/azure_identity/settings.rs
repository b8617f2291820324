//! The ways to get a token, as azure-identity and a runbook are told of each.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::scene::{BACKUP, BACKUP_OBJECT, OPERATOR, PASSWORD, SECRET, Scene, TENANT};

/// The settings of one way to get a token.
#[derive(Clone)]
pub struct Settings {
    pub name: &'static str,
    /// The class in azure-identity.
    pub credential: &'static str,
    arguments: Json,
    /// The kind in a runbook.
    kind: &'static str,
    block: Json,
    /// The environment of both, beside what the scene has.
    environment: Json,
}

impl Settings {
    /// Returns settings with these arguments for a class of azure-identity.
    pub fn new(name: &'static str, credential: &'static str, arguments: Json) -> Self {
        let (kind, block, environment) = ("", json!({}), json!({}));
        Self { name, credential, arguments, kind, block, environment }
    }

    /// Sets the kind of identity in a runbook, and the arguments of its block.
    pub fn with_identity(self, kind: &'static str, block: Json) -> Self {
        Self { kind, block, ..self }
    }

    pub fn with_environment(self, environment: Json) -> Self {
        Self { environment, ..self }
    }

    pub fn for_sdk(&self, scene: &Scene) -> Json {
        json!({
            "credential": self.credential,
            "arguments": self.arguments,
            "environment": self.environment,
            "scope": format!("{}//.default", scene.cloud.lab.azure().arm),
        })
    }

    /// Returns a runbook that gets the token and uses it once.
    pub fn runbook(&self) -> String {
        let kind = self.kind;
        let mut block = String::new();
        for (name, value) in self.block.as_object().expect("an object") {
            let _ = writeln!(block, "  {name} = {value}");
        }
        format!(
            "identity \"{kind}\" \"it\" {{\n{block}}}\n\nstep \"arm_get\" \"_subscriptions\" {{\n  path = \"/subscriptions\"\n  \
             identity = identity.{kind}.it\n}}\n"
        )
    }

    /// Returns the variables of the environment; none removes one.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self.environment.as_object().expect("an object");
        all.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Returns the arguments of an application's credential.
pub fn application(more: &Json) -> Json {
    joined(json!({ "tenant_id": TENANT, "client_id": OPERATOR }), more)
}

/// Returns the arguments of an application's identity in a runbook.
pub fn application_block(more: &Json) -> Json {
    joined(json!({ "tenant": TENANT, "client_id": OPERATOR }), more)
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
    let pem = scene.path("both.pem");
    let of = |name, (credential, arguments): (_, Json), (kind, block): (_, Json)| {
        Settings::new(name, credential, application(&arguments))
            .with_identity(kind, application_block(&block))
    };
    vec![
        of(
            "client secret",
            ("ClientSecretCredential", json!({ "client_secret": SECRET })),
            ("client_secret", json!({ "secret": SECRET })),
        ),
        of(
            "certificate in PEM",
            ("CertificateCredential", json!({ "certificate_path": pem })),
            ("client_certificate", json!({ "certificate_path": pem })),
        ),
        of(
            "certificate in PFX",
            ("CertificateCredential", json!({ "certificate_data": pfx, "password": PASSWORD })),
            ("client_certificate", json!({ "certificate": pfx, "password": PASSWORD })),
        ),
        of(
            "workload",
            ("WorkloadIdentityCredential", json!({ "token_file_path": token_file })),
            ("workload", json!({ "token_file": token_file })),
        ),
    ]
}

fn environments(scene: &Scene) -> Vec<Settings> {
    let of = |name, credential, more: Json| {
        let variables = joined(json!({ "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": OPERATOR }), &more);
        let settings = Settings::new(name, credential, json!({})).with_environment(variables);
        settings.with_identity("environment", json!({}))
    };
    let (secret, path) = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH");
    let (password, file) = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_FEDERATED_TOKEN_FILE");
    let (pem, pfx) = (scene.path("both.pem"), scene.path("both.pfx"));
    let token = scene.cloud.lab.federated_tokens()[0].path.display().to_string();
    let (usual, workload) = ("EnvironmentCredential", "WorkloadIdentityCredential");
    vec![
        of("environment with a secret", usual, json!({ secret: SECRET })),
        of("environment with a certificate", usual, json!({ path: pem })),
        of("environment with a certificate in PFX", usual, json!({ path: pfx, password: PASSWORD })),
        of("environment with both", usual, json!({ secret: SECRET, path: pem })),
        of("environment with a token file", workload, json!({ file: token })),
    ]
}

fn managed(scene: &Scene) -> Vec<Settings> {
    let vm = json!({ "AZURE_POD_IDENTITY_AUTHORITY_HOST": scene.cloud.lab.imds().expect("a VM").url });
    let of = |name, arguments, block: Json| {
        let settings = Settings::new(name, "ManagedIdentityCredential", arguments);
        settings
            .with_identity("managed", joined(json!({ "from": "vm" }), &block))
            .with_environment(vm.clone())
    };
    let resource = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/\
                    Microsoft.ManagedIdentity/userAssignedIdentities/backup";
    let config = |id: Json| json!({ "identity_config": id });
    let (client, object) = (json!({ "client_id": BACKUP }), json!({ "object_id": BACKUP_OBJECT }));
    let resource = json!({ "resource_id": resource });
    vec![
        of("identity of a VM", json!({}), json!({})),
        of("client id on a VM", client.clone(), client),
        of("object id on a VM", config(object.clone()), object),
        of("resource id on a VM", config(resource.clone()), resource),
    ]
}

/// Returns the settings of an Arc-enabled server.
pub fn on_arc(scene: &Scene) -> Vec<Settings> {
    let himds = scene.cloud.lab.himds();
    let agent = json!({ "IDENTITY_ENDPOINT": himds.identity, "IMDS_ENDPOINT": himds.url });
    let of = |name, arguments, block| {
        let settings = Settings::new(name, "ManagedIdentityCredential", arguments);
        settings.with_identity("managed", block).with_environment(agent.clone())
    };
    let (client, object) = (json!({ "client_id": BACKUP }), json!({ "object_id": BACKUP_OBJECT }));
    let unknown = json!({ "client_id": OPERATOR });
    vec![
        of("identity of the machine", json!({}), json!({})),
        of("client id", client.clone(), client),
        of("object id", json!({ "identity_config": object }), object),
        of("unknown client id", unknown.clone(), unknown),
    ]
}

fn azure_cli(scene: &Scene) -> Vec<Settings> {
    let path = json!({ "PATH": format!("{}:/usr/bin:/bin", scene.path("bin")) });
    let of = |name, arguments, block| {
        let settings = Settings::new(name, "AzureCliCredential", arguments);
        settings.with_identity("azure_cli", block).with_environment(path.clone())
    };
    let subscription = json!({ "subscription": "Lab" });
    vec![
        of("Azure CLI", json!({}), json!({})),
        of("Azure CLI with a tenant", json!({ "tenant_id": TENANT }), json!({ "tenant": TENANT })),
        of("Azure CLI with a subscription", subscription.clone(), subscription),
    ]
}
