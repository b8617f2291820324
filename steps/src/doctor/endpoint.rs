//! The hosts that a run contacts: names, connections, certificates.

use std::net::IpAddr;
use std::sync::Arc;

use arcbook_engine::step::{Method, StepError};
use futures::future::join_all;
use url::Url;

use super::Finding;
use super::examination::{Examination, authority};
use crate::azure::Azure;
use crate::http::{Proxy, Request};
use crate::keyvault::Moment;
use crate::probe::{self, Obstacle, Secured, Target};

const CONNECTION: &str = "endpoint.connection";
const CERTIFICATE: &str = "endpoint.certificate";

/// The result of a probe.
enum Probed {
    Reached {
        addresses: Vec<IpAddr>,
        proxy: Option<String>,
        tls: Option<Secured>,
        clock_skew: Option<i64>,
    },
    /// The connection failed.
    Unreached(StepError),
    /// The connection was made, but not the one over TLS.
    Untrusted(StepError),
}

/// Checks the connection to each host, and its certificate. Each gets `HEAD /` without a token.
pub(super) async fn check(it: &mut Examination<'_>) {
    let azure = it.azure;
    let urls: Vec<Url> = it.case.origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
    let hosts: Vec<(String, Url)> = urls.into_iter().map(|url| (authority(&url), url)).collect();
    let may = !it.has_failed("network.settings");
    let probed =
        if may { join_all(hosts.iter().map(|(_, url)| probe(azure, url, true))).await } else { Vec::new() };
    let mut probed = probed.into_iter();
    for (host, _) in &hosts {
        if it.begin(CONNECTION, Some(host))
            && let Some(probed) = probed.next()
        {
            add(it, host, probed);
        } else {
            it.begin(CERTIFICATE, Some(host));
        }
    }
    databases(it).await;
    for host in &it.case.later {
        it.add(Finding::skipped(CONNECTION, "known only during the run").about(host.as_str()));
    }
}

/// Adds the reason why the cloud has not told its endpoints, unless a check of its endpoint found it, and leaves out what
/// needs them.
pub(super) fn discovery(it: &mut Examination<'_>) {
    let Some(error) = &it.case.undiscovered else { return };
    let cause = it.cause(&[CONNECTION, CERTIFICATE]).unwrap_or_else(|| {
        let host = it.arm_host();
        it.replace(Finding::failed(CONNECTION, error).about(host));
        CONNECTION
    });
    for id in ["identity.token", "provider.registration"] {
        it.add(Finding::prevented(id, cause));
    }
}

/// Adds the findings about one host.
fn add(it: &mut Examination<'_>, host: &str, probed: Probed) {
    match probed {
        Probed::Reached { addresses, proxy, tls, clock_skew } => {
            it.skews.extend(clock_skew.map(|skew| (host.to_owned(), skew)));
            it.add(Finding::ok(CONNECTION, route(&addresses, proxy)).about(host));
            it.add(certificate(tls).about(host));
        }
        Probed::Unreached(error) => {
            it.add(Finding::failed(CONNECTION, &error).about(host));
            it.begin(CERTIFICATE, Some(host));
        }
        Probed::Untrusted(error) => {
            it.add(Finding::ok(CONNECTION, "takes connections").about(host));
            it.add(Finding::failed(CERTIFICATE, &error).about(host));
        }
    }
}

/// Checks the connections to databases, which go through no proxy.
async fn databases(it: &mut Examination<'_>) {
    for host in &it.case.databases {
        if !it.begin(CONNECTION, Some(host)) {
            continue;
        }
        // The scheme only says that no TLS is wanted: nothing is sent.
        let Ok(url) = Url::parse(&format!("http://{host}")) else { continue };
        match probe(it.azure, &url, false).await {
            Probed::Reached { addresses, proxy, .. } => {
                it.add(Finding::ok(CONNECTION, route(&addresses, proxy)).about(host.as_str()));
                let reason = "a database begins TLS in its own protocol";
                it.add(Finding::skipped(CERTIFICATE, reason).about(host.as_str()));
            }
            other => add(it, host, other),
        }
    }
}

/// Connects to the host of `url`, and asks it for the time if it `speaks_http`.
async fn probe(azure: &Arc<Azure>, url: &Url, speaks_http: bool) -> Probed {
    let trial = match azure.client(url).trial(url).await {
        Ok(trial) => trial,
        Err(error) => return Probed::Unreached(error),
    };
    let proxy = trial.proxy.as_ref().map(Proxy::shown);
    match probe::connect(&trial, url).await {
        Ok(reached) => {
            let (addresses, tls) = (reached.addresses.clone(), reached.tls.clone());
            let request = speaks_http.then(|| Request::new(Method::Head, url.clone()));
            let answer = match request {
                Some(request) => reached.ask(&request).await,
                None => None,
            };
            Probed::Reached { addresses, proxy, tls, clock_skew: answer.and_then(|answer| answer.clock_skew) }
        }
        Err(unreached) => {
            let target = Target {
                host: url.host_str().unwrap_or_default(),
                port: url.port_or_known_default().unwrap_or_default(),
                proxy: proxy.as_deref(),
            };
            let error = unreached.error(&target);
            let is_of_tls = matches!(unreached.obstacle, Obstacle::Certificate { .. } | Obstacle::Tls { .. });
            if is_of_tls && !unreached.is_proxy { Probed::Untrusted(error) } else { Probed::Unreached(error) }
        }
    }
}

/// Describes the way to a host.
fn route(addresses: &[IpAddr], proxy: Option<String>) -> String {
    match (proxy, addresses) {
        (Some(proxy), _) => format!("through the proxy {proxy}"),
        (None, []) => "connected".to_owned(),
        (None, [only]) => only.to_string(),
        (None, [first, others @ ..]) => format!("{first} and {} more", others.len()),
    }
}

/// Describes the certificate of a host.
fn certificate(tls: Option<Secured>) -> Finding {
    match tls {
        None => Finding::skipped(CERTIFICATE, "reached without TLS"),
        Some(Secured { certificate: None, .. }) => Finding::ok(CERTIFICATE, "trusted"),
        Some(Secured { version, certificate: Some(own) }) => {
            let version = version.map(|version| format!(", TLS {version}")).unwrap_or_default();
            let until = Moment(own.expires).shown();
            Finding::ok(CERTIFICATE, format!("issued by `{}` until {until}{version}", own.issuer))
        }
    }
}
