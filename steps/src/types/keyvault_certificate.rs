//! The step type `keyvault_certificate`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, ErrorKind, Outputs, Response, StepError, Title,
};

use crate::azure::Azure;
use crate::keyvault::{Bundle, Exported, check_vault, secret_title, versioned};
use crate::names::{SecretName, SecretVersion, Vault};
use crate::session::{Session, line};
use crate::step::{Done, TypedStep};

/// Reads a certificate of a key vault with its private key, as PEM, whether the vault keeps it as PEM or as PFX.
///
/// Key Vault exports a certificate as the secret of its name, so the identity needs the right to get secrets, not
/// certificates. The private key is sensitive: other steps can use it, and it is never shown. A key whose policy says that
/// it cannot be exported stays in the vault: `key` is null then.
#[derive(Arguments, Debug)]
pub struct KeyvaultCertificate {
    /// Name of the vault, or its URI (`vaultUri` in ARM), such as `https://NAME.vault.azure.net`.
    vault: Arg<Vault>,
    /// Name of the certificate.
    name: Arg<SecretName>,
    /// Version of the certificate; defaults to the latest.
    version: Option<Arg<SecretVersion>>,
    /// If true, a certificate whose private key cannot be exported is an error; defaults to false.
    require_key: Option<Arg<bool>>,
}

/// The outputs of `keyvault_certificate`.
#[derive(Outputs)]
pub struct ReadCertificate {
    /// Certificate as PEM, without those of its issuers.
    #[output(answer)]
    certificate: String,
    /// Certificates of its issuers as PEM, each after the one that it issued; empty if the vault has none.
    #[output(answer)]
    chain: String,
    /// Private key as PEM, in the form PKCS#8; null if it cannot be exported.
    #[output(sensitive)]
    key: Option<String>,
    /// Private key, certificate and chain in one PEM text, as many servers read it; null if the key cannot be exported.
    #[output(sensitive)]
    bundle: Option<String>,
    /// Subject, such as `CN=www.example.net`.
    #[output(answer)]
    subject: String,
    /// SHA-1 of the certificate in hexadecimal, by which Azure and Windows name it.
    #[output(answer)]
    thumbprint: String,
    /// Start of the validity, in seconds since 1970.
    #[output(answer)]
    not_before: i64,
    /// End of the validity, in seconds since 1970.
    #[output(answer)]
    expires_on: i64,
    /// Version of the certificate.
    #[output(from(version))]
    version: String,
}

impl KeyvaultCertificate {
    fn get(&self, azure: &Azure) -> Action {
        versioned(azure, &self.vault, &self.name, self.version.as_ref())
    }
}

impl TypedStep for KeyvaultCertificate {
    const TYPE: &'static str = "keyvault_certificate";
    const EXAMPLE: &'static str = r#"step "keyvault_certificate" "web" {
  vault = "sandbox00000000"
  name  = "web"
}

output "expires_on" {
  value = step.keyvault_certificate.web.expires_on
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::None;
    type Output = ReadCertificate;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_vault(azure, &self.vault).into_iter().collect()
    }

    fn title(&self) -> Title {
        Title { noun: "certificate".to_owned(), ..secret_title(&self.vault, &self.name) }
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.get(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<ReadCertificate>, StepError> {
        let get = self.get(session.azure());
        let response = session.send(&get).await?;
        let bundle = Bundle::known(session, &response)?;
        let exported = Exported::read(bundle.value.as_deref().unwrap_or_default()).map_err(|reason| {
            StepError::new(ErrorKind::Answer, "the secret is not a certificate")
                .detail(format!("Its value cannot be used: {reason}."))
                .answer(response.status, None, response.request_id())
                .request(line(&get))
                .help("name a certificate of the vault; read any other secret with `keyvault_secret`")
        })?;
        let key = exported.key();
        if let Some(key) = &key {
            session.secret(key);
        }
        if key.is_none() && self.require_key.as_ref().and_then(Arg::value) == Some(&true) {
            return Err(StepError::new(
                ErrorKind::Refused,
                "the private key of the certificate cannot be exported",
            )
            .request(line(&get))
            .argument("require_key")
            .help("issue a new version with a policy whose key can be exported: `key_props.exportable`"));
        }
        let whole = |key: &String| format!("{key}{}{}", exported.certificate(), exported.issuers());
        Ok(Done::unchanged(ReadCertificate {
            certificate: exported.certificate(),
            chain: exported.issuers(),
            bundle: key.as_ref().map(whole),
            key,
            thumbprint: exported.thumbprint(),
            not_before: exported.begins,
            expires_on: exported.ends,
            version: bundle.version().to_owned(),
            subject: exported.subject,
        }))
    }
}
