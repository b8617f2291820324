//! The requests for tokens in a lab's log, in a form that two clients share.

use std::fmt::Write as _;

use arcbook_lab::{Lab, Request, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

/// Fields of forms and queries that say which library sends them.
const TELEMETRY: [&str; 2] = ["client_info", "claims"];

/// Returns the requests for tokens from the log's entry `from` on, as text: method, host, path, and the fields of query and
/// form in the order of their names. It leaves out discovery and telemetry.
pub fn of(lab: &Lab, from: usize) -> String {
    let services = [Service::Login, Service::Himds, Service::Imds];
    let requests = lab.requests().into_iter().skip(from);
    let asked = requests.filter(|request| services.contains(&request.service) && !is_discovery(request));
    asked.map(|request| text(&request)).collect()
}

/// Returns a trace without the header of assertions: azure-identity signs with RS256 and names the certificate by its SHA-1,
/// arcbook with PS256 and SHA-256.
pub fn comparable(trace: &str) -> String {
    let line = |line: &str| match line
        .strip_prefix("  client_assertion = ")
        .and_then(|value| value.split_once("} "))
    {
        Some((_, claims)) => format!("  client_assertion = {claims}\n"),
        None => format!("{line}\n"),
    };
    trace.lines().map(line).collect()
}

fn is_discovery(request: &Request) -> bool {
    ["/.well-known/", "/discovery/"].iter().any(|part| request.target.contains(part))
}

fn text(request: &Request) -> String {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value)));
    let mut fields: Vec<(String, String)> = query.split('&').filter_map(pair).collect();
    fields.extend(request.form.iter().cloned());
    fields.retain(|(name, _)| !name.starts_with("x-client-") && !TELEMETRY.contains(&name.as_str()));
    fields.sort();
    let mut text = format!("{} {}{path}\n", request.method, request.host);
    for (name, value) in fields {
        let value = if name == "client_assertion" { assertion(&value) } else { value };
        let _ = writeln!(text, "  {name} = {value}");
    }
    let sender = request.principal.as_deref().unwrap_or("(nobody)");
    let status = request.status.map_or_else(|| "no response".to_owned(), |status| status.to_string());
    let _ = writeln!(text, "  => {status} as {sender}");
    text
}

/// Shows an assertion: its header without digests, and its claims except for times and `jti`, in whose place is the
/// lifetime.
fn assertion(token: &str) -> String {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Json>(&bytes).ok()
    });
    let (Some(Some(mut header)), Some(Some(mut claims))) = (parts.next(), parts.next()) else {
        return "(no token)".to_owned();
    };
    for digest in ["kid", "x5t", "x5t#S256"] {
        if let Some(value) = header.get_mut(digest) {
            *value = "[digest]".into();
        }
    }
    // Some libraries give times with a fraction.
    let seconds = |name: &str| claims[name].as_f64();
    let lifetime =
        seconds("exp").zip(seconds("nbf").or(seconds("iat"))).map(|(end, begin)| (end - begin).round());
    let lifetime = lifetime.map_or_else(|| "forever".to_owned(), |seconds| format!("{seconds} s"));
    for part in [&mut header, &mut claims] {
        if let Some(part) = part.as_object_mut() {
            part.retain(|name, _| !["exp", "nbf", "iat", "jti"].contains(&name.as_str()));
            part.sort_keys();
        }
    }
    format!("{header} {claims} for {lifetime}")
}
