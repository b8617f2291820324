//! The step type `keyvault_secrets`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Outputs, Response, StepError, Title,
};
use arcbook_engine::value::Value;
use serde::Deserialize as _;

use crate::azure::Azure;
use crate::keyvault::{Item, check_vault, listed, vault_text};
use crate::names::Vault;
use crate::session::{ListAdvice, Session};
use crate::step::{Done, TypedStep};

const ADVICE: ListAdvice =
    ListAdvice { narrower: "read single secrets by name, with `keyvault_secret`", unlisted: None };

/// Lists the secrets of a key vault across all pages, without their values.
///
/// Certificates have a secret of the same name, which the list contains with `managed = true`. Deleted secrets are not
/// listed.
#[derive(Arguments, Debug)]
pub struct KeyvaultSecrets {
    /// Name of the vault, or its URI (`vaultUri` in ARM), such as `https://NAME.vault.azure.net`.
    vault: Arg<Vault>,
}

/// The outputs of `keyvault_secrets`.
#[derive(Outputs, Debug)]
pub struct Listed {
    /// Secrets, in the service's order.
    ///
    /// Each is an object with `name`, `id`, `enabled`, `content_type`, `tags`, `managed`, and `not_before` and
    /// `expires_on` in seconds since 1970. Values that are not set are null.
    #[output(from(vault), body = "secrets")]
    secrets: Value,
}

impl TypedStep for KeyvaultSecrets {
    const TYPE: &'static str = "keyvault_secrets";
    const EXAMPLE: &'static str = r#"step "keyvault_secrets" "all" {
  vault   = "arcmi00000000"
  extract = { enabled = "secrets[?enabled].name" }
}

step "keyvault_secret" "each" {
  for_each = toset(step.keyvault_secrets.all.extract.enabled)
  vault    = "arcmi00000000"
  name     = each.value
}

output "versions" {
  value = { for name, secret in step.keyvault_secret.each : name => secret.version }
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    type Output = Listed;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_vault(azure, &self.vault).into_iter().collect()
    }

    fn title(&self) -> Title {
        Title::new("secrets").within("vault", &vault_text(&self.vault))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![listed(azure, &self.vault)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Listed>, StepError> {
        let item = |json: &serde_json::Value| {
            let item = Item::deserialize(json);
            item.map(|item| value_of(&item)).map_err(|_| "an item of it is not a secret".to_owned())
        };
        let secrets = session.list(&listed(session.azure(), &self.vault), ADVICE, item).await?;
        let secrets = Value::tuple(secrets);
        let body = Value::object([("secrets", secrets.clone())]);
        Ok(Done::unchanged(Listed { secrets }).body(body))
    }
}

fn value_of(item: &Item) -> Value {
    let time = |time: Option<i64>| time.map_or(Value::NULL, Value::from);
    Value::object([
        ("name", Value::from(item.name())),
        ("id", Value::from(item.id.as_str())),
        ("enabled", Value::from(item.attributes.enabled.unwrap_or(true))),
        ("content_type", item.content_type.as_deref().map_or(Value::NULL, Value::from)),
        ("tags", Value::string_map(item.tags())),
        ("managed", Value::from(item.managed)),
        ("not_before", time(item.attributes.nbf)),
        ("expires_on", time(item.attributes.exp)),
    ])
}
