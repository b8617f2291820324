//! The ten requests without any overhead: the lower bound against which arcbook is measured.
//!
//! It uses one thread. It opens a connection as soon as its host is known and keeps it, and sends a request
//! as soon as its inputs are available. Five round trips are sequential: challenge, token, list, secret,
//! blob. The other requests run concurrently.
//!
//! It works with the lab only, through the variables of [`arcbook_benches::environment`], and treats every
//! host as this machine.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use hyper::http::request::Builder;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The tokens' audiences, percent-encoded for a query.
const AUDIENCES: [&str; 3] = [
    "https%3A%2F%2Fmanagement.azure.com",
    "https%3A%2F%2Fvault.azure.net",
    "https%3A%2F%2Fstorage.azure.com",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let [arm_token, vault_token, blob_token] = AUDIENCES.map(|audience| tokio::spawn(token(audience)));
    let group = tokio::spawn(resource_group());
    let tls = tls()?;

    let mut arm = Connection::open(&variable("ARM")?, &tls).await?;
    let target = format!("{}/resources?api-version=2021-04-01", group.await??);
    let list = json(&arm.send(bearer(Request::get(target), &arm_token.await??), "", StatusCode::OK).await?)?;

    let named = |kind| named(&list, kind);
    let vault = format!("https://{}.{}", named("Microsoft.KeyVault/vaults")?, variable("VAULT_SUFFIX")?);
    let account =
        format!("https://{}.{}", named("Microsoft.Storage/storageAccounts")?, variable("BLOB_SUFFIX")?);
    let blob = tokio::spawn({
        let tls = tls.clone();
        async move { Connection::open(&account, &tls).await }
    });
    let mut vault = Connection::open(&vault, &tls).await?;
    let secret = bearer(Request::get("/secrets/scenario?api-version=7.4"), &vault_token.await??);
    let secret = json(&vault.send(secret, "", StatusCode::OK).await?)?;
    text(&secret, "/value")?;

    let upload = bearer(Request::put("/uploads/hosts.txt"), &blob_token.await??)
        .header("x-ms-version", "2020-10-02")
        .header("x-ms-blob-type", "BlockBlob")
        .header(CONTENT_TYPE, "text/plain; charset=utf-8");
    blob.await??.send(upload, fs::read("/etc/hosts")?, StatusCode::CREATED).await?;
    Ok(())
}

/// Returns the id of the machine's resource group.
async fn resource_group() -> Result<String> {
    let mut himds = Connection::open_plain(&variable("IMDS_ENDPOINT")?).await?;
    let request = Request::get("/metadata/instance?api-version=2020-06-01").header("Metadata", "true");
    let machine = json(&himds.send(request, "", StatusCode::OK).await?)?;
    let part = |name| text(&machine, name);
    let (subscription, group) = (part("/compute/subscriptionId")?, part("/compute/resourceGroupName")?);
    Ok(format!("/subscriptions/{subscription}/resourceGroups/{group}"))
}

/// Obtains a token for `audience`: a challenge, then the request with its key.
async fn token(audience: &str) -> Result<String> {
    let identity = variable("IDENTITY_ENDPOINT")?;
    let path = identity.parse::<Uri>()?.path().to_owned();
    let target = format!("{path}?api-version=2019-11-01&resource={audience}");
    let ask = || Request::get(&target).header("Metadata", "true");
    let mut himds = Connection::open_plain(&identity).await?;
    let challenge = himds.send(ask(), "", StatusCode::UNAUTHORIZED).await?;
    let realm =
        challenge.headers().get(WWW_AUTHENTICATE).context("a challenge without a header")?.to_str()?;
    let path = realm.strip_prefix("Basic realm=").context("a challenge without a realm")?;
    let key = fs::read_to_string(path).with_context(|| format!("the key {path}"))?;
    let ask = ask().header(AUTHORIZATION, format!("Basic {key}"));
    let token = json(&himds.send(ask, "", StatusCode::OK).await?)?;
    Ok(text(&token, "/access_token")?.to_owned())
}

/// One kept-alive connection to one authority.
struct Connection {
    authority: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    async fn open(url: &str, tls: &TlsConnector) -> Result<Self> {
        let (uri, stream) = connect(url).await?;
        let name = ServerName::try_from(uri.host().unwrap_or_default().to_owned())?;
        let stream = tls.connect(name, stream).await.with_context(|| format!("TLS with {url}"))?;
        Self::speak(&uri, stream).await
    }

    async fn open_plain(url: &str) -> Result<Self> {
        let (uri, stream) = connect(url).await?;
        Self::speak(&uri, stream).await
    }

    async fn speak(uri: &Uri, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Self> {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { authority: uri.authority().context("a URL without a host")?.to_string(), sender })
    }

    /// Sends a request and returns the whole response; fails when its status is not `due`.
    async fn send(
        &mut self,
        request: Builder,
        body: impl Into<Bytes>,
        due: StatusCode,
    ) -> Result<Response<Bytes>> {
        let request = request.header(HOST, &self.authority).body(Full::new(body.into()))?;
        let what = format!("{} {}{}", request.method(), self.authority, request.uri());
        self.sender.ready().await.context(what.clone())?;
        let (parts, body) = self.sender.send_request(request).await.context(what.clone())?.into_parts();
        let body = body.collect().await.context(what.clone())?.to_bytes();
        ensure!(parts.status == due, "{what}: {} instead of {due}", parts.status);
        Ok(Response::from_parts(parts, body))
    }
}

async fn connect(url: &str) -> Result<(Uri, TcpStream)> {
    let uri: Uri = url.parse().with_context(|| format!("the URL {url}"))?;
    let port = uri.port_u16().with_context(|| format!("the URL {url} has no port"))?;
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.with_context(|| url.to_owned())?;
    stream.set_nodelay(true)?;
    Ok((uri, stream))
}

fn tls() -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(variable("SSL_CERT_FILE")?)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

fn bearer(request: Builder, token: &str) -> Builder {
    request.header(AUTHORIZATION, format!("Bearer {token}"))
}

fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("the variable {name}"))
}

fn json(answer: &Response<Bytes>) -> Result<Value> {
    Ok(serde_json::from_slice(answer.body())?)
}

fn text<'a>(document: &'a Value, pointer: &str) -> Result<&'a str> {
    document.pointer(pointer).and_then(Value::as_str).with_context(|| format!("an answer without {pointer}"))
}

/// Returns the name of the first resource of this type in a list.
fn named<'a>(list: &'a Value, kind: &str) -> Result<&'a str> {
    let mut resources = list["value"].as_array().into_iter().flatten();
    let found = resources.find(|resource| resource["type"] == kind);
    text(found.with_context(|| format!("no {kind} in the list"))?, "/name")
}
