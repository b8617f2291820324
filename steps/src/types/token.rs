//! The step type `token`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, Arguments, Audience, Effect, Outputs, Response, StepError,
    Text, Title,
};
use arcbook_engine::value::{Entries, Type, Value};

use crate::azure::Azure;
use crate::identity::claims;
use crate::json;
use crate::names::argument;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Takes a token of the step's identity for a resource as a value.
///
/// Steps that call Azure do not need it: they request their own tokens. Use it to pass a token to another
/// program, or to inspect its claims. The token is the one that the run's other steps use for the same
/// resource.
#[derive(Arguments, Debug)]
pub struct Token {
    /// Audience of the token, such as `https://management.azure.com`.
    ///
    /// For Azure Database for PostgreSQL it is `https://ossrdbms-aad.database.windows.net`.
    resource: Arg<Resource>,
}

/// The audience of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource(Audience);

impl Resource {
    fn parse(text: &str) -> Result<Self, String> {
        (!text.is_empty() && text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic()))
            .then(|| Self(Audience::new(text)))
            .ok_or_else(|| "must be a resource like https://management.azure.com".to_owned())
    }
}

argument!(Resource);

/// The outputs of `token`.
#[derive(Outputs)]
pub struct Issued {
    /// The token: its holder can act as the identity until it expires.
    #[output(sensitive)]
    access_token: String,
    /// Base URL of the service that accepts the token, such as `https://management.azure.com`; null unless the cloud has one
    /// host for all.
    #[output(from(resource))]
    endpoint: Option<String>,
    /// Expiry of the token, in seconds since 1970.
    #[output(answer)]
    expires_on: i64,
    /// Claims of the token, such as `aud`, `oid`, `tid` and `xms_mirid`; null if they cannot be parsed.
    #[output(from(resource))]
    claims: Option<Value>,
}

impl Token {
    fn take(&self) -> Action {
        Action::token(Text::new().then_arg(&self.resource, |Resource(audience)| audience.to_string()))
    }
}

impl TypedStep for Token {
    const TYPE: &'static str = "token";
    const EXAMPLE: &'static str = r#"step "token" "arm" {
  resource = "https://management.azure.com/"
}

output "expires_on" {
  value = step.token.arm.expires_on
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Sensitive;
    type Output = Issued;

    fn title(&self) -> Title {
        let audience = Text::new().then_arg(&self.resource, |Resource(audience)| audience.to_string());
        Title::new("token").placed(format!("for {audience}"))
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        vec![self.take()]
    }

    fn known_outputs(&self, azure: &Azure) -> Entries {
        match &self.resource {
            Arg::Known { value: Resource(audience), sensitive: false } => {
                let endpoint = azure.cloud().base_for(audience).map_or(Value::NULL, Value::string);
                Entries::from([("endpoint".into(), endpoint)])
            }
            _ => Entries::new(),
        }
    }

    async fn run(&self, session: &Session) -> Result<Done<Issued>, StepError> {
        let Resource(audience) = self.resource.get()?;
        let token = session.token(&self.take(), audience).await?;
        let issued = Issued {
            access_token: token.reveal().to_owned(),
            endpoint: session.azure().cloud().base_for(audience),
            expires_on: token.expires_on(),
            claims: claims(token.reveal()).and_then(|claims| json::value(&claims).ok()),
        };
        let body = json::value(token.document()).map_err(StepError::internal)?;
        Ok(Done::unchanged(issued).body(body))
    }
}
