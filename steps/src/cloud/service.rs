//! A service: its audience and its hosts.

use arcbook_engine::step::Audience;
use url::Url;

use super::host::{Authority, Host};

/// A kind of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Azure Resource Manager.
    Arm,
    /// The data plane of Key Vault.
    KeyVault,
    /// The blobs of a storage account.
    Blob,
    /// Microsoft Graph.
    Graph,
    /// Azure Database for PostgreSQL, which speaks its own protocol.
    Postgres,
    /// A service of the user's own.
    Own,
}

impl Service {
    /// Returns the port of a host without one; none if the service is reached over HTTP, whose scheme says it.
    fn port(self) -> Option<u16> {
        (self == Self::Postgres).then_some(5432)
    }
}

/// A service of a cloud: the hosts that accept tokens for its audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The kind.
    pub service: Service,
    /// The audience of its tokens.
    pub audience: Audience,
    /// Other names of the same audience.
    pub aliases: Vec<Audience>,
    /// Its hosts.
    pub hosts: Vec<Host>,
}

impl Endpoint {
    /// Returns whether the service is at this URL, by host and port alone, in a cloud of this scheme.
    pub(crate) fn is_at(&self, url: &Url, scheme: &str) -> bool {
        let is_open = self.service == Service::Own && url.scheme() != "https";
        if self.service.port().is_some() || is_open {
            return false;
        }
        let default = if scheme == "http" { 80 } else { 443 };
        let authority = Authority::of(url);
        authority.is_some_and(|authority| self.hosts.iter().any(|host| host.holds(&authority, default)))
    }

    /// Returns whether the service is a database at this host and port.
    pub(crate) fn is_database_at(&self, authority: &Authority) -> bool {
        let port = self.service.port();
        port.is_some_and(|port| self.hosts.iter().any(|host| host.holds(authority, port)))
    }

    /// Returns whether the service accepts tokens for `audience`, ignoring case and a trailing slash.
    pub(super) fn accepts(&self, audience: &Audience) -> bool {
        let audience = plain(audience);
        [&self.audience].into_iter().chain(&self.aliases).any(|own| plain(own) == audience)
    }

    /// Returns the patterns of its hosts, for a message.
    pub(crate) fn told(&self) -> String {
        self.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    }
}

/// Returns an audience as it is compared: without regard to case and a trailing slash.
pub(super) fn plain(audience: &Audience) -> String {
    audience.as_str().trim_end_matches('/').to_ascii_lowercase()
}
