//! What to do about a failure, where that is known.

use arcbook_engine::step::Permission;

use super::{Asked, Failure, Peer};
use crate::cloud::Service;

/// A clock that is off by more seconds than this makes good tokens look bad.
const SKEW: i64 = 300;

/// A service's no.
pub(super) struct Refused<'a> {
    pub status: u16,
    /// The most exact code; empty when there is none.
    pub code: &'a str,
    /// The service's words; empty when there are none.
    pub message: &'a str,
    /// How many seconds this machine's clock is ahead of the service's.
    pub clock: i64,
}

/// What to do when a service said no.
pub(super) fn of_refusal(asked: &Asked, refused: &Refused<'_>) -> Vec<String> {
    let host = asked.host.split('.').next().unwrap_or_default();
    let service = match asked.peer {
        Peer::Azure(service) => Some(service),
        Peer::Agent | Peer::Other => None,
    };
    match (refused.status, refused.code, service) {
        (401, ..) => unauthenticated(asked, refused),
        (_, "SecretDisabled", _) => {
            vec![format!("enable the secret: az keyvault secret set-attributes --vault-name {host} --name NAME --enabled true")]
        }
        (403, "AccessDenied", Some(Service::KeyVault)) => vec![format!(
            "access policies decide in this vault: az keyvault set-policy --name {host} --object-id OBJECT_ID \
             --secret-permissions get"
        )],
        (403, "ForbiddenByFirewall" | "ForbiddenByConnection", _) => vec![
            "the vault's network rules keep this machine out: allow its address or reach the vault by a private endpoint"
                .to_owned(),
        ],
        (403, "AuthorizationFailure", Some(Service::Blob)) => vec![
            "the account's network rules keep this machine out: allow its address or reach the account by a private \
             endpoint"
                .to_owned(),
        ],
        (403, ..) => missing_role(asked.permission),
        (404, "SecretNotFound", _) => vec![format!(
            "check the secret's name; if it was deleted: az keyvault secret recover --vault-name {host} --name NAME"
        )],
        (404, "ContainerNotFound", _) => {
            vec!["create the container first, with a `blob_container` step that this one depends on".to_owned()]
        }
        (404, _, Some(Service::Arm)) => {
            vec!["check the path; what the identity may not see is not found either".to_owned()]
        }
        (400, "MissingApiVersionParameter" | "NoRegisteredProviderFound" | "InvalidApiVersionParameter" | "InvalidResourceType", _) => {
            vec!["set `api_version` to a version that the resource type has".to_owned()]
        }
        (400, "Md5Mismatch", _) => vec!["the content was changed on its way: look for a proxy in between".to_owned()],
        (409, "MissingSubscriptionRegistration", _) => {
            vec!["register the provider: az provider register --namespace NAMESPACE".to_owned()]
        }
        (409, "ContainerBeingDeleted", _) => {
            vec!["a container of that name was just deleted; wait half a minute and run again".to_owned()]
        }
        (429, ..) => vec!["the service limits how often it is asked: run again later, or with less at once".to_owned()],
        (408 | 500..=599, ..) => vec!["the service is in trouble: run again later, and look at its health".to_owned()],
        (300..=399, ..) => vec![
            "redirects are not followed, since a token would go along: look for a proxy or sign-in page in between"
                .to_owned(),
        ],
        _ => Vec::new(),
    }
}

fn unauthenticated(asked: &Asked, refused: &Refused<'_>) -> Vec<String> {
    if refused.clock.abs() > SKEW {
        let side = if refused.clock > 0 { "ahead of" } else { "behind" };
        return vec![format!(
            "set this machine's clock, which is {} seconds {side} the service's: it makes good tokens look expired",
            refused.clock.abs()
        )];
    }
    let words = refused.message.to_ascii_lowercase();
    match &asked.audience {
        Some(audience) if words.contains("audience") => {
            vec![format!(
                "the service does not take tokens for {audience}; check that the cloud is the right one"
            )]
        }
        Some(_) if words.contains("issuer") || words.contains("tenant") => {
            vec!["the resource is in another tenant than this machine's identity".to_owned()]
        }
        Some(_) => vec![
            "a new token was refused as well; check that the machine is still connected: azcmagent show"
                .to_owned(),
        ],
        None => Vec::new(),
    }
}

fn missing_role(permission: Option<Permission>) -> Vec<String> {
    let Some(Permission { action, data, role }) = permission else { return Vec::new() };
    let kind = if data { "data action" } else { "action" };
    let mut help = vec![
        format!("give the machine's identity the role \"{role}\", which has the {kind} {action}"),
        "a role given just now takes up to ten minutes to work".to_owned(),
    ];
    if data {
        help.push(
            "Owner, Contributor and Reader do not have it: they are about resources, not about data"
                .to_owned(),
        );
    }
    help
}

