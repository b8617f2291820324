//! A client that sends requests byte for byte and reads whole responses.

use std::fmt::Write as _;
use std::io;

use arcbook_lab::Lab;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A parsed response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names keep the server's spelling.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    /// Returns the error code in ARM's and Key Vault's envelope.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request under construction.
#[derive(Clone, Debug)]
pub struct Request {
    port: u16,
    method: String,
    target: String,
    host: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// Builds a request for an absolute `url`, which is sent to the lab's Azure port whatever its host is.
    pub fn to_azure(lab: &Lab, method: &str, url: &str) -> Self {
        Self::new(lab.azure().port, method, url)
    }

    /// Builds a request to the agent, with the required `Metadata` header.
    pub fn to_himds(lab: &Lab, target: &str) -> Self {
        Self::new(lab.himds().port, "GET", &format!("{}{target}", lab.himds().url)).header("Metadata", "true")
    }

    /// Builds a request to the metadata service of the virtual machine, with the required `Metadata` header.
    pub fn to_imds(lab: &Lab, target: &str) -> Self {
        let imds = lab.imds().unwrap();
        Self::new(imds.port, "GET", &format!("{}{target}", imds.url)).header("Metadata", "true")
    }

    fn new(port: u16, method: &str, url: &str) -> Self {
        let rest = url.split_once("://").unwrap().1;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Self {
            port,
            method: method.to_owned(),
            target: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            host: host.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sets the body to a form with these fields.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encode = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.header("Content-Type", "application/x-www-form-urlencoded").body(pairs.join("&"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// Sends the request; fails if the connection closes before the whole response arrives.
    pub async fn try_send(self) -> io::Result<Answer> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.method, self.target, self.host
        );
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", self.body.len());
        let answer = exchange(self.port, &[head.as_bytes(), &self.body].concat()).await?;
        parse(&answer, self.method == "HEAD").ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Sends bytes and reads until the server closes the connection.
pub async fn exchange(port: u16, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Sends bytes, then closes the sending side, so that a server that waits for more stops waiting.
pub async fn exchange_and_end(port: u16, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Parses a response; `None` if it is incomplete.
pub fn parse(bytes: &[u8], head_only: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let answer =
        Answer { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() };
    let length: usize = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    (head_only || answer.body.len() == length).then_some(answer)
}

/// Returns the path of the key file in a challenge.
pub fn challenge_path(answer: &Answer) -> String {
    assert_eq!(answer.status, 401, "{}", answer.text());
    let header = answer.header("www-authenticate").unwrap();
    header.strip_prefix("Basic realm=").unwrap().to_owned()
}

/// Returns the target of a token request.
pub fn token_target(resource: &str) -> String {
    format!("/metadata/identity/oauth2/token?api-version=2020-06-01&resource={resource}")
}

/// Obtains a token through the whole challenge exchange.
pub async fn token(lab: &Lab, resource: &str) -> String {
    let target = token_target(resource);
    let key = std::fs::read_to_string(challenge_path(&Request::to_himds(lab, &target).send().await)).unwrap();
    let answer =
        Request::to_himds(lab, &target).header("Authorization", &format!("Basic {key}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}
