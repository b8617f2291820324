//! The steps `endpoint` and `host`: hosts that are reached, and each stage at which one is not.

use std::net::Ipv4Addr;
use std::sync::Arc;

use arcbook_engine::step::{ArgumentError, ErrorKind, Outcome, StepError};
use arcbook_engine::value::Value;
use arcbook_lab::{Options, Service};
use arcbook_steps::{AzureOptions, Trust};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::closed_port::ClosedPort;
use crate::server::{Server, no, ok};
use crate::world::{Bench, text};

/// Aborts a server's task at the end of a test.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Starts a TLS server for `name` that answers every connection with `answer`; returns its certificate too.
async fn secured(name: &str, expired: bool, answer: &'static str) -> (Task, u16, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, format!("own of {name}"));
    if expired {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 1, 2));
    }
    let own = params.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![own.der().clone()], secret).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, port) = listener().await;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                request.push(byte);
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (Task(task), port, own.pem())
}

/// Starts a proxy that connects every tunnel to `port` of this machine.
async fn proxy_to(port: u16) -> (Task, u16) {
    let (listener, own) = listener().await;
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let mut other = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut other).await });
        }
    });
    (Task(task), own)
}

/// Checks an endpoint with options that `change` adjusts.
async fn check(
    arguments: &[(&'static str, Value)],
    change: impl FnOnce(&mut AzureOptions),
) -> Result<Outcome, StepError> {
    Bench::with(Options::default(), change).await.run("endpoint", arguments).await
}

fn told(error: &StepError) -> String {
    let detail = error.why().unwrap_or_default();
    format!("{error}: {detail} {}", error.remedies().join(" | "))
}

fn proxied(port: u16) -> impl Fn(&mut AzureOptions) {
    move |options: &mut AzureOptions| {
        let proxy = format!("http://user:hunter2@127.0.0.1:{port}");
        options.environment = [("HTTPS_PROXY", proxy.as_str())].into_iter().collect();
    }
}

#[tokio::test]
async fn a_host_of_the_cloud_is_reached_and_described() {
    let bench = Bench::with(Options { https: true, ..Options::default() }, |_| ()).await;
    bench.fault("login:clock-behind:seconds=3600:times=always");
    let before = bench.lab.requests().len();
    let outcome = bench.run("endpoint", &[("service", "login".into())]).await.unwrap();
    assert_eq!(text(&outcome, "host"), "login.localhost");
    assert_eq!(text(&outcome, "issuer"), "CN=Local lab authority");
    assert_eq!(text(&outcome, "tls_version"), "1.3");
    let shown = |name: &str| outcome.outputs[name].to_json().unwrap().to_string();
    assert_eq!(shown("addresses"), r#"["127.0.0.1","::1"]"#);
    assert_eq!((shown("proxy"), shown("status")), ("null".to_owned(), "405".to_owned()));
    let skew = outcome.outputs["clock_skew"].to_json().unwrap().as_i64().unwrap();
    assert!((3600..3700).contains(&skew), "{skew}");
    let sent = &bench.lab.requests()[before..];
    let lines: Vec<_> = sent.iter().map(|request| format!("{} {}", request.method, request.target)).collect();
    assert_eq!(lines, ["HEAD /"]);
    assert_eq!(bench.count(Service::Himds), 0, "it needs no token");
}

#[tokio::test]
async fn each_stage_that_fails_is_named() {
    let closed = ClosedPort::new();
    let (_other, other, other_pem) = secured("other.localhost", false, "").await;
    let (_old, old, old_pem) = secured("old.localhost", true, "").await;
    let plain = Server::answering(|_| ok("")).await;
    for (host, port, pem, expected) in [
        ("arcbook.invalid", 443, None, "the name of arcbook.invalid does not resolve"),
        ("a.localhost", i64::from(closed.number()), None, "no connection to a.localhost: At [::1]"),
        ("other.localhost", other.into(), None, "issued by `CN=own of other.localhost`"),
        ("a.localhost", other.into(), Some(&other_pem), "does not name a.localhost"),
        ("old.localhost", old.into(), Some(&old_pem), "expired at 2020-01-02T00:00:00Z"),
        ("a.localhost", plain.port.into(), None, "no TLS connection to a.localhost"),
    ] {
        let arguments = [("host", host.into()), ("port", Value::from(port))];
        let trusting = |options: &mut AzureOptions| {
            let certified = rcgen::generate_simple_self_signed(vec!["x.localhost".to_owned()]).unwrap();
            options.trust = Trust::Only(pem.cloned().unwrap_or_else(|| certified.cert.pem()));
        };
        let error = check(&arguments, trusting).await.unwrap_err();
        assert_eq!((error.kind(), error.about()), (ErrorKind::Transport, Some("host")), "{host}");
        assert!(told(&error).contains(expected), "{}", told(&error));
    }
    assert_eq!(plain.heard().requests.len(), 0);
}

#[tokio::test]
async fn the_connection_goes_through_the_proxy() {
    let (_server, port, pem) = secured("arcbook.invalid", false, "HTTP/1.1 200 OK\r\n\r\n").await;
    let (_proxy, proxy) = proxy_to(port).await;
    let arguments = [("host", "arcbook.invalid".into())];
    let trusting = |options: &mut AzureOptions| {
        proxied(proxy)(options);
        options.trust = Trust::Only(pem.clone());
    };
    let outcome = check(&arguments, trusting).await.unwrap();
    assert_eq!(text(&outcome, "proxy"), format!("http://127.0.0.1:{proxy}"));
    let shown = |name: &str| outcome.outputs[name].to_json().unwrap().to_string();
    assert_eq!((shown("addresses"), shown("status")), ("[]".to_owned(), "200".to_owned()));
    assert_eq!(shown("clock_skew"), "null", "the answer has no date");

    // The proxy is not asked for a host that NO_PROXY lists, nor for this machine.
    let direct = check(&arguments, |options| {
        let variables = [("HTTPS_PROXY", format!("127.0.0.1:{proxy}")), ("NO_PROXY", ".invalid".to_owned())];
        options.environment = variables.into_iter().collect();
    });
    assert!(told(&direct.await.unwrap_err()).contains("does not resolve"));
}

#[tokio::test]
async fn a_proxy_in_the_way_is_named_without_its_password() {
    let arguments = [("host", "login.example".into()), ("port", Value::from(8443_i64))];
    for (status, expected) in
        [(403, "let the proxy pass connections to login.example:8443"), (407, "USER:PASSWORD")]
    {
        let proxy = Server::answering(|_| no(status, "", "")).await;
        let error = check(&arguments, proxied(proxy.port)).await.unwrap_err();
        let told = told(&error);
        let named = format!("the proxy http://127.0.0.1:{} of HTTPS_PROXY refuses", proxy.port);
        assert!(told.contains(&named) && told.contains(expected), "{told}");
        assert!(told.contains(&format!("answered {status}")) && !told.contains("hunter2"), "{told}");
        let heard = proxy.heard().requests;
        assert!(heard[0].starts_with("CONNECT login.example:8443 HTTP/1.1\r\n"), "{}", heard[0]);
        assert!(heard[0].to_lowercase().contains("proxy-authorization: basic "), "{}", heard[0]);
    }
    let closed = ClosedPort::new();
    let error = check(&arguments, proxied(closed.number())).await.unwrap_err();
    assert!(told(&error).contains("no connection to the proxy http://127.0.0.1:"), "{}", told(&error));
    let garbage = Server::answering(|_| "hello".to_owned()).await;
    let error = check(&arguments, proxied(garbage.port)).await.unwrap_err();
    assert!(told(&error).contains("does not connect to login.example"), "{}", told(&error));
}

#[tokio::test]
async fn a_host_that_says_nothing_is_reached_all_the_same() {
    let (_server, port, pem) = secured("a.localhost", false, "").await;
    let arguments = [("host", "a.localhost".into()), ("port", Value::from(i64::from(port)))];
    let outcome = check(&arguments, |options| options.trust = Trust::Only(pem)).await.unwrap();
    assert_eq!(outcome.outputs["status"].to_json().unwrap(), serde_json::Value::Null);
    assert_eq!(text(&outcome, "subject"), "CN=own of a.localhost");
}

#[tokio::test]
async fn wrong_arguments_are_refused_before_the_run() {
    let bench = Bench::start().await;
    let port = |port: i64| ("port", Value::from(port));
    for (arguments, expected) in [
        (vec![], "host"),
        (vec![("host", "a.test".into()), ("service", "login".into())], "service"),
        (vec![("host", "https://a.test:1".into()), port(2)], "port"),
        (vec![("service", "login".into()), port(2)], "port"),
        (vec![("host", "http://a.test".into())], "host"),
        (vec![("service", "storage".into())], "service"),
    ] {
        let errors = bench.refused("endpoint", &arguments);
        let found: Vec<_> = errors.iter().map(ArgumentError::argument).collect();
        assert_eq!(found, [expected], "{arguments:?}");
    }
}

#[tokio::test]
async fn this_computer_is_described_and_nothing_is_sent() {
    let bench = Bench::start().await;
    let before = bench.lab.requests().len();
    let outcome = bench.run("host", &[]).await.unwrap();
    let os = if cfg!(windows) { "windows" } else { "linux" };
    assert_eq!((text(&outcome, "os"), text(&outcome, "architecture")), (os, std::env::consts::ARCH));
    let number = |name: &str| outcome.outputs[name].to_json().unwrap().as_i64().unwrap();
    assert!(number("disk_free") <= number("disk_size") && number("memory") > 1 << 20);
    let missing = bench.run("host", &[("path", "no/such/directory".into())]).await.unwrap();
    assert!(missing.outputs["disk_size"].to_json().unwrap().as_i64().unwrap() > 0);
    assert_eq!(bench.lab.requests().len(), before);
}