/// What to do when there was no answer.
pub(super) fn of_failure(asked: &Asked, failure: &Failure) -> Vec<String> {
    if let (Some(proxy), Failure::UnknownHost { .. } | Failure::Unreachable { .. }) = (&asked.proxy, failure)
    {
        return vec![format!(
            "check that the proxy {proxy} is right, is up and lets {} through; NO_PROXY lists what needs none",
            asked.host
        )];
    }
    let help = match (failure, asked.peer) {
        (Failure::UnknownHost { temporary: false, .. }, Peer::Azure(Service::KeyVault)) => {
            "the vault does not exist or its name is wrong: a vault has a host of its own"
        }
        (Failure::UnknownHost { temporary: false, .. }, Peer::Azure(Service::Blob)) => {
            "the storage account does not exist or its name is wrong: an account has a host of its own"
        }
        (Failure::UnknownHost { .. }, _) => "check this machine's name resolution",
        (Failure::Certificate { .. }, _) => {
            "if a proxy or a lab stands in between, name the file with its certificate authority in SSL_CERT_FILE; \
             check this machine's clock too"
        }
        (Failure::Unreachable { .. }, Peer::Agent) => "start the agent: sudo systemctl start himdsd",
        (Failure::Unreachable { .. } | Failure::Broken { .. } | Failure::Slow { .. }, _) => {
            "check the network, firewalls in between, and HTTPS_PROXY if this machine needs a proxy"
        }
        (Failure::TooLong { .. }, _) => "ask for less, such as with a filter",
        (Failure::Status(_), _) => return Vec::new(),
    };
    vec![help.to_owned()]
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::{Audience, Method};

    use super::*;

    const GET_SECRET: Permission =
        Permission { action: "getSecret/action", data: true, role: "Key Vault Secrets User" };

    fn asked(peer: Peer) -> Asked {
        Asked {
            holds_secret: false,
            peer,
            method: Method::Get,
            url: String::new(),
            host: "kv1.vault.azure.net".to_owned(),
            audience: Some(Audience::new("https://vault.azure.net")),
            permission: Some(GET_SECRET),
            proxy: None,
        }
    }

    #[test]
    fn each_refusal_has_its_remedy() {
        let (vault, blob, arm) =
            (Peer::Azure(Service::KeyVault), Peer::Azure(Service::Blob), Peer::Azure(Service::Arm));
        for (peer, status, code, message, clock, expected) in [
            (vault, 403, "AccessDenied", "", 0, "az keyvault set-policy --name kv1 "),
            (
                vault,
                403,
                "ForbiddenByRbac",
                "",
                0,
                "\"Key Vault Secrets User\", which has the data action getSecret",
            ),
            (vault, 403, "ForbiddenByFirewall", "", 0, "network rules"),
            (vault, 403, "SecretDisabled", "", 0, "--enabled true"),
            (vault, 404, "SecretNotFound", "", 0, "secret recover"),
            (
                vault,
                401,
                "Unauthorized",
                "AKV10022: Invalid audience.",
                0,
                "does not take tokens for https://vault",
            ),
            (vault, 401, "Unauthorized", "Invalid issuer", 0, "another tenant"),
            (blob, 401, "InvalidAuthenticationInfo", "expired", -4000, "4000 seconds behind"),
            (blob, 403, "AuthorizationPermissionMismatch", "", 0, "ten minutes"),
            (blob, 403, "AuthorizationFailure", "", 0, "network rules"),
            (blob, 404, "ContainerNotFound", "", 0, "blob_container"),
            (arm, 403, "AuthorizationFailed", "", 0, "ten minutes"),
            (arm, 400, "NoRegisteredProviderFound", "", 0, "api_version"),
            (arm, 429, "", "", 0, "later"),
            (arm, 302, "", "", 0, "redirects"),
        ] {
            let help = of_refusal(&asked(peer), &Refused { status, code, message, clock });
            assert!(help.iter().any(|help| help.contains(expected)), "{status} {code}: {help:?}");
        }
    }

    #[test]
    fn a_proxy_that_fails_is_not_the_service_that_fails() {
        let proxy = Some("http://proxy.example:3128 of HTTPS_PROXY".to_owned());
        let asked = Asked { proxy, ..asked(Peer::Azure(Service::KeyVault)) };
        for failure in [
            Failure::UnknownHost { host: String::new(), temporary: false },
            Failure::Unreachable { reason: String::new() },
        ] {
            let help = of_failure(&asked, &failure);
            assert!(help[0].contains("http://proxy.example:3128"), "{failure}: {help:?}");
        }
    }

    #[test]
    fn each_failure_has_its_remedy() {
        let unknown = |temporary| Failure::UnknownHost { host: String::new(), temporary };
        let (vault, blob) = (Peer::Azure(Service::KeyVault), Peer::Azure(Service::Blob));
        for (peer, failure, expected) in [
            (vault, unknown(false), "the vault does not exist"),
            (blob, unknown(false), "the storage account does not exist"),
            (vault, unknown(true), "name resolution"),
            (Peer::Other, Failure::Certificate { reason: String::new() }, "SSL_CERT_FILE"),
            (Peer::Agent, Failure::Unreachable { reason: String::new() }, "start the agent"),
            (vault, Failure::Unreachable { reason: String::new() }, "HTTPS_PROXY"),
            (vault, Failure::TooLong { limit: 1 }, "ask for less"),
        ] {
            let help = of_failure(&asked(peer), &failure);
            assert!(help[0].contains(expected), "{failure}: {help:?}");
        }
    }
}
