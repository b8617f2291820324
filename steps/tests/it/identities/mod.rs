//! Kinds of identities, against servers with fixed responses.

#[cfg(unix)]
mod azure_cli;
mod certificate;
mod entra;
mod environment;
mod given;
mod machine;

use std::sync::{Arc, Mutex};

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{
    ActionFacts, ArgumentError, Audience, Context, Identity, KindFacts, Progress, Signal, StepError, Token,
};
use arcbook_engine::value::Value;
use arcbook_steps::{Azure, AzureOptions, Cloud, Environment, registry};

use crate::world::{QUICK, QUICK_AGENT};

/// The audience of most tokens here.
pub const VAULT: &str = "https://vault.azure.net";

/// A secret that nothing may show.
pub const SECRET: &str = "hunter2-hunter2";

/// An `Azure` of the public cloud whose Entra is at a port of this machine.
pub struct Rig {
    pub azure: Arc<Azure>,
    pub secrets: Secrets,
    pub progress: Arc<Mutex<Vec<Progress>>>,
}

pub type Given<'a> = &'a [(&'static str, &'a str)];

impl Rig {
    /// Returns one with these variables; `port` is that of Entra.
    pub fn new(port: u16, variables: &[(&str, &str)]) -> Self {
        Self::with(port, variables, |_| ())
    }

    /// Returns one whose options `change` adjusts.
    pub fn with(port: u16, variables: &[(&str, &str)], change: impl FnOnce(&mut AzureOptions)) -> Self {
        let environment: Environment = variables.iter().copied().collect();
        let mut options = AzureOptions {
            cloud: Cloud::public().logging_in_at(&format!("http://login.localhost:{port}")),
            virtual_machine: Some(false),
            policy: QUICK,
            agent_policy: QUICK_AGENT,
            ..AzureOptions::new(environment)
        };
        change(&mut options);
        let azure = Arc::new(Azure::new(options));
        Self { azure, secrets: Secrets::default(), progress: Arc::default() }
    }

    pub fn context(&self) -> Context {
        let progress = Arc::clone(&self.progress);
        Context::new("step.x.y", ".", self.secrets.clone(), move |signal| {
            if let Signal::Progress(told) = signal {
                progress.lock().unwrap().push(told);
            }
        })
    }

    /// Prepares an identity.
    pub fn prepare(&self, kind: &str, arguments: Given<'_>) -> Result<Arc<dyn Identity>, Vec<ArgumentError>> {
        let arguments = arguments.iter().map(|(name, text)| ((*name).into(), Value::string(*text))).collect();
        registry(&self.azure).identity(kind).unwrap().prepare(&arguments)
    }

    pub fn identity(&self, kind: &str, arguments: Given<'_>) -> Arc<dyn Identity> {
        self.prepare(kind, arguments).unwrap_or_else(|errors| panic!("{kind}: {errors:?}"))
    }

    /// Gets a token of an identity, whose secrets nothing shows.
    pub async fn token(&self, kind: &str, arguments: Given<'_>) -> Result<Token, StepError> {
        let identity = self.identity(kind, arguments);
        let token = identity.token(&Audience::new(VAULT), &self.context()).await;
        let shown = format!("{token:?} {} {:?}", identity.describe(), actions(&*identity, VAULT));
        let told = format!("{:?}", self.progress.lock().unwrap());
        assert!(!shown.contains(SECRET) && !told.contains(SECRET), "{shown} {told}");
        token
    }
}

/// Returns the actions that get a token, each in a line.
pub fn actions(identity: &dyn Identity, audience: &str) -> Vec<String> {
    let actions = identity.actions(&Audience::new(audience));
    actions.iter().map(|action| ActionFacts::from(action).line()).collect()
}

/// Returns true if an identity starts a program.
#[cfg(unix)]
pub fn starts_program(identity: &dyn Identity) -> bool {
    let actions = identity.actions(&Audience::new(VAULT));
    actions.iter().any(|action| matches!(ActionFacts::from(action).kind, KindFacts::Exec { .. }))
}

/// The arguments of an application that proves itself by a secret.
pub const WITH_SECRET: Given<'static> =
    &[("tenant", "t.example"), ("client_id", "app-1"), ("secret", SECRET)];

/// A response with a token.
pub fn issued(token: &str) -> String {
    crate::server::ok(&format!(
        r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{token}"}}"#
    ))
}

/// A response with an error of Entra.
pub fn refusal(status: u16, headers: &str, error: &str, number: u32) -> String {
    let body = format!(
        r#"{{"error":"{error}","error_description":"AADSTS{number}: The words of Entra. Trace ID: 1 Correlation ID: 2 Timestamp: 3","error_codes":[{number}],"timestamp":"x","trace_id":"1","correlation_id":"2"}}"#
    );
    crate::server::no(status, headers, &body)
}
