//! Rules about connections.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::plan::host;
use crate::step::{Action, ActionKind, HttpRequest};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "plain-http",
        level: Level::Warning,
        title: "a request crosses a network without TLS",
        explanation: "Everybody in between can read and change both the request and the response. The machine itself \
            (loopback) is excepted.",
        prevents: "Responses that somebody else wrote (CWE-319).",
        remedy: "use `https://`, and leave `allow_plain_http` out",
        check: plain_http,
    },
    AuditRule {
        id: "weak-tls",
        level: Level::Error,
        title: "the server of a database is not verified",
        explanation: "Below `verify-full`, whoever is in between can pose as the server: `require` trusts any certificate, and \
            `disable` encrypts nothing.",
        prevents: "A man in the middle of a database connection (CWE-295).",
        remedy: "leave `tls` out, and trust the authority of the server with `SSL_CERT_FILE`",
        check: weak_tls,
    },
];

fn plain_http(subject: &Subject<'_>) -> Vec<Found> {
    let is_plain = |view: &StepView<'_>| requests(view).any(|request| request.plain_http);
    let found = |view: StepView<'_>| view.found("url", "a request without TLS to another machine");
    subject.steps().filter(is_plain).map(found).collect()
}

fn weak_tls(subject: &Subject<'_>) -> Vec<Found> {
    let found = |view: StepView<'_>| {
        let mut statements = view.planned.actions.iter().filter_map(|action| match &action.kind {
            ActionKind::Sql(statement) => statement.tls.weakness(),
            _ => None,
        });
        let weakness = statements.next()?;
        Some(view.found("tls", format!("a connection to a database {weakness}")))
    };
    subject.steps().filter_map(found).collect()
}

fn requests<'a>(view: &StepView<'a>) -> impl Iterator<Item = &'a HttpRequest> + use<'a> {
    view.planned.actions.iter().filter_map(Action::request)
}

/// Returns true if the host of a request of the step may belong neither to the cloud nor to this machine: nobody can tell
/// about a host whose end is not known yet.
pub(super) fn leaves_cloud(subject: &Subject<'_>, view: &StepView<'_>, of: &str) -> bool {
    without_token(view, of).any(|request| is_outside(subject, &real_host(request, of)))
}

/// Returns true if a host belongs neither to the cloud nor to this machine.
pub(super) fn is_outside(subject: &Subject<'_>, host: &str) -> bool {
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    !subject.platform.serves(host) && !subject.platform.serves(name) && !is_loopback(host)
}

/// Returns the host of a request, also if a secret in the URL hides it: the host that gets the request is no secret.
fn real_host(request: &HttpRequest, shown: &str) -> String {
    let start = request.url.known_start();
    let is_whole = start.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']));
    if shown.contains("(sensitive)") && is_whole { host(&start) } else { shown.to_owned() }
}

/// Returns true if a signature in the URL may open the store that the request goes to: then it is whoever's store.
pub(super) fn is_signed(view: &StepView<'_>, of: &str) -> bool {
    let has_signature = |request: &HttpRequest| {
        let url = request.url.to_string();
        let query = url.split_once('?').map(|(_, query)| query.to_ascii_lowercase()).unwrap_or_default();
        let is_it = |parameter: &str| parameter.starts_with("sig=") || parameter.starts_with('(');
        request.url.is_sensitive() || query.split('&').any(is_it)
    };
    without_token(view, of).any(has_signature)
}

/// Returns the requests to a host that carry no token.
fn without_token<'a>(view: &StepView<'a>, of: &str) -> impl Iterator<Item = &'a HttpRequest> {
    requests(view).filter(move |request| request.audience.is_none() && host(&request.url.to_string()) == of)
}

/// Returns true if the host is this machine, whatever its port.
pub(super) fn is_loopback(host: &str) -> bool {
    if host.contains('@') {
        return false;
    }
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|address| address.to_canonical().is_loopback());
    }
    let name = host.split(':').next().unwrap_or_default();
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("127.1.2.3:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]", true),
            ("localhost:(known after step.a.b)", true),
            ("127.evil.test", false),
            ("127.0.0.1.evil.test", false),
            ("127.0.0.1:80@evil.test", false),
            ("localhost.test", false),
            ("a.test:127", false),
            ("[2001:db8::1]", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
