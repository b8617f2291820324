//! A certificate as Key Vault exports it: the value of the secret of its name.
//!
//! Source: "Export certificates from Azure Key Vault". PFX has an empty password, and PEM begins with the key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::Pkcs12Archive;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use arcbook_engine::source::pem;

/// The reason why a secret is not an exported certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExportError {
    #[error("it is neither PEM nor PFX (PKCS#12)")]
    Malformed,
    #[error("it has no certificate")]
    NoCertificate,
    #[error("its private key is not in the form PKCS#8")]
    Key,
}

/// A certificate, the certificates of its issuers, and its private key if that can be exported; it has no `Debug`.
pub(crate) struct Exported {
    /// The certificates in DER: its own, then that of the issuer of each.
    chain: Vec<Vec<u8>>,
    /// The private key as PKCS#8.
    key: Option<Vec<u8>>,
    /// The subject, such as `CN=www.example.net`.
    pub subject: String,
    /// The start of its validity, in seconds since 1970, as is the end.
    pub begins: i64,
    pub ends: i64,
}

impl Exported {
    /// Reads the value of a secret.
    pub fn read(value: &str) -> Result<Self, ExportError> {
        let (chain, key) = if pem::is_pem(value.as_bytes()) { of_pem(value)? } else { of_pfx(value)? };
        let chain = ordered(chain)?;
        let (_, own) = chain
            .first()
            .and_then(|der| X509Certificate::from_der(der).ok())
            .ok_or(ExportError::Malformed)?;
        let (subject, validity) = (own.subject().to_string(), own.validity());
        let (begins, ends) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        Ok(Self { chain, key, subject, begins, ends })
    }

    /// Returns the certificate as PEM.
    pub fn certificate(&self) -> String {
        self.chain.iter().take(1).map(|der| pem::written("CERTIFICATE", der)).collect()
    }

    /// Returns the certificates of the issuers as PEM, each after the one that it issued.
    pub fn issuers(&self) -> String {
        self.chain.iter().skip(1).map(|der| pem::written("CERTIFICATE", der)).collect()
    }

    /// Returns the private key as PEM; none if it cannot be exported.
    pub fn key(&self) -> Option<String> {
        self.key.as_ref().map(|der| pem::written("PRIVATE KEY", der))
    }

    /// Returns the SHA-1 of the certificate in hexadecimal, by which Azure and Windows name it.
    pub fn thumbprint(&self) -> String {
        let own = self.chain.first().map_or(&[][..], Vec::as_slice);
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, own);
        hash.as_ref().iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02X}"))
    }
}

type Parts = (Vec<Vec<u8>>, Option<Vec<u8>>);

fn of_pem(text: &str) -> Result<Parts, ExportError> {
    let (mut chain, mut key) = (Vec::new(), None);
    for section in pem::sections(text).ok_or(ExportError::Malformed)? {
        match section.kind.as_str() {
            "CERTIFICATE" => chain.push(section.content),
            "PRIVATE KEY" => key = Some(section.content),
            kind if kind.ends_with("PRIVATE KEY") => return Err(ExportError::Key),
            _ => {}
        }
    }
    Ok((chain, key))
}

fn of_pfx(text: &str) -> Result<Parts, ExportError> {
    let encoded: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let content = STANDARD.decode(encoded).map_err(|_| ExportError::Malformed)?;
    let Ok(archive) = Pkcs12Archive::from_pkcs12(&content, "") else {
        // Without its key, a certificate may be alone.
        let is_certificate = X509Certificate::from_der(&content).is_ok_and(|(rest, _)| rest.is_empty());
        return if is_certificate { Ok((vec![content], None)) } else { Err(ExportError::Malformed) };
    };
    let chain = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    Ok((chain, archive.keys.first().map(|bag| bag.key.as_der().to_vec())))
}

/// Puts the certificate first that issued none of the others, then the issuer of each. Others are left out.
fn ordered(chain: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExportError> {
    let parse = |der: &Vec<u8>| {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        Some((certificate.subject().as_raw().to_vec(), certificate.issuer().as_raw().to_vec()))
    };
    let names = chain.iter().map(parse).collect::<Option<Vec<_>>>().ok_or(ExportError::Malformed)?;
    let issued_other = |at: usize| {
        names.iter().enumerate().any(|(other, (_, issuer))| other != at && *issuer == names[at].0)
    };
    let mut next = (0..names.len()).find(|at| !issued_other(*at)).or((!names.is_empty()).then_some(0));
    let mut order: Vec<usize> = Vec::new();
    while let Some(at) = next {
        order.push(at);
        next = (0..names.len()).find(|other| !order.contains(other) && names[*other].0 == names[at].1);
    }
    if order.is_empty() {
        return Err(ExportError::NoCertificate);
    }
    let mut chain: Vec<Option<Vec<u8>>> = chain.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|at| chain.get_mut(at)?.take()).collect())
}

#[cfg(test)]
mod tests;
