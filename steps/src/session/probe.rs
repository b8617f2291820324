//! Probes the hosts of a step.

use std::net::IpAddr;

use arcbook_engine::step::{Action, ErrorKind, Method, Progress, StepError};

use super::http::sent;
use super::{Session, line};
use crate::http::{Request, firewall};
use crate::probe::{self, Secured, Target};

/// A host that was reached.
pub(crate) struct Probed {
    /// The addresses of its name; none if a proxy resolved it.
    pub addresses: Vec<IpAddr>,
    /// The address of the proxy, without user and password.
    pub proxy: Option<String>,
    /// The facts of TLS; none without it, on this machine.
    pub tls: Option<Secured>,
    /// The status of the answer; none without a complete answer.
    pub status: Option<u16>,
    /// The seconds by which this machine's clock is ahead of the host's; none if the host tells no time.
    pub clock_skew: Option<i64>,
}

impl Session {
    /// Connects to the host of `action`, a HEAD request for its root without a token, and sends the request, once. Any
    /// answer will do, and none.
    pub(crate) async fn probe(&self, action: &Action) -> Result<Probed, StepError> {
        self.check(action)?;
        let shown = sent(action)?.url.to_string();
        let text = sent(action)?.url.reveal();
        let text = text.ok_or_else(|| StepError::internal("a URL is not known yet"))?;
        let url = firewall::allow_probe(&text).map_err(|refusal| {
            StepError::new(ErrorKind::Forbidden, "the host must not be probed")
                .detail(format!("{refusal}."))
                .request(line(action))
        })?;
        let trial = self.azure.client(&url).trial(&url).await?;
        let reached = probe::connect(&trial, &url).await.map_err(|unreached| {
            let proxy = trial.proxy.as_ref().map(crate::http::Proxy::shown);
            let target = Target {
                host: url.host_str().unwrap_or_default(),
                port: url.port_or_known_default().unwrap_or_default(),
                proxy: proxy.as_deref(),
            };
            unreached.error(&target).request(line(action))
        })?;
        let (addresses, tls) = (reached.addresses.clone(), reached.tls.clone());
        self.context.report(Progress::Sent { method: Method::Head.to_string(), url: shown });
        let answer = reached.ask(&Request::new(Method::Head, url)).await;
        if let Some(answer) = &answer {
            let (status, request_id) = (answer.status, answer.request_id.clone());
            self.context.report(Progress::Answered { status, request_id });
        }
        Ok(Probed {
            addresses,
            proxy: trial.proxy.as_ref().map(crate::http::Proxy::origin),
            tls,
            status: answer.as_ref().map(|answer| answer.status),
            clock_skew: answer.and_then(|answer| answer.clock_skew),
        })
    }
}
