//! The kind of identity `client_certificate`.

use arcbook_engine::step::{Action, Arg, Arguments, Audience, FileRead, StepError};

use super::super::kind::Kind;
use super::super::source::Source;
use super::super::tools::Tools;
use crate::entra::{ClientId, Content, Proof, Tenant, login_action};
use crate::file;

/// Acts as an application that proves itself by a certificate.
///
/// The private key signs a statement that is valid for ten minutes (PS256); the key itself is never sent.
#[derive(Arguments)]
#[arguments(exactly_one(certificate, certificate_path))]
pub(crate) struct ClientCertificate {
    /// Tenant of the application: its id, or one of its domain names.
    pub(super) tenant: Arg<Tenant>,
    /// Client id of the application.
    pub(super) client_id: Arg<ClientId>,
    /// Certificate with its private key: PEM, or PFX (PKCS#12) in base64, as Key Vault returns either.
    #[argument(sensitive)]
    pub(super) certificate: Option<Arg<String>>,
    /// Path of a PEM or PFX file with the certificate and its private key.
    pub(super) certificate_path: Option<Arg<String>>,
    /// Password of the private key or of the PFX file.
    #[argument(sensitive)]
    pub(super) password: Option<Arg<String>>,
    /// Sends the certificates too, for an application that trusts a subject and issuer (SNI).
    pub(super) send_certificate_chain: Option<Arg<bool>>,
}

impl Kind for ClientCertificate {
    const KIND: &'static str = "client_certificate";
    const EXAMPLE: &'static str = r#"identity "client_certificate" "operator" {
  tenant           = "10000000-0000-0000-0000-000000000000"
  client_id        = "00000000-0000-0000-0000-000000000000"
  certificate_path = "/etc/arcbook/operator.pem"
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.client_certificate.operator
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, tools: &Tools, _audience: &Audience) -> Vec<Action> {
        let path = self.certificate_path.as_ref().map(file::path);
        let read = path.map(|path| Action::read_file(FileRead::state(path, "certificate_path")));
        read.into_iter().chain(login_action(&tools.cloud, &self.tenant)).collect()
    }

    fn describe(&self, _tools: &Tools) -> String {
        format!("{}, by a certificate", super::application(&self.client_id, &self.tenant))
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let content = match (&self.certificate, &self.certificate_path) {
            (Some(text), _) => Content::Text(text.get()?.as_str().into()),
            (None, Some(path)) => Content::File(path.get()?.into()),
            (None, None) => return Err(StepError::internal("a certificate is not given")),
        };
        let password = self.password.as_ref().map(Arg::get).transpose()?.map(|text| text.as_str().into());
        let with_chain = self.send_certificate_chain.as_ref().map(Arg::get).transpose()?;
        let proof =
            Proof::Certificate { content, password, with_chain: with_chain.copied().unwrap_or_default() };
        tools.application(&self.tenant, &self.client_id, proof)
    }
}
