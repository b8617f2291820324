//! Assertions: signed by an application's certificate, or by an issuer that it trusts.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use time::OffsetDateTime;

use super::refusal::Refusal;
use super::service::Login;
use crate::clock;
use crate::exchange::Call;
use crate::jwt::Jwt;
use crate::world::{Certificate, FederatedCredential, Principal};

/// Tolerance for clocks that differ, in seconds.
const SKEW: i64 = 300;

/// A principal's claim to be what it says.
pub(super) struct Claim<'a> {
    pub principal: &'a Principal,
    pub token: &'a str,
    /// Unix seconds.
    pub now: i64,
}

impl Login {
    /// Checks an assertion. One that the application issued itself is signed by a certificate.
    pub(super) fn proves(&self, call: &Call, claim: &Claim<'_>) -> Result<(), Refusal> {
        let malformed = || Refusal::new(50_027, "JWT token is invalid or malformed.");
        let jwt = Jwt::parse(claim.token).ok_or_else(malformed)?;
        let issuer = jwt.text("iss").ok_or_else(malformed)?;
        if issuer.parse() == Ok(claim.principal.client_id) {
            self.by_certificate(call, claim, &jwt)
        } else {
            self.by_issuer(claim, &jwt, issuer)
        }
    }

    fn by_certificate(&self, call: &Call, claim: &Claim<'_>, jwt: &Jwt<'_>) -> Result<(), Refusal> {
        let id = claim.principal.client_id;
        signed(jwt, claim)?;
        if jwt.text("sub").and_then(|subject| subject.parse().ok()) != Some(id) {
            let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
            return Err(Refusal::new(700_021, text));
        }
        let tenant = self.context.world.tenant_id;
        let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", call.base());
        if !jwt.audiences().iter().any(|audience| audience.eq_ignore_ascii_case(&endpoint)) {
            let text = format!("Client assertion audience claim does not match Realm issuer '{endpoint}'.");
            return Err(Refusal::new(700_023, text));
        }
        // Clients may use an assertion until it expires, so a `jti` may come again.
        if jwt.text("jti").is_none_or(str::is_empty) {
            return Err(Refusal::new(50_027, "JWT token is invalid or malformed: it has no 'jti'."));
        }
        in_time(jwt, claim.now)
    }

    fn by_issuer(&self, claim: &Claim<'_>, jwt: &Jwt<'_>, issuer: &str) -> Result<(), Refusal> {
        let subject = jwt.text("sub").unwrap_or_default();
        let audiences = jwt.audiences();
        let advice = "Check your federated identity credential Subject, Audience and Issuer against the presented \
                      assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";
        let known: &[FederatedCredential] = &claim.principal.sign_in.federated;
        let presented = |number, what: &str, value: &str| {
            let text = format!(
                "No matching federated identity record found for presented assertion {what} '{value}'. {advice}"
            );
            Err(Refusal::new(number, text))
        };
        if known.is_empty() {
            let audience = audiences.join(" ");
            let text = format!(
                "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. \
                 Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. {advice}"
            );
            return Err(Refusal::new(70_021, text));
        }
        let known: Vec<_> = known.iter().filter(|known| known.issuer == issuer).collect();
        if known.is_empty() {
            return presented(700_211, "issuer", issuer);
        }
        let known: Vec<_> = known.into_iter().filter(|known| known.subject == subject).collect();
        if known.is_empty() {
            return presented(700_213, "subject", subject);
        }
        if !known.iter().any(|known| audiences.contains(&known.audience.as_str())) {
            return presented(700_212, "audience", &audiences.join(" "));
        }
        if !self.context.outside.signed(jwt) {
            let text = "Assertion failed signature validation. [Reason - The key was not found.]";
            return Err(Refusal::new(50_013, text));
        }
        in_time(jwt, claim.now)
    }
}

/// Checks the signature with the certificate that the header names.
fn signed(jwt: &Jwt<'_>, claim: &Claim<'_>) -> Result<(), Refusal> {
    // Microsoft's Python library pads the digest, against the rule for tokens.
    let named = |name: &str| Some(jwt.header.get(name)?.as_str()?.trim_end_matches('='));
    let (sha256, sha1) = (named("x5t#S256"), named("x5t"));
    let is_named = |known: &&Certificate| match (sha256, sha1) {
        (Some(print), _) => known.sha256 == print,
        (None, Some(print)) => known.sha1 == print,
        (None, None) => false,
    };
    let print = sha256.or(sha1).unwrap_or_default();
    let refused = |what: &str, reason: &str, found: &str| {
        let text = format!("{what} [Reason - {reason}, Thumbprint of key used by client: '{print}'{found}]");
        Refusal::new(700_027, text)
    };
    let unknown =
        "The certificate with identifier used to sign the client assertion is not registered on application.";
    let certificate = claim.principal.sign_in.certificates.iter().find(is_named);
    let certificate = certificate.ok_or_else(|| refused(unknown, "The key was not found.", ""))?;
    let found = format!(
        ", Found key 'Start={}, End={}, Thumbprint={}'",
        time(certificate.not_before),
        time(certificate.not_after),
        certificate.thumbprint
    );
    let key: &dyn ring::signature::VerificationAlgorithm = match jwt.algorithm() {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(Refusal::new(50_027, "JWT token is invalid or malformed.")),
    };
    let key = UnparsedPublicKey::new(key, &certificate.key);
    let invalid = "Client assertion contains an invalid signature.";
    if key.verify(jwt.signed.as_bytes(), &jwt.signature).is_err() {
        let reason = "The provided signature value did not match the expected signature value.";
        return Err(refused(invalid, reason, &found));
    }
    if !(certificate.not_before..certificate.not_after).contains(&claim.now) {
        return Err(refused(invalid, "The key used is expired.", &found));
    }
    Ok(())
}

/// Checks the time of an assertion, which must have an end.
fn in_time(jwt: &Jwt<'_>, now: i64) -> Result<(), Refusal> {
    let (begin, end) = (jwt.seconds("nbf").unwrap_or(i64::MIN), jwt.seconds("exp").unwrap_or(i64::MIN));
    if begin.saturating_sub(SKEW) <= now && now < end.saturating_add(SKEW) {
        return Ok(());
    }
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of \
         assertion {}.",
        time(now),
        time(begin),
        time(end)
    );
    Err(Refusal::new(700_024, text))
}

fn time(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| "(none)".to_owned(), clock::iso)
}
