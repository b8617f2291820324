//! The step type `endpoint`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Choice as _, Effect, Form, HttpRequest, Method, Outputs, Response,
    StepError, Text, Title, Whole,
};
use url::Url;

use super::endpoint_host::{CloudHost, EndpointHost};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::keyvault::Moment;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Checks that this machine reaches a host: its name, the connection, the proxy and the certificate.
///
/// It resolves the name, connects as every other step does (through the proxy of the environment, unless `NO_PROXY` lists
/// the host, and with the same trusted certificates), and sends `HEAD /` without a token. Any answer will do, and none: the
/// connection counts. A failure names its stage, and whose certificate it met, so that a proxy that inspects TLS is
/// recognized. It tries once; a block `retry` repeats it.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(host, service), requires(port, host))]
pub struct Endpoint {
    /// Name of the host, or a URL `https://…` of it, whose path is not used.
    host: Option<Arg<EndpointHost>>,
    /// Host of the cloud in which the runbook runs, in place of a name.
    service: Option<Arg<CloudHost>>,
    /// Port; defaults to that of the URL, or 443.
    port: Option<Arg<Whole<1, 65535>>>,
}

/// The outputs of `endpoint`.
#[derive(Outputs, Debug)]
pub struct Checked {
    /// Name of the host.
    #[output(from(host, service))]
    host: String,
    /// Port of the connection.
    #[output(from(host, service, port))]
    port: i64,
    /// Addresses of the name; none if a proxy resolves it.
    #[output(answer)]
    addresses: Vec<String>,
    /// Proxy that the connection goes through, without user and password; null if it is direct.
    #[output(answer)]
    proxy: Option<String>,
    /// Subject of the host's certificate, such as `CN=login.microsoftonline.com`; null on this machine without TLS.
    #[output(answer)]
    subject: Option<String>,
    /// Issuer of the certificate.
    #[output(answer)]
    issuer: Option<String>,
    /// Time at which the certificate expires.
    #[output(answer)]
    expires_on: Option<String>,
    /// Version of TLS, such as `1.3`.
    #[output(answer)]
    tls_version: Option<String>,
    /// HTTP status of the answer, whatever it is; null without an answer.
    #[output(answer)]
    status: Option<i64>,
    /// Seconds by which the clock of this machine is ahead of the host's; negative if it is behind, null if the host tells
    /// no time.
    #[output(answer)]
    clock_skew: Option<i64>,
}

impl Endpoint {
    /// Returns the origin of the host: its URL without a path, and without the argument `port`.
    fn origin(&self, azure: &Azure) -> Text {
        let cloud = azure.cloud();
        match (&self.host, &self.service) {
            (Some(Arg::Unknown(origins)), _) => Text::new().then_unknown(origins.clone(), Form::Url),
            (Some(host), _) => Text::new().then_parts(host, |EndpointHost(origin)| origin.clone()),
            (None, Some(service)) => Text::new().then_arg(service, |service| match service {
                CloudHost::Login => cloud.login().unwrap_or_default().to_owned(),
                CloudHost::ResourceManager => cloud.arm(),
                CloudHost::Graph => cloud.graph(),
            }),
            (None, None) => Text::new(),
        }
    }

    fn head(&self, azure: &Azure) -> Action {
        HttpRequest::new(Method::Head, self.at_port(self.origin(azure)).then("/")).action()
    }

    fn at_port(&self, origin: Text) -> Text {
        match &self.port {
            Some(port) => origin.then(":").then_arg(port, ToString::to_string),
            None => origin,
        }
    }
}

impl TypedStep for Endpoint {
    const TYPE: &'static str = "endpoint";
    const EXAMPLE: &'static str = r#"step "endpoint" "cloud" {
  for_each = toset(["login", "resource_manager"])
  service  = each.value

  postcondition {
    condition     = abs(self.clock_skew) < 300
    error_message = "The clock of this machine is wrong."
  }
}

output "issuers" {
  value = { for name, endpoint in step.endpoint.cloud : name => endpoint.issuer }
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::None;
    const HAS_OWN_PURPOSE: bool = true;
    type Output = Checked;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        if self.host.as_ref().is_some_and(Arg::is_sensitive) {
            let error = ArgumentError::new("host", "must not be sensitive");
            errors.push(error.help("the plan shows every host that gets a request").secret());
        }
        let has_port = self.host.as_ref().and_then(Arg::value).is_some_and(EndpointHost::has_port);
        if self.port.is_some() && has_port {
            errors.push(ArgumentError::new("port", "must not be given with a `host` that has a port"));
        }
        let (service, cloud) = (self.service.as_ref().map(Arg::value), azure.cloud());
        if service == Some(None) {
            errors.push(ArgumentError::new("service", "must be known in the plan"));
        }
        let is_missing = |host: &&CloudHost| match host {
            CloudHost::Login => cloud.login().is_none(),
            CloudHost::Graph => cloud.endpoint(Service::Graph).is_none(),
            CloudHost::ResourceManager => false,
        };
        if let Some(host) = service.flatten().filter(is_missing) {
            let error = format!("must not be `{}`: the cloud {} names no such host", host.word(), cloud.name);
            errors.push(ArgumentError::new("service", error));
        }
        errors
    }

    fn title(&self) -> Title {
        match (&self.host, &self.service) {
            (None, Some(service)) => {
                let name = Text::new().then_arg(service, |service| service.word().to_owned());
                Title::new("endpoint").named(&name).placed("of the cloud")
            }
            (host, _) => {
                let name = Text::new();
                let name = match host {
                    Some(host) => name.then_parts(host, |EndpointHost(origin)| origin.clone()),
                    None => name,
                };
                Title::new("endpoint").named(&self.at_port(name))
            }
        }
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.head(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Checked>, StepError> {
        let action = self.head(session.azure());
        let probed = session.probe(&action).await.map_err(|error| match self.host {
            Some(_) => error.argument("host"),
            None => error.argument("service"),
        })?;
        let url = action.request().and_then(|request| Url::parse(&request.url.reveal()?).ok());
        let url = url.ok_or_else(|| StepError::internal("a URL is not known yet"))?;
        let certificate = probed.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
        Ok(Done::unchanged(Checked {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default().into(),
            addresses: probed.addresses.iter().map(ToString::to_string).collect(),
            proxy: probed.proxy.clone(),
            subject: certificate.map(|own| own.subject.clone()),
            issuer: certificate.map(|own| own.issuer.clone()),
            expires_on: certificate.map(|own| Moment(own.expires).shown()),
            tls_version: probed.tls.as_ref().and_then(|tls| tls.version).map(str::to_owned),
            status: probed.status.map(i64::from),
            clock_skew: probed.clock_skew,
        }))
    }
}
