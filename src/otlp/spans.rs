//! Converts the engine's spans to OTLP, with the attribute names of OpenTelemetry's semantic conventions.

use arcbook_engine::run::RunStarted;
use arcbook_engine::timeline::{self, Kind, Mark};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::message::{
    Attribute, CLIENT, ERROR, Event, ExportRequest, INTERNAL, Link, Resource, ResourceSpans, Scope,
    ScopeSpans, Span, Status, attribute,
};
use super::settings::{Parent, Settings};
use crate::VERSION;

/// The trace of a run.
pub struct Trace {
    id: [u8; 16],
    parent: Option<Parent>,
    /// The start of the run, in microseconds since 1970.
    began: u64,
}

impl Trace {
    /// Creates the trace of the run that starts with this event, at `began`.
    ///
    /// Its id derives from the run's name and salt, so it is the same in every export.
    pub fn new(started: &RunStarted, began: u64, parent: Option<Parent>) -> Self {
        let own = || short(&Sha256::digest(format!("{} {}", started.run, started.salt)));
        Self { id: parent.as_ref().map_or_else(own, |parent| parent.trace), parent, began }
    }

    /// Converts a span to OTLP.
    pub fn span(&self, span: &timeline::Span) -> Span {
        let failure = span.failure.as_ref();
        let parent = match (span.parent, &self.parent) {
            (Some(parent), _) => self.id_of(parent).to_vec(),
            (None, Some(parent)) => parent.span.to_vec(),
            (None, None) => Vec::new(),
        };
        Span {
            trace_id: self.id.to_vec(),
            span_id: self.id_of(span.id).to_vec(),
            trace_state: self.parent.as_ref().map_or_else(String::new, |parent| parent.state.clone()),
            parent_span_id: parent,
            name: name(span),
            kind: if span.kind == Kind::Request { CLIENT } else { INTERNAL },
            start_time_unix_nano: self.nanoseconds(span.began),
            end_time_unix_nano: self.nanoseconds(span.ended),
            attributes: attributes(span),
            events: span.marks.iter().map(|mark| self.event(mark)).collect(),
            links: span.after.map(|after| self.link(after)).into_iter().collect(),
            status: failure.map(|message| Status { message: message.clone(), code: ERROR }),
            flags: 1,
        }
    }

    fn event(&self, mark: &Mark) -> Event {
        Event {
            time_unix_nano: self.nanoseconds(mark.at),
            name: mark.event.clone(),
            attributes: vec![attribute("arcbook.about", mark.text.as_str())],
        }
    }

    /// Returns a link to the span that this one waited for last.
    fn link(&self, after: u64) -> Link {
        let attributes = vec![attribute("arcbook.link", "after")];
        Link { trace_id: self.id.to_vec(), span_id: self.id_of(after).to_vec(), attributes }
    }

    fn id_of(&self, span: u64) -> [u8; 8] {
        let mut hash = Sha256::new();
        hash.update(self.id);
        // A trace may contain several runs, so the start time keeps their span ids distinct.
        hash.update(self.began.to_be_bytes());
        hash.update(span.to_be_bytes());
        short(&hash.finalize())
    }

    fn nanoseconds(&self, at: u64) -> u64 {
        self.began.saturating_add(at).saturating_mul(1_000)
    }
}

/// Returns the beginning of a digest.
fn short<const N: usize>(digest: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| digest[at])
}

/// Returns a name with low cardinality across traces.
fn name(span: &timeline::Span) -> String {
    match span.kind {
        Kind::Run => format!("arcbook run {}", span.name),
        Kind::Request => span.fact("method").and_then(Json::as_str).unwrap_or("HTTP").to_owned(),
        Kind::Token | Kind::Step | Kind::Attempt => span.name.clone(),
    }
}

