//! Name resolution.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower_service::Service;

use super::super::failure::UnknownHost;
use crate::names::is_loopback_name;

/// Resolves `localhost` and names under it to loopback without a DNS query (RFC 6761), all others as the
/// system does.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::http) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move { Ok(Box::new(addresses(&host).await?) as Addrs) })
    }
}

impl Service<dns::Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = UnknownHost;
    type Future = Pin<Box<dyn Future<Output = Result<IntoIter<SocketAddr>, UnknownHost>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), UnknownHost>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Self::Future {
        Box::pin(async move { addresses(name.as_str()).await })
    }
}

/// Returns the addresses of a host, with port 0.
pub(crate) async fn addresses(host: &str) -> Result<IntoIter<SocketAddr>, UnknownHost> {
    let host = host.to_ascii_lowercase();
    if is_loopback_name(&host) {
        let both = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        return Ok(both.map(|address| SocketAddr::new(address, 0)).to_vec().into_iter());
    }
    let looked_up = tokio::net::lookup_host((host.as_str(), 0)).await;
    match looked_up.map(Iterator::collect::<Vec<_>>) {
        Ok(addresses) => Ok(addresses.into_iter()),
        Err(error) => {
            // The C library's EAI_AGAIN has no error kind of its own.
            let temporary = error.to_string().contains("Temporary failure");
            Err(UnknownHost { host, temporary })
        }
    }
}
