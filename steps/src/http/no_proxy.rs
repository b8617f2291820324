//! The hosts in `NO_PROXY`.

use std::net::IpAddr;

use url::{Host, Url};

/// The hosts that bypass the proxy.
///
/// Commas or spaces separate the entries, with the syntax of Go and curl: `example.com` and `.example.com`
/// are the name and its subdomains, `*.example.com` its subdomains alone, `*` every host, `10.0.0.0/8` a
/// network, and a suffix such as `:8443` restricts an entry to a port.
#[derive(Debug, Default)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug)]
enum Hosts {
    /// A name and its subdomains.
    Name(String),
    /// Names and addresses; each `*` matches any text.
    Pattern(String),
    /// The addresses that share this many leading bits with this one.
    Network(IpAddr, u8),
}

impl NoProxy {
    pub fn parse(list: &str) -> Self {
        let entries = list.split(|separator: char| separator == ',' || separator.is_whitespace());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Returns whether the host of `url` is listed.
    pub fn lists(&self, url: &Url) -> bool {
        self.0.iter().any(|entry| entry.covers(url))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.split_once("://").map_or(&*text, |(_, rest)| rest.trim_end_matches('/'));
        if let Some(hosts) = network(text) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let host = host.trim_end_matches('.');
        let hosts = match network(host) {
            Some(network) => network,
            None if host.contains('*') => Hosts::Pattern(host.to_owned()),
            None => Hosts::Name(host.trim_start_matches('.').to_owned()),
        };
        (!host.is_empty()).then_some(Self { hosts, port })
    }

    fn covers(&self, url: &Url) -> bool {
        if self.port.is_some() && self.port != url.port_or_known_default() {
            return false;
        }
        let Some(host) = url.host() else { return false };
        match &self.hosts {
            Hosts::Network(network, bits) => {
                address(&host).is_some_and(|address| is_within(address, *network, *bits))
            }
            Hosts::Name(name) => match host {
                Host::Domain(host) => {
                    let rest = host.trim_end_matches('.').strip_suffix(name.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                }
                Host::Ipv4(_) | Host::Ipv6(_) => false,
            },
            Hosts::Pattern(pattern) => matches(pattern, host.to_string().trim_end_matches('.')),
        }
    }
}

/// Parses an address, with or without brackets, or a network.
fn network(text: &str) -> Option<Hosts> {
    let (text, bits) = match text.split_once('/') {
        Some((text, bits)) => (text, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address: IpAddr = plain.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some(Hosts::Network(address, bits))
}

fn address(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some(address.to_canonical()),
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let differs = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
        _ => return false,
    };
    differs.leading_zeros() >= u32::from(bits)
}

/// Returns whether `text` matches `pattern`, in which each `*` matches any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest, &text[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_go_and_curl_read_them() {
        const ARM: &str = "https://management.azure.com/";
        for (list, url, expected) in [
            ("management.azure.com", ARM, true),
            ("azure.com", ARM, true),
            (".azure.com", ARM, true),
            ("*.azure.com", ARM, true),
            ("Azure.COM.", ARM, true),
            ("x.test, azure.com", ARM, true),
            ("x.test azure.com", ARM, true),
            ("*", ARM, true),
            ("*:443", ARM, true),
            ("*.azure.com:443", ARM, true),
            ("azure.com:443", ARM, true),
            ("https://management.azure.com/", ARM, true),
            ("management.*.com", ARM, true),
            ("zure.com", ARM, false),
            ("*.management.azure.com", ARM, false),
            ("management.azure.com.evil.test", ARM, false),
            ("azure.com:8443", ARM, false),
            ("*:80", ARM, false),
            ("azure.com:https", ARM, false),
            ("", ARM, false),
            (" , ,", ARM, false),
            (":443", ARM, false),
            ("azure.com:8443", "https://azure.com:8443/", true),
            ("azure.com", "https://azure.com:8443/", true),
            ("*.azure.com", "https://azure.com/", false),
            (".azure.com", "https://azure.com/", true),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.1.2.3", "https://10.1.2.3/", true),
            ("10.1.2.3:8443", "https://10.1.2.3/", false),
            ("10.1.2.3:8443", "https://10.1.2.3:8443/", true),
            ("10.*", "https://10.1.2.3/", true),
            ("0.0.0.0/0", "https://10.1.2.3/", true),
            ("10.0.0.0/33", "https://10.0.0.0/", false),
            ("10.0.0.0/8", "https://[::ffff:10.0.0.1]/", true),
            ("fd00::/8", "https://[fd12::1]/", true),
            ("fd00::/8", "https://[fe80::1]/", false),
            ("fd12::1", "https://[fd12::1]/", true),
            ("[fd12::1]", "https://[fd12::1]:8443/", true),
            ("[fd12::1]:443", "https://[fd12::1]/", true),
            ("[fd12::1]:8443", "https://[fd12::1]/", false),
            ("::/0", "https://10.1.2.3/", false),
            ("2.3", "https://10.1.2.3/", false),
        ] {
            assert_eq!(NoProxy::parse(list).lists(&Url::parse(url).unwrap()), expected, "{list:?} {url}");
        }
    }
}
