//! The step type `keyvault_secret`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Flow, Outputs, Response, Script, ScriptResult, StepError,
    Title,
};

use crate::azure::Azure;
use crate::keyvault::{Bundle, check_vault, secret_title, versioned};
use crate::names::{SecretName, SecretVersion, Vault};
use crate::session::Session;
use crate::step::{Done, TypedStep};

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

impl KeyvaultSecret {
    fn get(&self, azure: &Azure) -> Action {
        versioned(azure, &self.vault, &self.name, self.version.as_ref())
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
    const SCRIPT: Option<Script> = Some(Script {
        flow: Flow::Send,
        results: &[
            ScriptResult::query("value", "value"),
            ScriptResult::query("id", "id"),
            ScriptResult::query("version", "split(id, '/')[-1]"),
            ScriptResult::query("content_type", "contentType"),
            ScriptResult::query("tags", "tags || `{}`"),
            ScriptResult::query("enabled", "attributes.enabled"),
            ScriptResult::query("expires_on", "attributes.exp"),
        ],
    });
    type Output = Secret;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_vault(azure, &self.vault).into_iter().collect()
    }

    fn title(&self) -> Title {
        secret_title(&self.vault, &self.name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.get(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Secret>, StepError> {
        let response = session.send(&self.get(session.azure())).await?;
        let bundle = Bundle::known(session, &response)?;
        let body = response.value()?;
        let secret = Secret {
            version: bundle.version().to_owned(),
            content_type: bundle.content_type.clone(),
            tags: bundle.tags(),
            enabled: bundle.is_enabled(),
            expires_on: bundle.attributes.exp,
            value: bundle.value.ok_or_else(|| response.nonsense("it has no value"))?,
            id: bundle.id,
        };
        Ok(Done::unchanged(secret).body(body))
    }
}
