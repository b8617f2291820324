//! A verifier that remembers the certificate which it judges.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::PeerCertificate;

/// Verifies certificates as every client does, and remembers the peer's, also if it is refused.
#[derive(Debug)]
pub(super) struct Recorder {
    inner: Arc<WebPkiServerVerifier>,
    seen: Mutex<Option<Vec<u8>>>,
}

impl Recorder {
    /// Returns a TLS configuration that trusts `roots`, and its verifier; the error is a fragment.
    pub fn configure(roots: &Arc<RootCertStore>) -> Result<(ClientConfig, Arc<Self>), String> {
        let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
        let inner =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(&provider)).build();
        let inner = inner.map_err(|error| error.to_string())?;
        let recorder = Arc::new(Self { inner, seen: Mutex::default() });
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        // It decides as the verifier inside does, so nothing is trusted that requests do not trust.
        let verified = builder.dangerous().with_custom_certificate_verifier(recorder.clone());
        Ok((verified.with_no_client_auth(), recorder))
    }

    /// Returns the certificate of the peer, if it sent a readable one.
    pub fn certificate(&self) -> Option<PeerCertificate> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        PeerCertificate::read(seen.as_deref()?)
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(own.to_vec());
        self.inner.verify_server_cert(own, others, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
