//! The certificate authority and server certificate of one lab.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

use crate::hosts::{ARM_NAMES, BLOB_SUFFIXES, ELSEWHERE, GRAPH_NAMES, LOGIN_NAMES, VAULT_SUFFIXES};
use crate::world::World;

/// Keys or certificates could not be created.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate generator failed.
    #[error("the lab's certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library rejected them.
    #[error("the lab's certificate cannot be used: {0}")]
    Config(#[from] rustls::Error),
}

/// The TLS acceptor of a listener, and the certificate that its clients must trust.
pub(crate) struct Tls {
    pub acceptor: TlsAcceptor,
    pub ca_pem: String,
}

impl Tls {
    pub(crate) fn new(world: &World) -> Result<Self, TlsError> {
        let authority = authority()?;
        let key = KeyPair::generate()?;
        let leaf = leaf(world)?.signed_by(&key, &authority.issuer)?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(
                    vec![leaf.der().clone()],
                    PrivateKeyDer::Pkcs8(key.serialize_der().into()),
                )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: authority.pem })
    }
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

fn authority() -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::CommonName, "Local lab authority");
    valid_for_a_month(&mut params);
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok(Authority { issuer: Issuer::new(params, key), pem })
}

fn leaf(world: &World) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names(world))?;
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid_for_a_month(&mut params);
    Ok(params)
}

/// Returns every host name under which a client may reach the lab.
fn names(world: &World) -> Vec<String> {
    let vaults = VAULT_SUFFIXES.map(|(suffix, _)| suffix);
    let blobs = BLOB_SUFFIXES.map(|(suffix, _)| suffix);
    let wildcards = vaults.iter().chain(&blobs).map(|suffix| format!("*{suffix}"));
    let under = |names: Vec<&str>, suffixes: [&str; 2]| {
        let exact = |name: &str| suffixes.map(|suffix| format!("{}{suffix}", name.to_lowercase()));
        names.into_iter().flat_map(exact).collect::<Vec<_>>()
    };
    ["localhost", ELSEWHERE]
        .map(str::to_owned)
        .into_iter()
        .chain(ARM_NAMES.iter().chain(&LOGIN_NAMES).chain(&GRAPH_NAMES).map(|&name| name.to_owned()))
        .chain(wildcards)
        .chain(under(world.key_vaults().collect(), vaults))
        .chain(under(world.storage_accounts().collect(), blobs))
        .collect()
}

fn valid_for_a_month(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(30);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client that a lab leads to a service over TLS trusts the name of every service.
    #[test]
    fn the_certificate_has_the_name_of_every_service() {
        let world = "tenant_id = \"10000000-0000-4000-8000-000000000001\"\nsubscription = \"00000000-0000-0000-0000-000000000000\"\n";
        let names = names(&World::parse(world, "x.lab.hcl").unwrap());
        for name in [
            "management.localhost",
            "login.localhost",
            "graph.localhost",
            "*.vault.localhost",
            "*.blob.localhost",
        ] {
            assert!(names.iter().any(|own| own == name), "{name}: {names:?}");
        }
    }
}
