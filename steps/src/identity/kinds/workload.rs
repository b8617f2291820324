//! The kind of identity `workload`.

use arcbook_engine::step::{Action, Arg, Arguments, Audience, FileRead, StepError};

use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use crate::entra::{ClientId, Proof, Tenant, login_action};
use crate::file;

/// Acts as an application that trusts another system's tokens (workload identity federation).
///
/// The system writes a token to a file, such as Kubernetes does, and replaces it before it expires; the file is read
/// anew for each request. The application, or a user-assigned identity, has a federated credential that names the
/// token's issuer, subject and audience.
#[derive(Arguments)]
pub(crate) struct Workload {
    /// Tenant of the application: its id, or one of its domain names.
    pub(super) tenant: Arg<Tenant>,
    /// Client id of the application or of the user-assigned identity.
    pub(super) client_id: Arg<ClientId>,
    /// Path of the file with the token.
    pub(super) token_file: Arg<String>,
}

impl Kind for Workload {
    const KIND: &'static str = "workload";
    const EXAMPLE: &'static str = r#"identity "workload" "runner" {
  tenant     = "10000000-0000-0000-0000-000000000000"
  client_id  = "00000000-0000-0000-0000-000000000000"
  token_file = "/var/run/secrets/azure/tokens/azure-identity-token"
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.workload.runner
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, tools: &Tools, _audience: &Audience) -> Vec<Action> {
        let read = Action::read_file(FileRead::state(file::path(&self.token_file), "token_file"));
        [read].into_iter().chain(login_action(&tools.cloud, &self.tenant)).collect()
    }

    fn describe(&self, _tools: &Tools) -> String {
        format!("{}, by a federated token", super::application(&self.client_id, &self.tenant))
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let proof = Proof::TokenFile(self.token_file.get()?.into());
        tools.application(&self.tenant, &self.client_id, proof)
    }
}
