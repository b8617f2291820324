//! The kind of identity `client_secret`.

use arcbook_engine::step::{Action, Arg, Arguments, Audience, StepError};

use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use crate::entra::{ClientId, Proof, Tenant, login_action};

/// Acts as an application that proves itself by a client secret.
#[derive(Arguments)]
pub(crate) struct ClientSecret {
    /// Tenant of the application: its id, or one of its domain names.
    pub(super) tenant: Arg<Tenant>,
    /// Client id of the application.
    pub(super) client_id: Arg<ClientId>,
    /// Client secret: its value, not its id.
    #[argument(sensitive)]
    pub(super) secret: Arg<String>,
}

impl Kind for ClientSecret {
    const KIND: &'static str = "client_secret";
    const EXAMPLE: &'static str = r#"step "keyvault_secret" "operator" {
  vault = "arcmi00000000"
  name  = "operator"
}

identity "client_secret" "operator" {
  tenant    = "10000000-0000-0000-0000-000000000000"
  client_id = "00000000-0000-0000-0000-000000000000"
  secret    = step.keyvault_secret.operator.value
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.client_secret.operator
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, tools: &Tools, _audience: &Audience) -> Vec<Action> {
        login_action(&tools.cloud, &self.tenant).into_iter().collect()
    }

    fn describe(&self, _tools: &Tools) -> String {
        format!("{}, by a client secret", super::application(&self.client_id, &self.tenant))
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let proof = Proof::Secret(self.secret.get()?.as_str().into());
        tools.application(&self.tenant, &self.client_id, proof)
    }
}
