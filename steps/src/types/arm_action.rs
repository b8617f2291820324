//! The step type `arm_action`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Choice, Effect, HttpRequest, Method, Outputs, Power,
    RemoteScript, Response, Safety, StepError, Text, Title,
};
use arcbook_engine::value::{Data, Value};
use bytes::Bytes;

use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::http::{HttpResponse, Payload};
use crate::permission;
use crate::session::{Operation, Session, body_of};
use crate::step::{Done, TypedStep};
use crate::words;

/// Performs an action of Azure Resource Manager: one POST request, such as `listKeys`, `start` or `register`.
///
/// The step waits for the end of an operation that the action starts; a resumed run continues to wait and does not send
/// the action again. An action changes something and is sent once, unless `effect` or `idempotent` says otherwise: if its
/// answer gets lost, the change is unconfirmed, and arcbook does not repeat it.
///
/// Actions whose names begin with `list`, or name a key, a secret, a credential, a password, a token, an access, a SAS, a
/// connection string or a publishing profile, return secrets: their response is in `secret`, and `body` is null. `response`
/// decides otherwise.
#[derive(Arguments, Debug)]
pub struct ArmAction {
    /// Path of the action: the id of a resource and the name, such as `/subscriptions/…/storageAccounts/NAME/listKeys`.
    path: Arg<ResourcePath>,
    /// API version of the resource provider, such as `2023-05-01`; defaults to one known to work.
    ///
    /// It is required for providers without a default version.
    api_version: Option<Arg<ApiVersion>>,
    /// Body of the request as JSON; defaults to none.
    body: Option<Arg<Value>>,
    /// Effect of the action; defaults to `changes`. An action that only reads, such as `listKeys`, has `reads`.
    effect: Option<Arg<ActionEffect>>,
    /// True if repeating the action has no further effect; defaults to false.
    idempotent: Option<Arg<bool>>,
    /// Treatment of the response; defaults to what the name of the action suggests.
    response: Option<Arg<Secrecy>>,
}

/// The effect of an action.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionEffect {
    /// The action changes nothing: `plan -live` performs it, and it may be repeated freely.
    Reads,
    /// The action changes something.
    Changes,
}

/// The treatment of a response.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// The response is in `body`.
    Public,
    /// The response is in `secret`.
    Secret,
}

/// The outputs of `arm_action`.
#[derive(Outputs)]
pub struct Acted {
    /// HTTP status of the first response, such as `200`; null if an earlier run got it.
    #[output(answer)]
    status: Option<i64>,
    /// Response, if it is a secret; otherwise null.
    #[output(sensitive)]
    secret: Option<Value>,
}

/// The parts of names of actions that return secrets.
const SECRET_WORDS: [&str; 9] =
    ["access", "connectionstring", "credential", "key", "password", "publish", "sas", "secret", "token"];

/// Returns true if the response of the action with this name is a secret.
fn returns_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("list") || SECRET_WORDS.iter().any(|word| name.contains(word))
}

impl ArmAction {
    fn path(&self) -> Text {
        Text::new().then_parts(&self.path, ResourcePath::encoded)
    }

    /// Returns the safety of the action; an argument that is not known yet counts as the worst case.
    fn safety(&self) -> Safety {
        if self.effect.as_ref().and_then(Arg::value) == Some(&ActionEffect::Reads) {
            Safety::Reads
        } else if self.idempotent.as_ref().and_then(Arg::value) == Some(&true) {
            Safety::Idempotent
        } else {
            Safety::Once
        }
    }

    fn post(&self, azure: &Azure) -> Action {
        let url = arm::url(azure, &self.path, self.api_version.as_ref());
        let mut request = HttpRequest::new(Method::Post, url).audience(azure.cloud().audience(Service::Arm));
        if let Some(body) = &self.body {
            let text = body.value().and_then(|body| body.to_json_text().ok());
            let body = text.map_or(Body::Unknown, |text| Body::Bytes(Bytes::from(text)));
            request = request.header("content-type", "application/json").body(body);
        }
        let action = request.action().safety(self.safety());
        action.needs(permission::arm(Method::Post, &self.path())).operation()
    }

