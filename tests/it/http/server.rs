//! A small HTTP server that records requests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method and the target, such as `GET /x?y=1`.
    pub line: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A response: the status, the headers, and the body.
pub type Response = (u16, Vec<(&'static str, String)>, Vec<u8>);

/// Makes the response to a request, which is the one with this number at its path, counted from 1.
type Answer = dyn Fn(&Received, usize) -> Response + Send + Sync;

/// A server on a free port, as long as the tests run.
pub struct Server {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Received, usize) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (own, answer): (_, Arc<Answer>) = (Arc::clone(&received), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (received, answer) = (Arc::clone(&own), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &received, &*answer));
            }
        });
        Self { port, received }
    }

    /// Returns the requests so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("whole").clone()
    }

    /// Returns the first lines of the requests so far.
    pub fn lines(&self) -> Vec<String> {
        self.received().into_iter().map(|request| request.line).collect()
    }
}

/// Serves one request; a status of 0 closes the connection without a response.
fn serve(stream: TcpStream, received: &Mutex<Vec<Received>>, answer: &Answer) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or_default() == 0 {
        return;
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, length)| length.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let request = Received { line, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let count = {
        let mut received = received.lock().expect("whole");
        received.push(request.clone());
        received.iter().filter(|other| other.line == request.line).count()
    };
    let (status, headers, body) = answer(&request, count);
    if status == 0 {
        return;
    }
    let length = if request.line.starts_with("HEAD ") { 0 } else { body.len() };
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", &value, "\r\n"]);
    }
    let mut stream = reader.into_inner();
    // The client may have closed the connection.
    drop(stream.write_all(&[head.as_bytes(), b"\r\n", &body[..length]].concat()));
}

/// Returns a response with a body of JSON.
pub fn json(status: u16, body: &str) -> Response {
    (status, vec![("content-type", "application/json".to_owned())], body.as_bytes().to_vec())
}