/// The attribute names of facts.
const NAMES: [(&str, &str); 25] = [
    ("run", "arcbook.run.id"),
    ("runbook", "arcbook.runbook.name"),
    ("directory", "arcbook.runbook.directory"),
    ("identity", "arcbook.identity"),
    ("status", "arcbook.run.status"),
    ("done", "arcbook.run.done"),
    ("changed", "arcbook.run.changed"),
    ("recalled", "arcbook.run.recalled"),
    ("failed", "arcbook.run.failed"),
    ("tolerated", "arcbook.run.tolerated"),
    ("skipped", "arcbook.run.skipped"),
    ("audience", "arcbook.token.audience"),
    ("type", "arcbook.step.type"),
    ("effect", "arcbook.step.effect"),
    ("change", "arcbook.step.change"),
    ("uncertain", "arcbook.step.uncertain"),
    ("attempts", "arcbook.step.attempts"),
    ("queued_microseconds", "arcbook.queued_microseconds"),
    ("queued_for", "arcbook.queued_for"),
    ("attempt", "arcbook.attempt"),
    ("reason", "arcbook.attempt.reason"),
    ("method", "http.request.method"),
    ("url", "url.full"),
    ("resent", "http.request.resend_count"),
    ("request_id", "azure.service.request.id"),
];

fn attributes(span: &timeline::Span) -> Vec<Attribute> {
    let mut attributes: Vec<Attribute> =
        span.facts.iter().filter_map(|(fact, value)| known(span, fact, value)).collect();
    if span.kind == Kind::Step {
        attributes.push(attribute("arcbook.step.address", span.name.as_str()));
    }
    if span.kind == Kind::Request {
        attributes.extend(server(span.fact("url").and_then(Json::as_str).unwrap_or_default()));
        if span.failure.is_some() {
            let status = span.fact("status").map(ToString::to_string);
            attributes.push(attribute("error.type", status.as_deref().unwrap_or("_OTHER")));
        }
    }
    attributes
}

fn known(span: &timeline::Span, fact: &str, value: &Json) -> Option<Attribute> {
    let name = match (span.kind, fact) {
        (Kind::Request, "status") => "http.response.status_code",
        _ => NAMES.iter().find(|(name, _)| *name == fact)?.1,
    };
    Some(match value {
        Json::Bool(flag) => attribute(name, super::message::Value::Flag(*flag)),
        Json::Number(number) => attribute(name, number.as_i64()?),
        Json::String(text) => attribute(name, text.as_str()),
        _ => return None,
    })
}

/// Returns the host and port of a URL, unless they are redacted.
fn server(url: &str) -> Vec<Attribute> {
    let Some((scheme, rest)) = url.split_once("://") else { return Vec::new() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, Some(if scheme == "http" { 80 } else { 443 })),
    };
    if host.is_empty() || host.contains(['(', ' ']) {
        return Vec::new();
    }
    let port = port.map(|port: i64| attribute("server.port", port));
    [attribute("server.address", host)].into_iter().chain(port).collect()
}

/// Returns an export request.
pub fn export(settings: &Settings, run: &str, spans: Vec<Span>) -> ExportRequest {
    let given = settings.resource.iter().map(|(name, value)| attribute(name, value.as_str()));
    let is_given = |name: &str| settings.resource.iter().any(|(given, _)| given == name);
    let own = [
        ("service.name", "arcbook"),
        ("service.version", VERSION),
        ("service.instance.id", run),
        ("telemetry.sdk.name", "arcbook"),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.version", VERSION),
    ];
    let own = own.into_iter().filter(|(name, _)| !is_given(name));
    let resource =
        Resource { attributes: given.chain(own.map(|(name, value)| attribute(name, value))).collect() };
    let scope = Scope { name: "arcbook".to_owned(), version: VERSION.to_owned() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans }];
    ExportRequest { resource_spans: vec![ResourceSpans { resource: Some(resource), scope_spans }] }
}

#[cfg(test)]
mod tests {
    use super::super::message::Value;
    use super::*;

    #[test]
    fn the_server_is_that_of_the_url_when_it_is_shown() {
        let seen = |url: &str| {
            let found = server(url).into_iter().filter_map(|attribute| match attribute.value?.value? {
                Value::Text(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Flag(_) => None,
            });
            found.collect::<Vec<_>>().join(" ")
        };
        for (url, expected) in [
            ("https://a.test/x?y", "a.test 443"),
            ("http://localhost:40342/metadata", "localhost 40342"),
            ("http://[::1]/x", "[::1] 80"),
            ("https://(known after step.a.b)/x", ""),
            ("x", ""),
        ] {
            assert_eq!(seen(url), expected, "{url}");
        }
    }
}
