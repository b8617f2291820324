//! Connections that are opened before the first request.

use arcbook_lab::Options;

use crate::server::{Server, ok, with_arm};
use crate::world::Bench;

#[tokio::test]
async fn a_warmed_connection_carries_the_first_request() {
    let server = Server::answering(|_| ok(r#"{"value":[]}"#)).await;
    let bench = with_arm(&server).await;
    bench.warm(&format!("http://management.localhost:{}/", server.port)).await;
    let heard = server.heard();
    assert!(heard.connections <= 1 && heard.requests.is_empty(), "nothing is sent");
    bench.run("arm_list", &[("scope", "/subscriptions/s".into())]).await.unwrap();
    let heard = server.heard();
    assert_eq!((heard.connections, heard.requests.len()), (1, 1));
}

#[tokio::test]
async fn warming_works_over_tls_and_never_fails() {
    let bench = Bench::with(Options { https: true, ..Options::default() }, |_| ()).await;
    let requests = bench.lab.requests().len();
    bench.warm(&bench.lab.azure().vault("arcmi01")).await;
    bench.warm("https://127.0.0.1:1/").await;
    bench.warm("http://evil.example/").await;
    bench.warm("nonsense").await;
    assert_eq!(bench.lab.requests().len(), requests);
    assert!(bench.read_secret().await.is_ok());
}
