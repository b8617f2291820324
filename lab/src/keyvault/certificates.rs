//! Certificates, and the certificates that the lab makes for them.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::StatusCode;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::secrets::has_name;
use super::store::Version;
use super::{VaultRequest, Vaults, answer};
use crate::exchange::{Answer, Refused};
use crate::world::SeedCertificate;

pub(super) const PFX: &str = "application/x-pkcs12";

/// A certificate that is made at its first use.
pub(super) struct Made {
    pub seed: SeedCertificate,
    content: OnceLock<Content>,
}

/// A certificate with its issuer and its key.
#[derive(Default)]
pub(super) struct Content {
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// The export, as the secret of the same name has it.
    pub value: String,
}

impl Made {
    pub(super) fn new(seed: SeedCertificate) -> Self {
        Self { seed, content: OnceLock::new() }
    }

    /// Returns a certificate that was made before.
    pub(super) fn of(seed: SeedCertificate, made: Content) -> Self {
        Self { seed, content: OnceLock::from(made) }
    }

    /// Returns the certificate; an empty one if this machine cannot make any.
    pub(super) fn content(&self) -> &Content {
        self.content.get_or_init(|| make(&self.seed).unwrap_or_default())
    }
}

/// Makes a certificate with an issuer of its own; `None` if that fails.
fn make(seed: &SeedCertificate) -> Option<Content> {
    let (key, issuer_key) = (KeyPair::generate().ok()?, KeyPair::generate().ok()?);
    let mut authority = named("Lab authority")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&issuer_key).ok()?;
    let own = named(&seed.subject)?.signed_by(&key, &Issuer::new(authority, issuer_key)).ok()?;
    let chain = [own.der().to_vec(), root.der().to_vec()];
    let key = seed.exportable.then_some(&key);
    let value = if seed.content_type == PFX {
        STANDARD.encode(pfx(&chain, key)?)
    } else {
        let key = key.map(KeyPair::serialize_pem).unwrap_or_default();
        [key, own.pem(), root.pem()].concat()
    };
    let [der, _] = chain;
    Some(Content { der, value })
}

fn named(name: &str) -> Option<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).ok()?;
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - Duration::days(1), now + Duration::days(365));
    Some(params)
}

/// Writes PFX with an empty password, as Key Vault exports it.
fn pfx(chain: &[Vec<u8>], key: Option<&KeyPair>) -> Option<Vec<u8>> {
    let certificates =
        chain.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>().ok()?;
    let mut store = KeyStore::new();
    match key {
        Some(key) => {
            let key = PrivateKey::from_der(&key.serialize_der()).ok()?;
            let entry = PrivateKeyChain::new(vec![1], key, certificates);
            store.add_entry("lab", KeyStoreEntry::PrivateKeyChain(entry));
        }
        None => {
            for (at, certificate) in certificates.into_iter().enumerate() {
                store.add_entry(&format!("lab-{at}"), KeyStoreEntry::Certificate(certificate));
            }
        }
    }
    store.writer("").write().ok()
}

impl Vaults {
    pub(super) fn certificate(
        &self,
        request: VaultRequest<'_>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires_certificates(request, "get")?;
        let secrets = request.store.lock();
        let secret = secrets.live.get(&name.to_lowercase());
        let found = secret.and_then(|secret| secret.version(version));
        let made = found.and_then(|found| Some((found, found.made()?)));
        let (Some(secret), Some((found, made))) = (secret, made) else {
            return Err(not_certificate(name));
        };
        Ok(Answer::json(StatusCode::OK, &full(request, &secret.name, found, made)))
    }

    pub(super) fn list_certificates(&self, request: VaultRequest<'_>) -> Result<Answer, Refused> {
        self.requires_certificates(request, "list")?;
        let secrets = request.store.lock();
        let item = |secret: &super::store::Secret| {
            let made = secret.latest()?.made()?;
            Some(json!({
                "id": format!("{}/certificates/{}", request.call.base(), secret.name),
                "x5t": thumbprint(made),
                "attributes": { "enabled": true },
                "subject": "",
            }))
        };
        let items = secrets.live.values().filter_map(item).collect();
        self.page(request, items)
    }
}

fn thumbprint(made: &Made) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &made.content().der))
}

fn full(request: VaultRequest<'_>, name: &str, version: &Version, made: &Made) -> Value {
    let id = |kind: &str| format!("{}/{kind}/{name}/{}", request.call.base(), version.id);
    json!({
        "id": id("certificates"),
        "kid": id("keys"),
        "sid": id("secrets"),
        "x5t": thumbprint(made),
        "cer": STANDARD.encode(&made.content().der),
        "attributes": { "enabled": version.enabled, "created": version.created, "updated": version.updated },
        "policy": {
            "id": format!("{}/certificates/{name}/policy", request.call.base()),
            "key_props": { "exportable": made.seed.exportable, "kty": "EC", "crv": "P-256", "reuse_key": false },
            "secret_props": { "contentType": made.seed.content_type },
            "x509_props": { "subject": format!("CN={}", made.seed.subject) },
            "issuer": { "name": "Unknown" },
        },
    })
}

fn not_certificate(name: &str) -> Refused {
    let message = format!(
        "A certificate with (name/id) {name} was not found in this key vault. If you recently deleted this certificate \
         you may be able to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    answer::refused(StatusCode::NOT_FOUND, "CertificateNotFound", &message)
}
