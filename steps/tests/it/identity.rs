//! Tokens of the machine's identity, from the lab's agent.

use arcbook_engine::step::{Audience, ErrorKind, Platform as _};
use arcbook_lab::{Options, Service};
use arcbook_steps::{Azure, AzureOptions, Environment};

use crate::world::Bench;

#[tokio::test]
async fn many_steps_share_one_token() {
    let bench = Bench::start().await;
    let all = futures::future::join_all((0..20).map(|_| bench.read_secret())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(bench.count(Service::Himds), 2, "one challenge and one key");
    assert_eq!(bench.count(Service::KeyVault), 20);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let bench = Bench::start().await;
    bench.fault("himds:expired-token");
    assert!(bench.read_secret().await.is_ok());
    assert_eq!((bench.count(Service::Himds), bench.count(Service::KeyVault)), (4, 2));

    let bench = Bench::start().await;
    bench.fault("himds:expired-token:times=always");
    let error = bench.read_secret().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(401)));
    assert_eq!(bench.count(Service::KeyVault), 2);
}

#[tokio::test]
async fn an_invalid_key_is_replaced() {
    for fault in ["himds:refused-key", "himds:stale-key", "himds:missing-key"] {
        let bench = Bench::start().await;
        bench.fault(fault);
        assert!(bench.read_secret().await.is_ok(), "{fault}");
    }
}

#[tokio::test]
async fn an_agent_without_valid_keys_is_an_error() {
    for (fault, kind) in [
        ("himds:refused-key:times=always", ErrorKind::Refused),
        ("himds:missing-key:times=always", ErrorKind::Local),
        ("himds:503:times=always", ErrorKind::Unavailable),
        ("himds:400:times=always", ErrorKind::Refused),
    ] {
        let bench = Bench::start().await;
        bench.fault(fault);
        let error = bench.read_secret().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault}: {error:?}");
        assert!(!error.remedies().is_empty(), "{fault}");
        assert_eq!(bench.count(Service::KeyVault), 0, "{fault}");
    }
}

#[tokio::test]
async fn a_challenge_for_another_directory_is_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let bench = Bench::with(Options::default(), |options| {
        options.agent.as_mut().unwrap().token_dir = elsewhere.path().to_owned();
    })
    .await;
    let error = bench.read_secret().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Local);
    assert!(error.why().unwrap().contains("token directory"), "{error:?}");
    assert_eq!(bench.count(Service::Himds), 1, "no key went out");
}

#[tokio::test]
async fn a_client_id_in_the_environment_is_ignored() {
    let bench = Bench::with(Options::default(), |options| {
        options.environment = Environment::from_iter([("AZURE_CLIENT_ID", "another")]);
    })
    .await;
    assert!(bench.read_secret().await.is_ok());
    assert!(bench.lab.requests().iter().all(|request| !request.target.contains("client_id")));
}

#[tokio::test]
async fn no_proxy_is_used_for_loopback() {
    let bench = Bench::with(Options { https: true, ..Options::default() }, |options| {
        let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
        options.environment = proxies.into_iter().map(|name| (name, "http://127.0.0.1:9")).collect();
    })
    .await;
    assert!(bench.read_secret().await.is_ok());
}

#[tokio::test]
async fn acquiring_a_token_returns_identity_and_expiry() {
    let bench = Bench::start().await;
    let audience = Audience::new("https://vault.azure.net");
    let machine = bench.azure.machine();
    let token = machine.token(&audience, &bench.context()).await.unwrap();
    assert!(machine.describe().contains("managed identity"), "{}", machine.describe());
    assert!(token.expires_on() > 1_700_000_000);
}

#[tokio::test]
async fn a_foreign_endpoint_is_refused() {
    let environment = Environment::from_iter([
        ("IDENTITY_ENDPOINT", "http://evil.example/token"),
        ("IMDS_ENDPOINT", "http://evil.example"),
    ]);
    let bench = Bench::start().await;
    let machine = Azure::new(AzureOptions::new(environment)).machine();
    let error = machine.token(&Audience::new("https://vault.azure.net"), &bench.context()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(machine.describe().contains("IMDS_ENDPOINT"));
}
