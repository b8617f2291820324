//! The reason why a host was not reached, and its remedy.

use std::io;
use std::net::SocketAddr;

use arcbook_engine::step::{ErrorKind, StepError};
use rustls::CertificateError;

use super::PeerCertificate;
use crate::keyvault::Moment;

/// The reason why a host was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreached {
    pub obstacle: Obstacle,
    /// True if it is in the way to the proxy, not to the host.
    pub is_proxy: bool,
}

/// The stage that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The name has no address. `temporary` if the name server could not answer.
    Name { temporary: bool },
    /// No address takes a connection; this is the last one.
    Connection { address: SocketAddr, reason: String },
    /// The proxy answers with this status in place of a connection.
    Refused { status: u16 },
    /// The proxy does not answer as one.
    Tunnel { reason: String },
    /// The certificate is not trusted.
    Certificate { distrust: Distrust, certificate: Option<PeerCertificate> },
    /// The peer does not speak TLS, or no version of it that is safe.
    Tls { reason: String },
}

/// The reason why a certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// No trusted authority issued it.
    Issuer,
    /// Its time has passed.
    Expired,
    /// Its time has not begun.
    NotYet,
    /// It is for other hosts.
    Name,
    /// Another reason.
    Other(String),
}

/// The host that was to be reached, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    /// Its name.
    pub host: &'a str,
    pub port: u16,
    /// The proxy on the way, in a form that is safe to print.
    pub proxy: Option<&'a str>,
}

impl Obstacle {
    /// Classifies a failed handshake with a peer that sent `certificate`.
    pub(super) fn of_tls(error: &io::Error, certificate: Option<PeerCertificate>) -> Self {
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let Some(rustls::Error::InvalidCertificate(why)) = cause else {
            return Self::Tls { reason: error.to_string() };
        };
        let distrust = match why {
            CertificateError::UnknownIssuer => Distrust::Issuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Distrust::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Distrust::NotYet,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Distrust::Name
            }
            other => Distrust::Other(other.to_string()),
        };
        Self::Certificate { distrust, certificate }
    }
}

impl Unreached {
    pub(super) fn host(obstacle: Obstacle) -> Self {
        Self { obstacle, is_proxy: false }
    }

    pub(super) fn proxy(obstacle: Obstacle) -> Self {
        Self { obstacle, is_proxy: true }
    }

    /// Returns the error of a step that was to reach `target`.
    pub fn error(&self, target: &Target<'_>) -> StepError {
        let peer = self.peer(target);
        let (summary, detail) = self.words(target, &peer);
        let error = StepError::new(ErrorKind::Transport, summary).detail(detail);
        self.remedies(target, &peer).into_iter().fold(error, StepError::help)
    }

    /// Returns the peer that the obstacle is at.
    fn peer(&self, target: &Target<'_>) -> String {
        match target.proxy {
            Some(proxy) if self.is_proxy => format!("the proxy {proxy}"),
            _ => target.host.to_owned(),
        }
    }

    /// Returns a summary and a detail.
    fn words(&self, target: &Target<'_>, peer: &str) -> (String, String) {
        let Target { host, port, proxy } = target;
        let through = proxy.filter(|_| !self.is_proxy);
        let through = through.map(|proxy| format!(" The connection goes through the proxy {proxy}."));
        let through = through.unwrap_or_default();
        match &self.obstacle {
            Obstacle::Name { temporary: false } => {
                (format!("the name of {peer} does not resolve"), "The DNS knows no such name.".to_owned())
            }
            Obstacle::Name { temporary: true } => {
                (format!("the name of {peer} does not resolve"), "No name server answered.".to_owned())
            }
            Obstacle::Connection { address, reason } => {
                (format!("no connection to {peer}"), format!("At {address}: {reason}."))
            }
            Obstacle::Refused { status } => (
                format!("{peer} refuses the connection to {host}"),
                format!("It answered {status} to the request for {host}:{port}."),
            ),
            Obstacle::Tunnel { reason } => (
                format!("{peer} does not connect to {host}"),
                format!("The request for {host}:{port} failed: {reason}."),
            ),
            Obstacle::Certificate { distrust, certificate } => (
                format!("the certificate of {peer} is not trusted"),
                format!("{}{through}", distrust.told(host, certificate.as_ref())),
            ),
            Obstacle::Tls { reason } => {
                (format!("no TLS connection to {peer}"), format!("The handshake failed: {reason}.{through}"))
            }
        }
    }

