//! Export of runs to an OpenTelemetry collector.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::collector::{Collector, attribute, hex, inner, number, text};
use crate::support::{Place, Ran};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SECRET: &str = "hunter2-hunter2-hunter2";

/// Runs the Jumpstart lab, with these variables to configure the export.
fn run(place: &Place, variables: &[(&str, &str)], more: &[&str]) -> Ran {
    let arguments = [&["run", "-lab", "-var", "file=hosts"], more, &["jumpstart"]].concat();
    let mut command = place.command(&arguments);
    command.envs(variables.iter().copied());
    Ran::of(command.output().expect("the program"))
}

/// Returns the encoded spans in the OTLP requests.
fn spans(collector: &Collector) -> Vec<Vec<u8>> {
    let posts = collector.posts();
    let resources = posts.iter().flat_map(|post| inner(&post.body, 1));
    resources.flat_map(|resource| inner(&resource, 2)).flat_map(|scope| inner(&scope, 2)).collect()
}

#[test]
fn a_run_is_one_trace_under_its_parent_span() {
    let collector = Collector::answering(200);
    let place = Place::jumpstart();
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("TRACEPARENT", &format!("00-{TRACE}-b7ad6b7169203331-01")),
    ];
    let ran = run(&place, &variables, &["-fault", "keyvault:429:retry-after-ms=20:times=1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(!ran.err.contains("telemetry"), "{}", ran.seen());
    let spans = spans(&collector);
    let by_id: BTreeMap<String, &Vec<u8>> = spans.iter().map(|span| (hex(span, 2), span)).collect();
    assert_eq!(by_id.len(), spans.len(), "every span has a number of its own");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for span in &spans {
        assert_eq!(hex(span, 1), TRACE);
        let (began, ended) = (number(span, 7), number(span, 8));
        assert!(1_700_000_000_000_000_000 < began && began <= ended, "{began} {ended}");
        let parent = hex(span, 4);
        if let Some(parent) = by_id.get(&parent) {
            assert!(number(parent, 7) <= began && ended <= number(parent, 8), "{}", text(span, 5));
        } else {
            assert_eq!(
                (parent.as_str(), text(span, 5).as_str()),
                ("b7ad6b7169203331", "arcbook run jumpstart")
            );
            assert_eq!(attribute(span, 9, "arcbook.run.status").as_deref(), Some("done"));
        }
        for link in inner(span, 13) {
            assert!(by_id.contains_key(&hex(&link, 2)), "{} waited for what is not there", text(span, 5));
        }
        let method = attribute(span, 9, "http.request.method");
        let kind = method.map_or("other", |_| "request");
        *kinds.entry(if text(span, 5).starts_with("step.") { "step" } else { kind }).or_default() += 1;
    }
    assert_eq!(kinds["step"], 6, "{kinds:?}");
    let refused = spans.iter().find(|span| attribute(span, 9, "error.type").as_deref() == Some("429"));
    let refused = refused.expect("the request that was refused");
    assert_eq!(number(refused, 6), 3, "it is a client's");
    assert_eq!(number(&inner(refused, 15)[0], 3), 2, "it is an error");
    assert!(attribute(refused, 9, "url.full").expect("a URL").contains("/secrets/"));
    let again = spans.iter().filter(|span| attribute(span, 9, "http.request.resend_count").is_some());
    assert_eq!(again.count(), 1);
    let status = |span: &Vec<u8>| attribute(span, 9, "http.response.status_code");
    let challenges: Vec<_> = spans.iter().filter(|span| status(span).as_deref() == Some("401")).collect();
    assert!(!challenges.is_empty(), "the agent asks for its key");
    for challenge in challenges {
        assert!(inner(challenge, 15).is_empty(), "an answer of the protocol is no error");
        assert_eq!(attribute(challenge, 9, "error.type"), None);
    }
}

#[test]
fn headers_are_sent_and_never_shown() {
    let collector = Collector::answering(200);
    let place = Place::jumpstart();
    let headers = format!("authorization=Bearer%20{SECRET}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.url.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_SERVICE_NAME", "lab-7"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.name=other"),
    ];
    let ran = run(&place, &variables, &["-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let posts = collector.posts();
    assert!(posts.iter().all(|post| post.head.contains(&format!("authorization: bearer {SECRET}"))));
    assert!(posts.iter().all(|post| post.head.contains("content-type: application/json")));
    let body: Json = serde_json::from_slice(&posts[0].body).expect("JSON");
    let resource = body["resourceSpans"][0]["resource"].to_string();
    assert!(resource.contains(r#"{"key":"service.name","value":{"stringValue":"lab-7"}}"#), "{resource}");
    assert!(resource.contains("deployment.environment.name") && !resource.contains("other"), "{resource}");
    let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["spanId"].as_str().map(str::len), Some(16), "{span}");
    assert!(span["startTimeUnixNano"].is_string(), "{span}");
    for post in &posts {
        assert!(!String::from_utf8_lossy(&post.body).contains(SECRET));
    }
    for (path, content) in place.files() {
        assert!(!String::from_utf8_lossy(&content).contains(SECRET), "{}", path.display());
    }
    assert!(!ran.seen().contains(SECRET));
}

#[test]
fn a_failing_collector_does_not_fail_the_run() {
    let refusing = Collector::answering(400);
    // This collector accepts connections and never responds.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent_url = format!("http://{}", silent.local_addr().expect("an address"));
    for (endpoint, reason) in [
        (refusing.url.as_str(), "it answered 400"),
        ("http://127.0.0.1:9", "127.0.0.1:9"),
        (silent_url.as_str(), "did not accept all of it within 3 s after the run"),
        ("ftp://x", "must use http or https"),
    ] {
        let place = Place::jumpstart();
        let ran = run(&place, &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)], &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert!(ran.err.contains("warning[telemetry]") && ran.err.contains(reason), "{}", ran.seen());
    }
}

/// The collector accepts connections and never responds.
#[cfg(unix)]
#[test]
fn a_silent_collector_delays_no_output_and_can_be_interrupted() {
    use std::io::{BufRead, BufReader, Read};

    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let place = Place::with("output \"word\" { value = 1 }\n");
    let mut command = place.command(&["run"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &url);
    let mut run = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    let mut err = BufReader::new(run.stderr.take().expect("a stream")).lines();
    // This message follows all other output.
    let sending = err.by_ref().map_while(Result::ok).find(|line| line.contains("sending the trace"));
    assert!(sending.is_some());
    rustix::process::kill_process(rustix::process::Pid::from_child(&run), rustix::process::Signal::INT)
        .expect("asked to stop");
    let rest = err.map_while(Result::ok).collect::<Vec<_>>().join("\n");
    assert!(rest.contains("the export was interrupted"), "{rest}");
    assert_eq!(run.wait().expect("a status").code(), Some(0), "the run is done");
    let mut out = String::new();
    run.stdout.take().expect("a stream").read_to_string(&mut out).expect("text");
    assert!(out.contains("word = 1") && out.contains("The record is"), "{out}");
}
