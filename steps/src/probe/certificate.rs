//! The certificate of a peer.

use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::http::clean;

/// The facts of a peer's certificate that a person recognizes it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerCertificate {
    /// The subject, such as `CN=login.microsoftonline.com`; foreign text without control characters.
    pub subject: String,
    /// The issuer, as the subject.
    pub issuer: String,
    /// The end of its validity, in seconds since 1970.
    pub expires: i64,
}

impl PeerCertificate {
    /// Reads a certificate in DER; none if it is malformed.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some(Self {
            subject: clean(&certificate.subject().to_string()),
            issuer: clean(&certificate.issuer().to_string()),
            expires: certificate.validity().not_after.timestamp(),
        })
    }
}