    fn remedies(&self, target: &Target<'_>, peer: &str) -> Vec<String> {
        let Target { host, port, .. } = target;
        let bypass = format!("or list {host} in NO_PROXY, if this machine reaches it directly");
        match &self.obstacle {
            Obstacle::Name { .. } if self.is_proxy => vec![format!("correct {peer}"), bypass],
            Obstacle::Connection { .. } if self.is_proxy => {
                vec![format!("check that {peer} is correct and running"), bypass]
            }
            Obstacle::Name { .. } => vec![
                format!("check the spelling of {host}, and the name servers of this machine"),
                "if a proxy resolves names for this machine, set HTTPS_PROXY".to_owned(),
            ],
            Obstacle::Connection { .. } => vec![
                format!("let the firewalls between this machine and {host} pass TCP port {port}"),
                "if this machine needs a proxy, set HTTPS_PROXY".to_owned(),
            ],
            Obstacle::Refused { status: 407 } => {
                vec!["write the user and the password of the proxy into its variable, as in http://USER:PASSWORD@HOST:PORT".to_owned()]
            }
            Obstacle::Refused { .. } | Obstacle::Tunnel { .. } => {
                vec![format!("let the proxy pass connections to {host}:{port}"), bypass]
            }
            Obstacle::Certificate { distrust: Distrust::Issuer | Distrust::Other(_), .. } => vec![
                "if this network inspects TLS, set SSL_CERT_FILE to a file with its authority and all others that this machine trusts".to_owned(),
                "otherwise somebody else answers in place of the host: do not go on".to_owned(),
            ],
            Obstacle::Certificate { distrust: Distrust::Expired | Distrust::NotYet, .. } => {
                vec!["check the clock of this machine: timedatectl, or w32tm /query /status on Windows".to_owned()]
            }
            Obstacle::Certificate { distrust: Distrust::Name, .. } => {
                vec![format!("check the name {host} and its address: another server answers there")]
            }
            Obstacle::Tls { .. } => {
                vec![format!("check that port {port} of {host} serves TLS 1.2 or later, and that no firewall interferes")]
            }
        }
    }
}

impl Distrust {
    /// Returns sentences about the certificate of `host`.
    fn told(&self, host: &str, certificate: Option<&PeerCertificate>) -> String {
        let issued = certificate.map_or_else(
            || "The certificate cannot be read".to_owned(),
            |PeerCertificate { subject, issuer, .. }| {
                format!("The certificate for `{subject}` is issued by `{issuer}`")
            },
        );
        let expires = certificate.map(|certificate| Moment(certificate.expires).shown()).unwrap_or_default();
        match self {
            Self::Issuer => format!("{issued}, which this machine does not trust."),
            Self::Expired => format!("{issued} and expired at {expires}."),
            Self::NotYet => format!("{issued} and is not valid yet."),
            Self::Name => format!("{issued} and does not name {host}."),
            Self::Other(reason) => format!("{issued} and is refused: {reason}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(obstacle: Obstacle, is_proxy: bool) -> String {
        let target = Target {
            host: "login.example",
            port: 443,
            proxy: is_proxy.then_some("http://proxy.example:3128 of HTTPS_PROXY"),
        };
        let error = Unreached { obstacle, is_proxy }.error(&target);
        format!("{error}: {} | {}", error.why().unwrap_or_default(), error.remedies().join(" | "))
    }

    #[test]
    fn each_stage_is_named_with_its_remedy() {
        let certificate = PeerCertificate {
            subject: "CN=login.example".to_owned(),
            issuer: "CN=Corporate Proxy CA".to_owned(),
            expires: 1_896_091_200,
        };
        let distrusted =
            |distrust| Obstacle::Certificate { distrust, certificate: Some(certificate.clone()) };
        let refused = || Obstacle::Connection {
            address: "192.0.2.1:443".parse().expect("an address"),
            reason: "Connection refused".to_owned(),
        };
        for (obstacle, is_proxy, expected) in [
            (Obstacle::Name { temporary: false }, false, ["login.example does not resolve", "name servers"]),
            (Obstacle::Name { temporary: false }, true, ["proxy http://proxy.example:3128", "NO_PROXY"]),
            (refused(), false, ["192.0.2.1:443: Connection refused", "TCP port 443"]),
            (refused(), true, ["no connection to the proxy", "correct and running"]),
            (
                Obstacle::Refused { status: 403 },
                true,
                ["answered 403", "pass connections to login.example:443"],
            ),
            (Obstacle::Refused { status: 407 }, true, ["answered 407", "USER:PASSWORD@"]),
            (distrusted(Distrust::Issuer), false, ["issued by `CN=Corporate Proxy CA`", "SSL_CERT_FILE"]),
            (distrusted(Distrust::Expired), false, ["expired at 2030-01-31T12:00:00Z", "clock"]),
            (distrusted(Distrust::Name), false, ["does not name login.example", "another server"]),
            (Obstacle::Tls { reason: "EOF".to_owned() }, false, ["handshake failed: EOF", "TLS 1.2"]),
        ] {
            let told = told(obstacle, is_proxy);
            assert!(expected.iter().all(|part| told.contains(part)), "{told}");
        }
    }
}
