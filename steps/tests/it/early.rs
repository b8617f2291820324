//! An answer that comes before the request was sent to its end.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use arcbook_engine::step::{Audience, Change, StepError};
use arcbook_lab::Options;
use arcbook_steps::Trust;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::world::Bench;

/// What a server does once it has answered.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// It closes with the request unread, which resets the connection.
    Reset,
    /// It closes its side, and reads no more.
    Close,
    /// It keeps the connection open, and reads no more.
    Hold,
}

/// A server that answers each request once it has read its head and so many bytes of its body.
struct Hasty {
    port: u16,
    certificate: Option<String>,
    requests: Arc<AtomicUsize>,
    /// The connections that it holds.
    kept: Held,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Connections that a server holds, each with what ends it.
type Held = Arc<Mutex<Vec<(Box<dyn Stream>, TcpStream)>>>;

trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

impl Hasty {
    fn start(tls: bool, reads: usize, answers: Vec<String>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (certificate, config) = tls.then(certified).unzip();
        let (requests, over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let kept = Held::default();
        let (count, stop, held) = (Arc::clone(&requests), Arc::clone(&over), Arc::clone(&kept));
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let socket = socket.unwrap();
                // Else the answer waits for the acknowledgement of the handshake, and the reset drops it unsent.
                socket.set_nodelay(true).unwrap();
                let mut stream: Box<dyn Stream> = match &config {
                    None => Box::new(socket.try_clone().unwrap()),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                        Box::new(StreamOwned::new(connection, socket.try_clone().unwrap()))
                    }
                };
                if !read_some(&mut *stream, reads) {
                    continue;
                }
                let number = count.fetch_add(1, Ordering::Relaxed);
                let answer = &answers[number.min(answers.len() - 1)];
                if stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).is_err() {
                    continue;
                }
                match then {
                    Then::Reset => {}
                    Then::Close => socket.shutdown(std::net::Shutdown::Write).unwrap(),
                    Then::Hold => held.lock().unwrap().push((stream, socket)),
                }
            }
        });
        Self { port, certificate, requests, kept, over, thread: Some(thread) }
    }

    /// What comes of an upload of `size` bytes.
    async fn upload(&self, size: usize) -> (Bench, Result<Change, StepError>) {
        let options = Options { https: self.certificate.is_some(), ..Options::default() };
        let bench = Bench::with(options, |options| {
            options.cloud.blob_suffix = format!("blob.localhost:{}", self.port);
            options.cloud.storage_audience = Audience::new("https://storage.azure.com");
            if let Some(certificate) = &self.certificate {
                options.trust = Trust::Only(certificate.clone());
            }
        })
        .await;
        let outcome = bench.upload(&[("content", "x".repeat(size).into())]).await;
        (bench, outcome.map(|outcome| outcome.change))
    }
}

