//! A server with fixed responses, for cases that the lab does not simulate.

use std::sync::{Arc, Mutex};

use arcbook_engine::step::{Change, ErrorKind, StepError};
use arcbook_lab::Options;
use arcbook_steps::{Cloud, Host, Service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::{Bench, below};

/// A server on loopback that gives the configured responses in turn, repeats the last one, and records
/// requests.
pub struct Server {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

/// The connections and requests that a server received.
#[derive(Clone, Default)]
pub struct Heard {
    pub connections: usize,
    pub requests: Vec<String>,
}

impl Server {
    /// Starts a server that answers every request alike.
    pub async fn answering(answer: impl Fn(u16) -> String) -> Self {
        Self::answering_in_turn(|port| vec![answer(port)]).await
    }

    /// Starts a server that gives these responses in turn and repeats the last one.
    pub async fn answering_in_turn(answers: impl Fn(u16) -> Vec<String>) -> Self {
        Self::at(0, answers).await
    }

    /// Starts such a server at the given port, or at a free one for 0.
    pub async fn at(port: u16, answers: impl Fn(u16) -> Vec<String>) -> Self {
        Self::serving(port, |port| {
            let answers = answers(port);
            move |number| answers[number.min(answers.len()) - 1].clone()
        })
        .await
    }

    /// Starts a server whose answer is made for each request, which are counted from 1.
    pub async fn serving<A>(port: u16, answering: impl FnOnce(u16) -> A) -> Self
    where
        A: Fn(usize) -> String + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answers) = (Arc::<Mutex<Heard>>::default(), Arc::new(answering(port)));
        let log = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
                log.lock().unwrap().connections += 1;
                tokio::spawn(async move {
                    let mut received = Vec::new();
                    while let Ok(byte) = stream.read_u8().await {
                        received.push(byte);
                        if received.ends_with(b"\r\n\r\n") {
                            let mut request =
                                String::from_utf8_lossy(&std::mem::take(&mut received)).into_owned();
                            let mut body = vec![0; length(&request)];
                            if stream.read_exact(&mut body).await.is_err() {
                                break;
                            }
                            request.push_str(&String::from_utf8_lossy(&body));
                            let answer = {
                                let mut log = log.lock().unwrap();
                                log.requests.push(request);
                                answers(log.requests.len())
                            };
                            stream.write_all(answer.as_bytes()).await.unwrap();
                        }
                    }
                });
            }
        });
        Self { port, heard, task }
    }

    pub fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Returns the length of the body that follows these headers.
fn length(headers: &str) -> usize {
    let line = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.trim().parse().ok()).unwrap_or_default()
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Builds a response with this status and extra headers.
pub fn no(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} No\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// Starts a lab whose storage accounts are at `server`.
pub async fn with_blob(server: &Server) -> Bench {
    let port = server.port;
    Bench::with(Options::default(), |options| {
        options.cloud = below(&options.cloud, Service::Blob, &format!("blob.localhost:{port}"));
    })
    .await
}

/// Starts a lab whose ARM is at `server`.
pub async fn with_arm(server: &Server) -> Bench {
    let port = server.port;
    Bench::with(Options::default(), |options| {
        let arm = Host::Exact(format!("management.localhost:{port}"));
        let audience = options.cloud.audience(Service::Arm);
        options.cloud = options.cloud.clone().serving(Service::Arm, audience, [arm]);
    })
    .await
}

async fn list(server: &Server) -> StepError {
    with_arm(server).await.run("arm_list", &[("scope", "/subscriptions/s".into())]).await.unwrap_err()
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::answering(|_| ok("{}")).await;
    let target = other.port;
    let location = format!("http://management.localhost:{target}/");
    let server = Server::answering(|_| {
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
    })
    .await;
    let list = list(&server).await;
    let upload = with_blob(&server).await.upload(&[("content", "x".into())]).await.unwrap_err();
    for error in [list, upload] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(307)));
    }
    assert_eq!(other.heard().connections, 0);
}

