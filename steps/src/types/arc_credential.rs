//! The credential with which `azcmagent` connects or disconnects a machine.

use arcbook_engine::step::{Action, Arg, ArgumentError, Arguments, StepError, Text};
use arcbook_engine::value::PathStep;

use crate::azcmagent::Settings;
use crate::azure::Azure;
use crate::cloud::Service;
use crate::session::Session;

/// A service principal.
#[derive(Arguments, Clone)]
#[arguments(exactly_one(secret, certificate))]
pub struct ServicePrincipal {
    /// Client id of the application.
    client_id: Arg<String>,
    /// Secret of the application.
    #[argument(sensitive)]
    secret: Option<Arg<String>>,
    /// Path of the application's certificate with its private key, which the agent reads.
    certificate: Option<Arg<String>>,
}

/// The credential of a step; without one, a token of the identity as which the step acts.
pub(super) struct Credential<'a> {
    pub access_token: Option<&'a Arg<String>>,
    pub service_principal: Option<&'a Arg<ServicePrincipal>>,
    pub tenant_id: Option<&'a Arg<String>>,
}

impl Credential<'_> {
    /// Returns true if the agent gets a token of the identity as which the step acts.
    pub fn is_identity(&self) -> bool {
        self.access_token.is_none() && self.service_principal.is_none()
    }

    /// Returns the errors in the known arguments.
    pub fn check(&self) -> Vec<ArgumentError> {
        if self.service_principal.is_some() && self.tenant_id.is_none() {
            return ArgumentError::new("tenant_id", "must be given with `service_principal`").into();
        }
        let principal = self.service_principal.and_then(Arg::value);
        let is_empty = |arg: &Arg<String>| arg.value().is_some_and(|text| text.trim().is_empty());
        let empty = [
            ("client_id", principal.map(|own| &own.client_id)),
            ("secret", principal.and_then(|own| own.secret.as_ref())),
            ("certificate", principal.and_then(|own| own.certificate.as_ref())),
        ];
        let empty = empty.into_iter().filter(|(_, arg)| arg.is_some_and(is_empty)).map(|(name, _)| {
            ArgumentError::value("must not be empty")
                .inside(PathStep::Attribute(name.into()))
                .inside(PathStep::Attribute("service_principal".into()))
        });
        let token = self.access_token.filter(|arg| is_empty(arg));
        let token = token.map(|_| ArgumentError::new("access_token", "must not be empty"));
        empty.chain(token).collect()
    }

    /// Returns the taking of the token, if the agent gets one of the identity.
    pub fn action(&self, azure: &Azure) -> Option<Action> {
        self.is_identity().then(|| take_token(azure))
    }

    /// Adds the credential to the settings of a command.
    pub async fn add(&self, session: &Session, settings: Settings) -> Result<Settings, StepError> {
        if let Some(token) = text(self.access_token)? {
            session.secret(token);
            return Ok(settings.with("access-token", Some(token)));
        }
        let Some(principal) = self.service_principal.map(Arg::get).transpose()? else {
            return with_own_token(session, settings).await;
        };
        let secret = text(principal.secret.as_ref())?;
        if let Some(secret) = secret {
            session.secret(secret);
        }
        Ok(settings
            .with("service-principal-id", Some(principal.client_id.get()?))
            .with("service-principal-secret", secret.map(String::as_str))
            .with("service-principal-cert", text(principal.certificate.as_ref())?.map(String::as_str)))
    }
}

/// Returns the text of an argument that may be missing.
fn text(argument: Option<&Arg<String>>) -> Result<Option<&String>, StepError> {
    argument.map(Arg::get).transpose()
}

/// Returns the taking of the identity's token for Azure Resource Manager.
pub(super) fn take_token(azure: &Azure) -> Action {
    Action::token(Text::from(azure.cloud().audience(Service::Arm).as_str()))
}

/// Adds the identity's token to the settings of a command.
pub(super) async fn with_own_token(session: &Session, settings: Settings) -> Result<Settings, StepError> {
    let audience = session.azure().cloud().audience(Service::Arm);
    let token = session.token(&take_token(session.azure()), &audience).await?;
    Ok(settings.with("access-token", Some(token.reveal())))
}
