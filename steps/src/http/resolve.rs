//! Names to addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::failure::UnknownHost;
use crate::names::is_loopback_name;

/// Resolves `localhost` and names under it to loopback without asking anyone (RFC 6761), the rest as the system does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        Box::pin(async move {
            if is_loopback_name(&host) {
                let both = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
                let both = both.map(|address| SocketAddr::new(address, 0));
                return Ok(Box::new(both.into_iter()) as Addrs);
            }
            let looked_up = tokio::net::lookup_host((host.as_str(), 0)).await;
            match looked_up.map(Iterator::collect::<Vec<_>>) {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Err(error) => {
                    // The C library's EAI_AGAIN has no kind of its own.
                    let temporary = error.to_string().contains("Temporary failure");
                    Err(Box::new(UnknownHost { host, temporary }).into())
                }
            }
        })
    }
}