#[tokio::test]
async fn every_request_has_a_user_agent_and_its_own_id() {
    let server = Server::answering(|_| ok(r#"{"value":[]}"#)).await;
    let bench = with_arm(&server).await;
    for _ in 0..2 {
        bench.run("arm_list", &[("scope", "/subscriptions/s".into())]).await.unwrap();
    }
    let heard = server.heard();
    assert_eq!((heard.connections, heard.requests.len()), (1, 2), "the connection is kept");
    let id = |request: &str| {
        let line = request.lines().find(|line| line.starts_with("x-ms-client-request-id: "));
        line.unwrap().to_owned()
    };
    assert!(heard.requests[0].contains("user-agent: arcbook/"), "{}", heard.requests[0]);
    assert_ne!(id(&heard.requests[0]), id(&heard.requests[1]));
}

#[tokio::test]
async fn azure_is_reached_through_the_proxy() {
    let refusal = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
    for content in [None, Some(""), Some("x")] {
        let proxy = Server::answering(|_| refusal.to_owned()).await;
        let https = Options { https: true, ..Options::default() };
        let bench = Bench::with(https, |options| {
            options.cloud = Cloud::public();
            let address = format!("http://user:hunter2@127.0.0.1:{}", proxy.port);
            options.environment = [("HTTPS_PROXY".to_owned(), address)].into_iter().collect();
        })
        .await;
        let (outcome, host) = match content {
            None => {
                let list = bench.run("arm_list", &[("scope", "/subscriptions/s".into())]).await;
                (list, "management.azure.com")
            }
            Some(content) => {
                let upload = bench.upload(&[("content", content.into())]).await;
                (upload, "arcmi01.blob.core.windows.net")
            }
        };
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        let requests = proxy.heard().requests;
        assert!(requests[0].starts_with(&format!("CONNECT {host}:443 ")), "{}", requests[0]);
        assert!(requests.iter().all(|request| !request.to_lowercase().contains("bearer")));
        let basic = "proxy-authorization: Basic dXNlcjpodW50ZXIy";
        assert!(requests[0].to_lowercase().contains(&basic.to_lowercase()), "{}", requests[0]);
        let told = format!("{error:?}");
        assert!(told.contains(&format!("http://127.0.0.1:{} of HTTPS_PROXY", proxy.port)), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

/// Uploads `content` and returns the header names that `server` received, except the length, which libraries
/// may add.
async fn names_of_upload(server: &Server, content: &'static str) -> Vec<String> {
    with_blob(server).await.upload(&[("content", content.into())]).await.unwrap_err();
    let request = server.heard().requests.remove(0);
    let names = request.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
    names.filter(|name| name != "content-length").collect()
}

#[tokio::test]
async fn a_request_has_the_same_headers_with_and_without_a_body() {
    let refused = Server::answering(|_| no(400, "", "")).await;
    let empty = names_of_upload(&refused, "").await;
    let refused = Server::answering(|_| no(400, "", "")).await;
    assert_eq!(empty, names_of_upload(&refused, "x").await);
    for name in ["user-agent", "accept", "host", "authorization", "x-ms-client-request-id"] {
        assert!(empty.iter().any(|header| header == name), "{name}: {empty:?}");
    }
}

#[tokio::test]
async fn an_id_is_requested_as_arm_returned_it() {
    let group = "/subscriptions/s/resourceGroups/g (1) ü";
    let alert = "providers/Microsoft.Insights/metricAlerts/CPU #1 > 80%";
    let encoded = "/subscriptions/s/resourceGroups/g%20(1)%20%C3%BC";
    let version = ("api_version", "1".into());
    for (ty, arguments, expected) in [
        (
            "arm_get",
            [("path", format!("{group}/{alert}").into()), version.clone()],
            format!(
                "{encoded}/providers/Microsoft.Insights/metricAlerts/CPU%20%231%20%3E%2080%25?api-version=1"
            ),
        ),
        (
            "arm_list",
            [("path", format!("{group}/{alert}/a%2Fb").into()), version.clone()],
            format!(
                "{encoded}/providers/Microsoft.Insights/metricAlerts/CPU%20%231%20%3E%2080%25/a%2Fb?api-version=1"
            ),
        ),
        (
            "arm_list",
            [("scope", format!("{group}/{alert}").into()), version],
            format!("{encoded}/resources?api-version=1"),
        ),
    ] {
        let server = Server::answering(|_| ok(r#"{"value":[]}"#)).await;
        with_arm(&server).await.run(ty, &arguments).await.unwrap();
        let request = server.heard().requests.remove(0);
        assert!(request.starts_with(&format!("GET {expected} HTTP/1.1\r\n")), "{expected}\n{request}");
    }
}

#[tokio::test]
async fn create_only_keeps_an_existing_blob() {
    for (status, code, create_only, expected) in [
        ("409 Conflict", "BlobAlreadyExists", true, Some(Change::None)),
        ("412 Precondition Failed", "ConditionNotMet", true, Some(Change::None)),
        ("412 Precondition Failed", "LeaseIdMissing", true, Some(Change::None)),
        ("412 Precondition Failed", "", true, Some(Change::None)),
        ("409 Conflict", "BlobImmutableDueToPolicy", true, None),
        ("412 Precondition Failed", "LeaseIdMissing", false, None),
    ] {
        let server = Server::answering(|_| {
            format!("HTTP/1.1 {status}\r\nx-ms-error-code: {code}\r\ncontent-length: 0\r\n\r\n")
        })
        .await;
        let bench = Bench::with(Options::default(), |options| {
            options.cloud = below(&options.cloud, Service::Blob, &format!("blob.localhost:{}", server.port));
        })
        .await;
        let outcome = bench.upload(&[("content", "".into()), ("create_only", create_only.into())]).await;
        assert_eq!(
            outcome.as_ref().ok().map(|outcome| outcome.change),
            expected,
            "{status} {code}: {outcome:?}"
        );
        assert_eq!(server.heard().requests.len(), 1, "{status} {code}");
    }
}
