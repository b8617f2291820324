//! Keys, certificates and assertions of applications, made at test time.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair};
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

/// An RSA key and a certificate for it.
pub struct Credential {
    key: RsaKeyPair,
    pub certificate_pem: String,
}

impl Credential {
    /// Makes a key with `openssl`, and a certificate that is valid from and until so many days from now; `None`
    /// where there is no `openssl`.
    pub fn new(from: i64, until: i64) -> Option<Self> {
        let made = Command::new("openssl")
            .args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        let key_pem = String::from_utf8(made.stdout).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let now = time::OffsetDateTime::now_utc();
        params.not_before = now + time::Duration::days(from);
        params.not_after = now + time::Duration::days(until);
        let certificate = params.self_signed(&KeyPair::from_pem(&key_pem).unwrap()).unwrap();
        let der = PrivatePkcs8KeyDer::from_pem_slice(key_pem.as_bytes()).unwrap();
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        Some(Self { key, certificate_pem: certificate.pem() })
    }

    /// Returns the certificate's digest as the headers `x5t` (SHA-1) and `x5t#S256` have it.
    pub fn print(&self, algorithm: &'static Algorithm) -> String {
        let der = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes()).unwrap();
        URL_SAFE_NO_PAD.encode(digest(algorithm, &der))
    }

    /// Returns an assertion with these claims, whose header names the certificate as clients of today do.
    pub fn assertion(&self, claims: &Value) -> String {
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.print(&SHA256) });
        self.signed(&header, claims)
    }

    /// Returns an assertion with these claims, whose header names the certificate as older clients do.
    pub fn legacy_assertion(&self, claims: &Value) -> String {
        let print = self.print(&SHA1_FOR_LEGACY_USE_ONLY);
        self.signed(&json!({ "alg": "RS256", "typ": "JWT", "x5t": print }), claims)
    }

    /// Signs as the header says.
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let padding: &dyn ring::signature::RsaEncoding =
            if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Returns the claims of an assertion for ten minutes.
pub fn claims(client_id: &str, audience: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    json!({
        "aud": audience, "iss": client_id, "sub": client_id, "jti": uuid::Uuid::new_v4(),
        "nbf": now, "iat": now, "exp": now + 600,
    })
}
