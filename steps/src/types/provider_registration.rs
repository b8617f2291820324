//! The step type `provider_registration`.

use arcbook_engine::step::{
    Action, Arg, Arguments, Change, Difference, Effect, ErrorKind, Existing, HttpRequest, Method, Outputs,
    Response, Safety, StepError, Text, Title,
};
use serde::Deserialize;
use tokio::time::Instant;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::HttpResponse;
use crate::permission;
use crate::session::{Session, line};
use crate::step::{Done, TypedStep};
use crate::subscription::{Namespace, SubscriptionId};

const REGISTERED: &str = "Registered";

/// Registers a subscription for a resource provider, and waits until it is registered.
///
/// Azure refuses resources of a provider for which their subscription is not registered. Arc-enabled servers need
/// `Microsoft.HybridCompute`, `Microsoft.GuestConfiguration` and `Microsoft.HybridConnectivity`. A registration takes a
/// minute or two; the step waits for at most ten.
#[derive(Arguments, Debug)]
pub struct ProviderRegistration {
    /// Id of the subscription.
    subscription_id: Arg<SubscriptionId>,
    /// Namespace of the provider, such as `Microsoft.HybridCompute`.
    namespace: Arg<Namespace>,
}

/// The outputs of `provider_registration`.
#[derive(Outputs, Debug)]
pub struct Registration {
    /// Namespace of the provider.
    #[output(from(namespace), fact)]
    namespace: String,
    /// State of the registration: `Registered`.
    #[output(answer)]
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    registration_state: String,
}

impl ProviderRegistration {
    fn path(&self) -> Text {
        let subscription = Text::from("subscriptions/").then_arg(&self.subscription_id, SubscriptionId::text);
        subscription.then("/providers/").then_arg(&self.namespace, |Namespace(name)| name.clone())
    }

    fn request(azure: &Azure, method: Method, path: &Text) -> Action {
        let url = Text::from(&*azure.cloud().arm()).then("/").then_text(path).then("?api-version=2021-04-01");
        let request = HttpRequest::new(method, url).audience(azure.cloud().audience(Service::Arm));
        request.action().needs(permission::arm(method, path))
    }

    fn read(&self, azure: &Azure) -> Action {
        Self::request(azure, Method::Get, &self.path())
    }

    fn register(&self, azure: &Azure) -> Action {
        Self::request(azure, Method::Post, &self.path().then("/register")).safety(Safety::Idempotent)
    }

    fn done(&self, answer: &HttpResponse, change: Change) -> Result<Done<Registration>, StepError> {
        let state = answer.json::<Provider>()?.registration_state;
        let registration = Registration { namespace: self.namespace.get()?.0.clone(), state };
        let done = match change {
            Change::None => Done::unchanged(registration),
            change => Done::changed(registration, change),
        };
        Ok(done.body(answer.value()?))
    }
}

impl TypedStep for ProviderRegistration {
    const TYPE: &'static str = "provider_registration";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "provider_registration" "connectivity" {
  subscription_id = step.metadata.machine.subscription_id
  namespace       = "Microsoft.HybridConnectivity"
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> =
        Some("other resources of the subscription may need the registration by then");
    type Output = Registration;

    fn title(&self) -> Title {
        let name = Text::new().then_arg(&self.namespace, |Namespace(name)| name.clone());
        let subscription = Text::new().then_arg(&self.subscription_id, SubscriptionId::text);
        Title::new("registration").named(&name).within("subscription", &subscription)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.read(azure), self.register(azure)]
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Registration>>, StepError> {
        let answer = match session.send(&self.read(session.azure())).await {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let state = answer.json::<Provider>()?.registration_state;
        if state.eq_ignore_ascii_case(REGISTERED) {
            let change = if session.before().is_some() { Change::Updated } else { Change::None };
            return self.done(&answer, change).map(Existing::AsWanted);
        }
        Ok(Existing::Different(vec![Difference::new("registrationState", state, REGISTERED)], None))
    }

    async fn run(&self, session: &Session) -> Result<Done<Registration>, StepError> {
        let (read, began) = (self.read(session.azure()), Instant::now());
        let mut answer = session.send(&self.register(session.azure())).await?;
        for number in 1.. {
            let state = answer.json::<Provider>()?.registration_state;
            if state.eq_ignore_ascii_case(REGISTERED) {
                break;
            }
            if began.elapsed() > session.azure().arm_policy().lag {
                let what = format!("the provider is still {}", crate::http::clean(&state));
                return Err(StepError::new(ErrorKind::Timeout, what)
                    .request(line(&read))
                    .help("wait some minutes, and run again: the step continues to wait")
                    .uncertain());
            }
            session.pause_in(&answer, number, &state).await;
            answer = session.send(&read).await.map_err(StepError::uncertain)?;
        }
        self.done(&answer, Change::Updated)
    }
}
