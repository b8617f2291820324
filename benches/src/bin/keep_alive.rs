//! Requests the machine's metadata a given number of times without any overhead: the lower bound for many
//! requests.
//!
//! It uses one thread. Each connection is kept and carries one request after another. It parses every
//! response as JSON, as every contender that uses the response does.

use std::cell::Cell;
use std::env;
use std::net::Ipv4Addr;
use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Request the machine's metadata repeatedly
#[derive(Parser)]
struct Arguments {
    /// Number of requests
    count: usize,
    /// Number of connections
    connections: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let uri: Uri = env::var("IMDS_ENDPOINT").context("the variable IMDS_ENDPOINT")?.parse()?;
    let left = Rc::new(Cell::new(arguments.count));
    let all = LocalSet::new();
    let connections: Vec<_> =
        (0..arguments.connections).map(|_| all.spawn_local(ask(uri.clone(), left.clone()))).collect();
    all.run_until(async {
        for connection in connections {
            connection.await??;
        }
        Ok(())
    })
    .await
}

/// Sends requests over one connection until none are left.
async fn ask(uri: Uri, left: Rc<Cell<usize>>) -> Result<()> {
    let mut sender = connect(&uri).await?;
    let host = uri.authority().context("a URL without a host")?.as_str();
    while let Some(rest) = left.get().checked_sub(1) {
        left.set(rest);
        let request = Request::get("/metadata/instance?api-version=2020-06-01")
            .header(HOST, host)
            .header("Metadata", "true")
            .body(Empty::<Bytes>::new())?;
        sender.ready().await?;
        let (parts, body) = sender.send_request(request).await?.into_parts();
        ensure!(parts.status == StatusCode::OK, "{}", parts.status);
        let answer: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
        ensure!(answer["compute"]["name"].is_string(), "an answer without a name");
    }
    Ok(())
}

async fn connect(uri: &Uri) -> Result<SendRequest<Empty<Bytes>>> {
    let port = uri.port_u16().context("a URL without a port")?;
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
