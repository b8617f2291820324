//! The step type `keyvault_secret`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, HttpRequest, Method, Outputs, Permission, Response,
    StepError, Text, Title,
};
use serde::Deserialize;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::firewall;
use crate::json::or_empty;
use crate::names::{SecretName, SecretVersion, Vault};
use crate::session::Session;
use crate::step::{Done, TypedStep};

const GET_SECRET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

/// Reads one secret from a key vault.
///
/// The value is sensitive: other steps can use it, and it is never shown.
#[derive(Arguments, Debug)]
pub struct KeyvaultSecret {
    /// Name of the vault, or its URI (`vaultUri` in ARM), such as `https://NAME.vault.azure.net`.
    vault: Arg<Vault>,
    /// Name of the secret.
    name: Arg<SecretName>,
    /// Version of the secret; defaults to the latest.
    version: Option<Arg<SecretVersion>>,
}

/// The outputs of `keyvault_secret`.
#[derive(Outputs)]
pub struct Secret {
    /// Value of the secret.
    #[output(sensitive)]
    value: String,
    /// Id of the secret: a URL that ends in its version.
    #[output(from(vault, name, version))]
    id: String,
    /// Version of the secret.
    #[output(from(version))]
    version: String,
    /// Content type of the secret, set by its owner, such as `text/plain`; null if unset.
    #[output(answer)]
    content_type: Option<String>,
    /// Tags of the secret.
    #[output(answer)]
    tags: BTreeMap<String, String>,
    /// True if the secret is enabled.
    #[output(answer)]
    enabled: bool,
    /// Expiry of the secret, in seconds since 1970; null if it does not expire.
    #[output(answer)]
    expires_on: Option<i64>,
}

/// The vault's response.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    value: String,
    id: String,
    content_type: Option<String>,
    /// A tag without a value becomes an empty one.
    #[serde(default, deserialize_with = "or_empty")]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default, deserialize_with = "or_empty")]
    attributes: Attributes,
}

#[derive(Deserialize, Default)]
struct Attributes {
    enabled: Option<bool>,
    exp: Option<i64>,
}

impl KeyvaultSecret {
    fn get(&self, azure: &Azure) -> Action {
        let secret = azure.cloud().vault_url(&self.vault).then("/secrets/");
        let secret = secret.then_parts(&self.name, |SecretName(name)| name.clone());
        let mut url = secret.clone();
        if let Some(version) = &self.version {
            url = url.then("/").then_parts(version, |SecretVersion(version)| version.clone());
        }
        HttpRequest::new(Method::Get, url.then("?api-version=7.4"))
            .audience(azure.cloud().audience(Service::KeyVault))
            .action()
            .needs(Permission::data(GET_SECRET, secret))
    }
}

impl TypedStep for KeyvaultSecret {
    const TYPE: &'static str = "keyvault_secret";
    const EXAMPLE: &'static str = r#"step "keyvault_secret" "scenario" {
  vault = "arcmi00000000"
  name  = "scenario"
}

output "version" {
  value = step.keyvault_secret.scenario.version
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Sensitive;
    type Output = Secret;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        // The check depends only on the vault's URI, so the rest of the URL is left out.
        let url = self.vault.value().and_then(|_| azure.cloud().vault_url(&self.vault).reveal());
        let refused = url.and_then(|url| {
            firewall::allow(&url, Some(&azure.cloud().audience(Service::KeyVault)), azure.cloud()).err()
        });
        let error = |refusal| {
            let hosts = azure.cloud().suffix(Service::KeyVault);
            ArgumentError::new("vault", format!("is not a vault of {}: {refusal}", azure.cloud().name))
                .help(format!("use the name of the vault, or its URI under {hosts}"))
        };
        refused.map(error).into_iter().collect()
    }

    fn title(&self) -> Title {
        let name = Text::new().then_parts(&self.name, |SecretName(name)| name.clone());
        Title::new("secret").named(&name).within("vault", &Text::new().then_parts(&self.vault, Vault::text))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.get(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Secret>, StepError> {
        let response = session.send(&self.get(session.azure())).await?;
        let bundle: Bundle = response.json()?;
        session.secret(&bundle.value);
        let body = response.value()?;
        let version = bundle.id.rsplit('/').next().unwrap_or_default().to_owned();
        let secret = Secret {
            value: bundle.value,
            version,
            id: bundle.id,
            content_type: bundle.content_type,
            tags: bundle.tags.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect(),
            enabled: bundle.attributes.enabled.unwrap_or(true),
            expires_on: bundle.attributes.exp,
        };
        Ok(Done::unchanged(secret).body(body))
    }
}
