//! The claims of a token, with their meanings.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The meanings of the claims that Microsoft Entra and the Azure Arc agent put into tokens.
const MEANINGS: [(&str, &str); 24] = [
    ("aud", "audience: the service that accepts the token"),
    ("iss", "issuer of the token"),
    ("iat", "issued at"),
    ("nbf", "not valid before"),
    ("exp", "expires at"),
    ("oid", "object id of the identity, which role assignments name"),
    ("sub", "subject: the identity, for this audience"),
    ("tid", "tenant of the identity"),
    ("appid", "client id of the identity"),
    ("azp", "client id of the identity"),
    ("appidacr", "how the identity proved itself to the issuer: 1 with a secret, 2 with a certificate"),
    ("azpacr", "how the identity proved itself to the issuer: 1 with a secret, 2 with a certificate"),
    ("idp", "identity provider"),
    ("idtyp", "type of the identity: `app` is an application or a managed identity"),
    ("roles", "application roles of the identity for this audience"),
    ("scp", "delegated permissions"),
    ("wids", "directory roles of the identity"),
    ("groups", "groups of the identity"),
    ("xms_mirid", "resource id of the machine or identity that owns the token"),
    ("xms_az_rid", "resource id of the resource that the identity is used on"),
    ("ver", "version of the token's format"),
    ("uti", "id of the token in the issuer's logs"),
    ("rh", "internal to the issuer"),
    ("aio", "internal to the issuer"),
];

/// The claims that are times in seconds since 1970.
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "xms_tcdt", "auth_time"];

/// A claim of a token.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The name.
    pub name: String,
    /// The value, as the token has it.
    pub value: Value,
    /// The meaning, if the claim is a known one.
    pub meaning: Option<&'static str>,
    /// The time that the value says, if it is one.
    pub time: Option<ClaimTime>,
}

/// The time in a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimTime {
    /// Seconds since 1970.
    pub seconds: i64,
    /// The same time, as RFC 3339 in UTC.
    pub at: String,
}

impl Claim {
    /// Returns the claim with that name and value.
    #[must_use]
    pub fn new(name: String, value: Value) -> Self {
        let seconds = value.as_i64().filter(|_| TIMES.contains(&name.as_str()));
        let time = seconds.and_then(|seconds| {
            let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()?;
            Some(ClaimTime { seconds, at })
        });
        let meaning = MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning);
        Self { name, value, meaning, time }
    }
}
