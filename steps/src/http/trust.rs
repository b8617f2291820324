//! The trusted certificates.

use std::path::Path;
use std::sync::Arc;

use arcbook_engine::source::read_plain;
use arcbook_engine::step::{ErrorKind, StepError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use crate::environment::Environment;

/// The trusted certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The system's certificates, or those in `SSL_CERT_FILE` and `SSL_CERT_DIR` if these are set.
    #[default]
    System,
    /// The certificates in this PEM text alone, such as a lab's own.
    Only(String),
}

/// A TLS configuration with the system's certificates, which are read at its first use.
#[derive(Clone)]
pub(crate) struct SystemTls {
    environment: Environment,
    built: Arc<OnceCell<Result<ClientConfig, StepError>>>,
}

impl SystemTls {
    pub fn new(environment: Environment) -> Self {
        Self { environment, built: Arc::default() }
    }

    /// Returns the configuration, built on a blocking thread because it reads files.
    pub async fn config(&self) -> Result<ClientConfig, StepError> {
        let built = self.built.get_or_init(|| async {
            let environment = self.environment.clone();
            let built = tokio::task::spawn_blocking(move || tls(&Trust::System, &environment)).await;
            let built =
                built.unwrap_or_else(|_| Err("the thread that reads certificates stopped".to_owned()));
            built.map_err(|reason| StepError::new(ErrorKind::Local, format!("TLS cannot be used: {reason}")))
        });
        built.await.clone()
    }
}

/// Returns a TLS configuration with the certificates of `trust`; the error is a fragment.
pub(super) fn tls(trust: &Trust, environment: &Environment) -> Result<ClientConfig, String> {
    config(roots(trust, environment)?)
}

/// Returns the certificates of `trust`; the error is a fragment.
pub(super) fn roots(trust: &Trust, environment: &Environment) -> Result<RootCertStore, String> {
    match trust {
        Trust::System => system(environment),
        Trust::Only(pem) => only(pem),
    }
}

/// Returns a TLS configuration that trusts no certificate, for a client that uses no TLS.
pub(super) fn none() -> Result<ClientConfig, String> {
    config(RootCertStore::empty())
}

fn config(roots: RootCertStore) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The maximum size of a certificate file, in bytes: 16 times the certificates of a whole system.
const LONGEST: u64 = 16 << 20;

fn system(environment: &Environment) -> Result<RootCertStore, String> {
    let [file, dir] = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| environment.get(name).map(Path::new));
    // This check ensures a regular file of bounded size before the library reads it below.
    if let Some(file) = file
        && let Err(error) = read_plain(file, LONGEST)
    {
        return Err(format!("{} of SSL_CERT_FILE cannot be read: {error}", file.display()));
    }
    let loaded = if file.is_none() && dir.is_none() {
        rustls_native_certs::load_native_certs()
    } else {
        rustls_native_certs::load_certs_from_paths(file, dir)
    };
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(loaded.certs);
    if good > 0 {
        return Ok(roots);
    }
    let why = loaded.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
    Err(match file.or(dir) {
        Some(path) => format!("{} contains no certificate{why}", path.display()),
        None => format!(
            "the system has no trusted certificates{why}; install them, or set SSL_CERT_FILE to a file"
        ),
    })
}

fn only(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate =
            certificate.map_err(|error| format!("the given certificate is not PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the given certificate is not usable: {error}"))?;
    }
    if roots.is_empty() { Err("the given PEM contains no certificate".to_owned()) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_without_certificates_is_said_to_be_empty() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let path = empty.path().to_str().unwrap();
        let error = tls(&Trust::System, &Environment::from_iter([("SSL_CERT_FILE", path)])).unwrap_err();
        assert!(error.contains(path), "{error}");
        for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(tls(&Trust::Only(pem.to_owned()), &Environment::default()).is_err(), "{pem}");
        }
    }
}
