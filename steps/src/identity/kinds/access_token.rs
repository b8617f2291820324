//! The kind of identity `access_token`.

use std::sync::Arc;

use arcbook_engine::step::{Action, Arg, ArgumentError, ArgumentType, Arguments, Audience, StepError, Text};
use arcbook_engine::value::{Type, Value};

use super::super::given::Given;
use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use crate::names::argument;

/// Acts with a token that comes from outside, for one audience and a short time.
///
/// Nothing is requested, and the token cannot be renewed. If it is a JSON Web Token, its audience and its expiry are
/// checked before it is sent.
#[derive(Arguments)]
pub(crate) struct AccessToken {
    /// Access token.
    #[argument(sensitive)]
    token: Arg<String>,
    /// Audience of the token, such as `https://management.azure.com`.
    audience: Arg<ForAudience>,
}

/// The audience of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForAudience(Audience);

impl ForAudience {
    fn parse(text: &str) -> Result<Self, String> {
        (!text.is_empty() && text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic()))
            .then(|| Self(Audience::new(text)))
            .ok_or_else(|| "must be an audience like https://management.azure.com".to_owned())
    }
}

argument!(ForAudience);

impl Kind for AccessToken {
    const KIND: &'static str = "access_token";
    const EXAMPLE: &'static str = r#"step "keyvault_secret" "token" {
  vault = "arcmi00000000"
  name  = "token"
}

identity "access_token" "given" {
  token    = step.keyvault_secret.token.value
  audience = "https://management.azure.com"
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.access_token.given
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, _tools: &Tools, _audience: &Audience) -> Vec<Action> {
        Vec::new()
    }

    fn describe(&self, _tools: &Tools) -> String {
        let audience = Text::new().then_arg(&self.audience, |ForAudience(audience)| audience.to_string());
        format!("whoever the given token for {audience} belongs to")
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let ForAudience(audience) = self.audience.get()?;
        Ok(Source::Given(Given {
            token: self.token.get()?.clone(),
            audience: audience.clone(),
            cloud: Arc::clone(&tools.cloud),
            now: tools.now,
        }))
    }
}
