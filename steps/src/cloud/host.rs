//! The hosts of a service, as patterns.

use std::fmt;

use url::Url;

/// A pattern of host names, each with a port unless it is the default of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// Exactly this host.
    Exact(String),
    /// One label before this suffix.
    Below(String),
    /// One label, and before this suffix a DNS zone: `z` and one or two digits.
    InZone(String),
}

impl Host {
    /// Returns the host or the suffix itself.
    #[must_use]
    pub fn text(&self) -> &str {
        let (Self::Exact(text) | Self::Below(text) | Self::InZone(text)) = self;
        text
    }

    /// Returns whether `authority` fits the pattern, whose port is `default` if it has none.
    pub(super) fn holds(&self, authority: &Authority, default: u16) -> bool {
        let Some(own) = Authority::parse(self.text(), default) else { return false };
        if own.port != authority.port {
            return false;
        }
        let before = || authority.host.strip_suffix(&own.host)?.strip_suffix('.');
        match self {
            Self::Exact(_) => own.host == authority.host,
            Self::Below(_) => before().is_some_and(is_label),
            Self::InZone(_) => {
                let labels = before().and_then(|labels| labels.split_once('.'));
                labels.is_some_and(|(name, zone)| is_label(name) && is_zone(zone))
            }
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact(_) => "",
            Self::Below(_) => "*.",
            Self::InZone(_) => "*.z##.",
        })?;
        f.write_str(self.text())
    }
}

/// The host and the port that a connection is made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    /// The name, in lower case, or the address.
    pub host: String,
    /// The port, whether or not it is written.
    pub port: u16,
}

impl Authority {
    /// Returns the authority of a URL whose scheme has a default port.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self { host: url.host_str()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// Parses `HOST` or `HOST:PORT`.
    pub fn parse(text: &str, default: u16) -> Option<Self> {
        // An address in brackets has colons of its own.
        let port = text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        let port = port.map_or(Some(default), |(_, port)| port.parse().ok())?;
        let url = Url::parse(&format!("https://{text}")).ok()?;
        Some(Self { host: url.host_str()?.to_owned(), port })
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.contains('.')
}

/// Returns whether a label names a DNS zone: `z` and one or two digits.
fn is_zone(label: &str) -> bool {
    let digits = label.strip_prefix('z').unwrap_or_default();
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_the_hosts_that_it_shows() {
        let exact = |text: &str| Host::Exact(text.to_owned());
        let below = |text: &str| Host::Below(text.to_owned());
        let zone = |text: &str| Host::InZone(text.to_owned());
        for (pattern, authority, held) in [
            (exact("a.example"), "A.example", true),
            (exact("a.example"), "a.example:443", true),
            (exact("a.example"), "a.example:444", false),
            (exact("a.example:444"), "a.example:444", true),
            (exact("a.example:443"), "a.example", true),
            (exact("[::1]:8080"), "[::1]:8080", true),
            (exact("[::1]"), "[::1]", true),
            (exact("a.example"), "b.a.example", false),
            (below("a.example"), "b.a.example", true),
            (below("a.example"), "a.example", false),
            (below("a.example"), "c.b.a.example", false),
            (below("a.example"), ".a.example", false),
            (below("a.example"), "ba.example", false),
            (below("a.example"), "b.a.example.evil.example", false),
            (zone("a.example"), "b.z1.a.example", true),
            (zone("a.example"), "b.z12.a.example", true),
            (zone("a.example"), "b.z123.a.example", false),
            (zone("a.example"), "b.y1.a.example", false),
            (zone("a.example"), "b.a.example", false),
            (zone("a.example"), "c.b.z1.a.example", false),
        ] {
            let authority = Authority::parse(authority, 443);
            assert_eq!(authority.is_some_and(|own| pattern.holds(&own, 443)), held, "{pattern}");
        }
        assert_eq!(zone("a.example").to_string(), "*.z##.a.example");
    }
}