    fn is_secret(&self) -> Result<bool, StepError> {
        match &self.response {
            Some(response) => Ok(*response.get()? == Secrecy::Secret),
            None => Ok(self.path.get()?.segments().last().is_some_and(returns_secret)),
        }
    }

    /// Sends the action, and returns its first response with the one that has the result.
    async fn perform(
        &self,
        session: &Session,
        action: &Action,
    ) -> Result<(Option<u16>, Option<HttpResponse>), StepError> {
        if let Some(place) = session.operation() {
            let operation = Operation { change: action, read: None };
            return Ok((None, session.resume(operation, place).await?));
        }
        let mut request = session.request(action, body_of(action)?.map(Payload::from), &[])?;
        request.holds_secret = self.body.as_ref().is_some_and(Arg::is_sensitive);
        let shown = action.request().map(|request| request.url.to_string()).unwrap_or_default();
        let first = session.exchange(action, request, shown).await?;
        let status = first.status;
        Ok((Some(status), Some(session.finish_action(action, first).await?)))
    }
}

/// Returns the result of an action: of an operation, the `properties` beside its state.
fn result(answer: Option<&HttpResponse>) -> Result<Value, StepError> {
    let Some(answer) = answer.filter(|answer| !answer.body.is_empty()) else { return Ok(Value::NULL) };
    let body = answer.value()?;
    let is_operation = ["status", "startTime"].iter().all(|name| member_of(&body, name).is_some());
    match member_of(&body, "properties") {
        Some(properties) if is_operation => Ok(properties.clone()),
        None if is_operation => Ok(Value::NULL),
        _ => Ok(body),
    }
}

impl TypedStep for ArmAction {
    const TYPE: &'static str = "arm_action";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_action" "keys" {
  path        = "/subscriptions/${step.metadata.machine.subscription_id}/resourceGroups/sandbox/providers/Microsoft.OperationalInsights/workspaces/sandbox-logs/sharedKeys"
  api_version = "2020-08-01"
  effect      = "reads"
}

output "has_keys" {
  value = nonsensitive(step.arm_action.keys.secret != null)
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const REMOTE_SCRIPTS: &'static [RemoteScript] = &[RemoteScript { path: &["body", "script"], given: &[] }];
    const RESPONSE: Response = Response::Plain;
    const LASTING: Option<&'static str> = Some("the effect of an action cannot be undone");
    type Output = Acted;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let reads = self.safety() == Safety::Reads && self.idempotent.is_some();
        let twice = reads.then(|| {
            ArgumentError::new("idempotent", "must not be given with `effect = \"reads\"`")
                .help("an action that only reads may always be repeated")
        });
        twice.into_iter().chain(arm::check_version(&self.path, self.api_version.as_ref())).collect()
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.post(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Acted>, StepError> {
        let (status, answer) = self.perform(session, &self.post(session.azure())).await?;
        let result = result(answer.as_ref())?;
        let is_secret = self.is_secret()? && !matches!(result.data(), Data::Null(_));
        let (secret, body) = if is_secret { (Some(result), Value::NULL) } else { (None, result) };
        let change = if self.safety() == Safety::Reads { Change::None } else { Change::Updated };
        Ok(Done::changed(Acted { status: status.map(i64::from), secret }, change).body(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_return_secrets_are_known_by_their_names() {
        for (name, is_secret) in [
            ("listKeys", true),
            ("ListAccountSas", true),
            ("sharedKeys", true),
            ("regenerateKey", true),
            ("listConnectionStrings", true),
            ("getAccessToken", true),
            ("beginGetAccess", true),
            ("publishxml", true),
            ("start", false),
            ("upgradeExtensions", false),
            ("validate", false),
        ] {
            assert_eq!(returns_secret(name), is_secret, "{name}");
        }
    }
}
