//! Servers that respond before the request has been sent completely.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use arcbook_engine::step::{Change, StepError};
use arcbook_lab::Options;
use arcbook_steps::{Service, Trust};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::world::{Bench, below};

/// The server's action after its response.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// Closes the connection with the request unread, which resets it.
    Reset,
    /// Closes the sending side and reads no more.
    Close,
    /// Keeps the connection open and reads no more.
    Hold,
}

/// A server that answers each request once it has read the head and some bytes of the body.
struct Hasty {
    port: u16,
    certificate: Option<String>,
    requests: Arc<AtomicUsize>,
    /// The connections that it keeps open.
    kept: mpsc::Receiver<Held>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// The open connections of a server: the stream, and its socket.
type Held = (Box<dyn Stream>, TcpStream);

trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

impl Hasty {
    fn start(tls: bool, reads: usize, answers: Vec<String>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (certificate, config) = tls.then(certified).unzip();
        let (requests, over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (held, kept) = mpsc::channel();
        let (count, stop) = (Arc::clone(&requests), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let socket = socket.unwrap();
                // Otherwise the response waits for the acknowledgement of the handshake, and the reset drops
                // it unsent.
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
                    Then::Hold => held.send((stream, socket)).unwrap(),
                }
            }
        });
        Self { port, certificate, requests, kept, over, thread: Some(thread) }
    }

    /// Uploads `size` bytes and returns the bench and the result.
    async fn upload(&self, size: usize) -> (Bench, Result<Change, StepError>) {
        let options = Options { https: self.certificate.is_some(), ..Options::default() };
        let bench = Bench::with(options, |options| {
            options.cloud = below(&options.cloud, Service::Blob, &format!("blob.localhost:{}", self.port));
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
    /// Reads the open connection to its end and returns the number of bytes, or `None` if the client keeps it
    /// open.
    fn rest(&self) -> Option<usize> {
        // The client may have the response before the server has handed over the connection.
        let (mut stream, socket) = self.kept.recv_timeout(Duration::from_mins(1)).ok()?;
        socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
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

/// Reads the head of a request and `more` bytes; returns whether there was a request.
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

/// Creates a certificate for the server's storage accounts, and a TLS configuration with it.
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

/// More bytes than the buffers of both sockets hold.
const LARGE: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn a_response_before_the_end_of_the_upload_counts() {
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
async fn a_busy_service_that_responds_early_is_retried() {
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
async fn a_reset_without_a_response_leaves_the_change_uncertain() {
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
async fn a_refusal_truncated_by_a_reset_is_a_refusal() {
    let cut = "HTTP/1.1 403 Forbidden\r\nx-ms-error-code: AuthorizationFailure\r\ncontent-length: 999\r\n\r\n<Error>";
    for size in [10_000, LARGE] {
        let server = Hasty::start(false, 1_000, vec![cut.to_owned()], Then::Reset);
        let error = server.upload(size).await.1.unwrap_err();
        assert_eq!((error.code(), error.is_uncertain()), (Some("AuthorizationFailure"), false), "{error:?}");
    }
}

#[tokio::test]
async fn a_connection_with_an_unread_upload_is_closed() {
    let server = Hasty::start(false, 0, vec![refusal(403, "AuthorizationFailure")], Then::Hold);
    let (bench, outcome) = server.upload(LARGE).await;
    assert_eq!(outcome.unwrap_err().status(), Some(403));
    // If the client kept the connection, it would now send the rest of the upload.
    let ended = tokio::task::spawn_blocking(move || server.rest()).await.unwrap();
    assert!(ended.is_some_and(|taken| taken < LARGE), "{ended:?}");
    drop(bench);
}
