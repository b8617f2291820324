//! The secrets and certificates of the vaults in a world file.

use super::build::seconds;
use super::error::Problem;
use super::file::{CertificateFormat, Labelled, SecretFile, VaultCertificateFile};
use super::resource::{SeedCertificate, SeedSecret};
use crate::names;

/// Returns the secret of a block.
pub(super) fn secret(vault: &[&str], (name, file): (String, SecretFile)) -> Result<SeedSecret, Problem> {
    let path =
        |attribute| vault.iter().copied().chain(["secret", &name]).chain(attribute).collect::<Vec<_>>();
    if !names::is_secret(&name) {
        let remedy = "use 1 to 127 letters, digits and hyphens";
        return Err(Problem::new(&path(None), "not a secret's name", remedy));
    }
    Ok(SeedSecret {
        not_before: seconds(&path(Some("not_before")), file.not_before.as_deref())?,
        expires: seconds(&path(Some("expires")), file.expires.as_deref())?,
        value: file.value,
        content_type: file.content_type,
        enabled: file.enabled,
        tags: file.tags,
        name,
    })
}

/// Returns the certificates of a vault; each has a secret of its name, which must not be declared too.
pub(super) fn certificates(
    vault: &[&str],
    files: Labelled<VaultCertificateFile>,
    secrets: &Labelled<SecretFile>,
) -> Result<Vec<SeedCertificate>, Problem> {
    let certificate = |(name, file): (String, VaultCertificateFile)| {
        let path: Vec<&str> = vault.iter().copied().chain(["certificate", &name]).collect();
        if !names::is_secret(&name) {
            let remedy = "use 1 to 127 letters, digits and hyphens";
            return Err(Problem::new(&path, "not a certificate's name", remedy));
        }
        if secrets.keys().any(|secret| secret.eq_ignore_ascii_case(&name)) {
            let remedy = "rename one of the two: a certificate has a secret of its name";
            return Err(Problem::new(&path, "a secret has the same name", remedy));
        }
        let content_type = match file.format {
            CertificateFormat::Pfx => "application/x-pkcs12",
            CertificateFormat::Pem => "application/x-pem-file",
        };
        Ok(SeedCertificate {
            subject: file.subject.unwrap_or_else(|| name.clone()),
            content_type: content_type.to_owned(),
            exportable: file.exportable,
            name,
        })
    };
    files.into_iter().map(certificate).collect()
}
