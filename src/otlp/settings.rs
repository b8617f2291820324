//! The telemetry settings in OpenTelemetry's environment variables.

use std::borrow::Cow;
use std::time::Duration;

use arcbook_engine::redact::Secrets;
use arcbook_steps::Environment;
use percent_encoding::percent_decode_str;

/// The settings of the telemetry export.
pub struct Settings {
    /// The URL that spans are posted to.
    pub endpoint: String,
    /// The headers of each request; their values are secrets.
    pub headers: Vec<(String, String)>,
    /// The encoding of spans.
    pub protocol: Protocol,
    /// The time limit of one request.
    pub timeout: Duration,
    /// The additional resource attributes.
    pub resource: Vec<(String, String)>,
    /// The parent span of the run.
    pub parent: Option<Parent>,
}

/// The encoding of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Protocol buffers.
    Protobuf,
    /// JSON.
    Json,
}

/// A span of another program, from W3C Trace Context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The trace id.
    pub trace: [u8; 16],
    /// The span id.
    pub span: [u8; 8],
    /// The vendors' trace state, passed on unchanged.
    pub state: String,
}

impl Settings {
    /// Reads the settings from `environment`; none if telemetry is off. Registers the values of headers in
    /// `secrets`.
    ///
    /// The error names a variable but no value.
    pub fn of(environment: &Environment, secrets: &Secrets) -> Result<Option<Self>, String> {
        let own = |name: &str| {
            let traces = environment.get(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"));
            traces.or_else(|| environment.get(&format!("OTEL_EXPORTER_OTLP_{name}")))
        };
        let headers =
            own("HEADERS").map_or(Ok(Vec::new()), |text| pairs("OTEL_EXPORTER_OTLP_HEADERS", text))?;
        for (_, value) in &headers {
            // `Bearer` and similar schemes are not secrets, but the credentials after them are secrets on
            // their own.
            let bare = value.rsplit(' ').next().unwrap_or(value);
            secrets.add(value);
            secrets.add(bare);
        }
        let is = |name: &str, word: &str| {
            environment.get(name).is_some_and(|value| value.eq_ignore_ascii_case(word))
        };
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        let whole = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").map(str::to_owned);
        let base = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT");
        let base = base.map(|base| format!("{}/v1/traces", base.trim_end_matches('/')));
        let Some(endpoint) = whole.or(base) else { return Ok(None) };
        let parent = match environment.get("TRACEPARENT").and_then(traceparent) {
            // The trace is not sampled.
            Some((_, _, false)) => return Ok(None),
            Some((trace, span, true)) => {
                let state = environment.get("TRACESTATE").unwrap_or_default().to_owned();
                Some(Parent { trace, span, state })
            }
            None => None,
        };
        let protocol = match own("PROTOCOL") {
            None | Some("http/protobuf") => Protocol::Protobuf,
            Some("http/json") => Protocol::Json,
            Some(_) => {
                return Err(
                    "OTEL_EXPORTER_OTLP_PROTOCOL is neither `http/protobuf` nor `http/json`".to_owned()
                );
            }
        };
        let timeout = own("TIMEOUT").and_then(|text| text.parse().ok()).unwrap_or(10_000);
        let attributes = environment.get("OTEL_RESOURCE_ATTRIBUTES");
        let mut resource =
            attributes.map_or(Ok(Vec::new()), |text| pairs("OTEL_RESOURCE_ATTRIBUTES", text))?;
        if let Some(service) = environment.get("OTEL_SERVICE_NAME") {
            resource.retain(|(name, _)| name != "service.name");
            resource.push(("service.name".to_owned(), service.to_owned()));
        }
        let timeout = Duration::from_millis(timeout);
        Ok(Some(Self { endpoint, headers, protocol, timeout, resource, parent }))
    }
}

/// Parses `name=value,name=value`, percent-encoded.
fn pairs(variable: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    let decode = |text: &str| percent_decode_str(text.trim()).decode_utf8().ok().map(Cow::into_owned);
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((decode(name).filter(|name| !name.is_empty())?, decode(value)?))
    };
    let parts = text.split(',').filter(|part| !part.trim().is_empty());
    let parsed: Option<_> = parts.map(pair).collect();
    parsed.ok_or_else(|| format!("{variable} is not of the form `name=value,name=value`"))
}

/// Parses a `traceparent` into trace id, span id and sampled flag; none if it is invalid.
fn traceparent(text: &str) -> Option<([u8; 16], [u8; 8], bool)> {
    let parts: Vec<&str> = text.trim().split('-').collect();
    let [version, trace, span, flags, rest @ ..] = parts.as_slice() else { return None };
    let is_known = *version == "00" && rest.is_empty();
    let is_later = version.len() == 2 && *version != "ff" && *version != "00";
    let (trace, span) = (hex(trace)?, hex(span)?);
    let [flags] = hex::<1>(flags)?;
    ((is_known || is_later) && trace != [0; 16] && span != [0; 8]).then_some((trace, span, flags & 1 == 1))
}

/// Parses bytes from lower-case hexadecimal digits.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !digits || text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::of(&variables.iter().copied().collect(), &Secrets::new())
    }

    #[test]
    fn the_endpoint_of_traces_is_taken_as_it_is_and_the_other_is_added_to() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/");
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://d/x");
        for (variables, expected) in [
            (&[][..], None),
            (&[endpoint], Some("http://c:4318/v1/traces")),
            (&[endpoint, traces], Some("http://d/x")),
            (&[endpoint, ("OTEL_SDK_DISABLED", "True")], None),
            (&[endpoint, ("OTEL_TRACES_EXPORTER", "none")], None),
            (&[endpoint, ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")], None),
            (&[endpoint, ("TRACEPARENT", "nonsense")], Some("http://c:4318/v1/traces")),
        ] {
            let settings = of(variables).unwrap();
            assert_eq!(settings.map(|settings| settings.endpoint).as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn headers_are_decoded_and_are_secrets_even_when_nothing_is_sent() {
        let secrets = Secrets::new();
        let environment = Environment::from_iter([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hunter2-hunter2, x-team = a"),
        ]);
        let settings = Settings::of(&environment, &secrets).unwrap().unwrap();
        let expected = [("authorization", "Bearer hunter2-hunter2"), ("x-team", "a")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(settings.headers, expected);
        assert_eq!(secrets.redact("it was hunter2-hunter2"), "it was (sensitive)");
    }

    #[test]
    fn what_cannot_be_done_is_said_without_values() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
        for variable in
            [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc-hunter2"), ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")]
        {
            let error = of(&[endpoint, variable]).err().unwrap();
            assert!(error.contains(variable.0) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_traceparent_is_taken_when_it_is_one() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (trace, span, sampled) = traceparent(good).unwrap();
        assert_eq!((trace[0], trace[15], span[0], sampled), (0x0a, 0x9c, 0xb7, true));
        assert!(traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").is_some());
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-ü-b7ad6b7169203331-01",
        ] {
            assert!(traceparent(bad).is_none(), "{bad}");
        }
    }
}