impl Hasty {
    /// Takes all that comes over the connection that it holds: how much, or none when the connection does not end.
    fn rest(&self) -> Option<usize> {
        let (mut stream, socket) = self.kept.lock().unwrap().pop()?;
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let (mut taken, mut bytes) = (0, vec![0; 65_536]);
        loop {
            match stream.read(&mut bytes) {
                Ok(0) => return Some(taken),
                Ok(read) => taken += read,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Some(taken),
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Hasty {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Reads the head of a request and `more` bytes; whether there was a request.
fn read_some(stream: &mut dyn Stream, more: usize) -> bool {
    let (mut received, mut byte) = (Vec::new(), [0]);
    while !received.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).is_err() {
            return false;
        }
        received.push(byte[0]);
    }
    match stream.read_exact(&mut vec![0; more]) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
        read => read.is_ok(),
    }
}

/// A certificate for every storage account of the server, and a server with it.
fn certified() -> (String, Arc<ServerConfig>) {
    let names = vec!["arcmi01.blob.localhost".to_owned()];
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key.into()).unwrap();
    (cert.pem(), Arc::new(config))
}

fn refusal(status: u16, code: &str) -> String {
    let body = format!(
        "<Error><Code>{code}</Code><Message>words of the service{}</Message></Error>",
        " ".repeat(9000)
    );
    format!("HTTP/1.1 {status} No\r\nx-ms-error-code: {code}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// More than the buffers of both sockets hold.
const LARGE: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn an_answer_before_the_end_of_the_upload_is_the_answer() {
    let cases = [
        (403, "AuthorizationPermissionMismatch", 0, Then::Reset),
        (403, "AuthorizationFailure", 200_000, Then::Reset),
        (412, "LeaseIdMissing", 0, Then::Close),
        (413, "RequestBodyTooLarge", 65_536, Then::Reset),
        (409, "BlobImmutableDueToPolicy", 1, Then::Hold),
        (404, "ContainerNotFound", 0, Then::Hold),
        (400, "InvalidHeaderValue", 300_000, Then::Reset),
    ];
    for tls in [false, true] {
        for (status, code, reads, then) in cases {
            for size in [400_000, LARGE] {
                let server = Hasty::start(tls, reads, vec![refusal(status, code)], then);
                let (_, outcome) = server.upload(size).await;
                let error = outcome.unwrap_err();
                let case = format!("{status} {then:?}, {size} bytes, TLS {tls}: {error:?}");
                assert_eq!((error.status(), error.code()), (Some(status), Some(code)), "{case}");
                assert!(error.why().unwrap_or_default().contains("ords of the service"), "{case}");
                assert!(!error.is_uncertain(), "{case}");
                assert_eq!(server.requests.load(Ordering::Relaxed), 1, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_busy_service_that_answers_early_is_asked_again() {
    for tls in [false, true] {
        for status in [408, 429, 503] {
            let server = Hasty::start(tls, 0, vec![refusal(status, "ServerBusy")], Then::Reset);
            let error = server.upload(LARGE).await.1.unwrap_err();
            assert_eq!(error.status(), Some(status), "TLS {tls}: {error:?}");
            assert!(!error.is_uncertain(), "{status}, TLS {tls}: {error:?}");
            assert_eq!(server.requests.load(Ordering::Relaxed), 3, "{status}, TLS {tls}");
        }
    }
    let created = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n".to_owned();
    let server = Hasty::start(false, 1_000, vec![refusal(503, "ServerBusy"), created], Then::Close);
    let (_, outcome) = server.upload(1_000).await;
    assert_eq!(
        outcome.unwrap(),
        Change::Updated,
        "the second time it is taken, over another connection or the same"
    );
}

#[tokio::test]
async fn a_connection_that_is_reset_without_an_answer_leaves_the_change_unknown() {
    for answer in ["", "HTTP/1.1 201 Cre", "HTTP/1.1 201 Created\r\ncontent-length: 10\r\n\r\n12345"] {
        for tls in [false, true] {
            let server = Hasty::start(tls, 1_000, vec![answer.to_owned()], Then::Reset);
            let error = server.upload(LARGE).await.1.unwrap_err();
            assert_eq!(
                (error.status(), error.is_uncertain()),
                (None, true),
                "{answer:?}, TLS {tls}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_that_the_reset_cuts_short_is_a_refusal() {
    let cut = "HTTP/1.1 403 Forbidden\r\nx-ms-error-code: AuthorizationFailure\r\ncontent-length: 999\r\n\r\n<Error>";
    for size in [10_000, LARGE] {
        let server = Hasty::start(false, 1_000, vec![cut.to_owned()], Then::Reset);
        let error = server.upload(size).await.1.unwrap_err();
        assert_eq!((error.code(), error.is_uncertain()), (Some("AuthorizationFailure"), false), "{error:?}");
    }
}

#[tokio::test]
async fn a_connection_whose_upload_nobody_takes_is_closed() {
    let server = Hasty::start(false, 0, vec![refusal(403, "AuthorizationFailure")], Then::Hold);
    let (bench, outcome) = server.upload(LARGE).await;
    assert_eq!(outcome.unwrap_err().status(), Some(403));
    // Taken now, the rest of the upload would come, and the connection would be kept.
    let ended = tokio::task::spawn_blocking(move || server.rest()).await.unwrap();
    assert!(ended.is_some_and(|taken| taken < LARGE), "{ended:?}");
    drop(bench);
}
