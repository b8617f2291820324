//! Requests to a service that throttles.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arcbook_engine::step::Progress;
use arcbook_steps::{Policy, Service};
use futures::StreamExt as _;

use crate::server::Server;
use crate::world::{Bench, QUICK, below};

/// The number of requests that the vault serves before it throttles, and the time until it serves as many again.
const BUCKET: (usize, Duration) = (100, Duration::from_millis(50));

/// A vault that counts requests as Key Vault does: those that it refuses do not count.
struct Bucket {
    served: usize,
    full: Option<Instant>,
}

impl Bucket {
    fn answer(&mut self) -> String {
        if self.full.is_some_and(|full| full.elapsed() >= BUCKET.1) {
            (self.served, self.full) = (0, None);
        }
        if self.served < BUCKET.0 {
            self.served += 1;
            let body = r#"{"value":"v","id":"https://v/secrets/a/1"}"#;
            return format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
        self.full.get_or_insert_with(Instant::now);
        let body = r#"{"error":{"code":"Throttled","message":"Slow down."}}"#;
        let head = format!("retry-after-ms: {}\r\ncontent-length: {}", BUCKET.1.as_millis(), body.len());
        format!("HTTP/1.1 429 Too Many Requests\r\n{head}\r\n\r\n{body}")
    }
}

/// A thousand secrets from a vault that serves a hundred at a time: all are read, and few requests are for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_secrets_are_read_from_a_vault_that_throttles() {
    let bucket = Arc::new(Mutex::new(Bucket { served: 0, full: None }));
    let server = Server::serving(0, |_| move |_| bucket.lock().unwrap().answer()).await;
    let port = server.port;
    let bench = Bench::start().await.again(|options| {
        options.policy = Policy { longest_asked: Duration::from_secs(1), ..QUICK };
        options.cloud = below(&options.cloud, Service::KeyVault, &format!("vault.localhost:{port}"));
    });
    let vault = format!("http://v01.vault.localhost:{port}");
    let read = async |at: usize| {
        let given = [("vault", vault.clone().into()), ("name", format!("s{at}").into())];
        bench.run("keyvault_secret", &given).await.map(drop)
    };
    // As many at once as a run has in flight by default.
    let ended: Vec<_> = futures::stream::iter(0..1000).map(read).buffer_unordered(10).collect().await;
    let failed: Vec<_> = ended.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), failed[0]);
    let sent = server.heard().requests.len();
    assert!(sent <= 1_100, "{sent} requests were sent");
    let told = bench.progress.lock().unwrap();
    let paused = |told: &Progress| matches!(told, Progress::Polling { status, .. } if status == "Key Vault throttles requests");
    assert!(told.iter().any(paused), "the pause is visible");
}
