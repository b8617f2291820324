//! Certificates of applications.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::principal::Certificate;
use super::principal_file::CertificateFile;
use super::read;

/// The reason why a certificate cannot be registered, and the remedy.
pub(super) type Unusable = (String, &'static str);

/// Reads a certificate block; `base` is the directory of the world file.
pub(super) fn certificate(file: &CertificateFile, base: &Path) -> Result<Certificate, Unusable> {
    let text = match (&file.pem, &file.pem_file) {
        (Some(pem), None) => pem.clone(),
        (None, Some(path)) => {
            let path = base.join(path);
            read::text(&path).map_err(|error| (error.to_string(), "name a file with a certificate"))?
        }
        _ => return Err(("not one certificate".to_owned(), "give `pem` or `pem_file`")),
    };
    parse(&text)
}

fn parse(text: &str) -> Result<Certificate, Unusable> {
    let der = CertificateDer::from_pem_slice(text.as_bytes())
        .map_err(|_| ("no certificate in PEM".to_owned(), "it begins with `-----BEGIN CERTIFICATE-----`"))?;
    let (_, certificate) = X509Certificate::from_der(&der)
        .map_err(|_| ("not an X.509 certificate".to_owned(), "make it anew, as with `openssl req -x509`"))?;
    let key = certificate.public_key();
    // Entra takes RSA keys only.
    if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
        return Err(("the certificate's key is not RSA".to_owned(), "use an RSA key of 2048 bits or more"));
    }
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
    Ok(Certificate {
        sha1: URL_SAFE_NO_PAD.encode(hash),
        sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
        thumbprint: hash.as_ref().iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02X}")),
        key: key.subject_public_key.data.to_vec(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
    })
}
