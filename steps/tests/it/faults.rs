//! Faults during requests, and their effect on the step.

use std::time::Duration;

use arcbook_engine::step::{ErrorKind, Progress};
use arcbook_lab::{Options, Service};
use arcbook_steps::{Environment, Limits, Trust, registry};

use crate::world::Bench;

#[tokio::test]
async fn transient_faults_are_retried() {
    for fault in [
        "keyvault:429:retry-after=1",
        "keyvault:429:retry-after-date=1:times=2",
        "keyvault:503:retry-after-ms=1:times=2",
        "keyvault:500",
        "keyvault:reset",
        "keyvault:lost-answer",
        "keyvault:truncate:times=2",
    ] {
        let bench = Bench::start().await;
        bench.fault(fault);
        assert!(bench.read_secret().await.is_ok(), "{fault}");
        let retried = |told: &Progress| matches!(told, Progress::Retrying { attempt: 2, .. });
        assert!(bench.progress.lock().unwrap().iter().any(retried), "{fault}");
    }
}

#[tokio::test]
async fn the_last_error_is_reported() {
    for (fault, kind, status) in [
        ("keyvault:429:retry-after=1:times=always", ErrorKind::Unavailable, Some(429)),
        ("keyvault:503:times=always", ErrorKind::Unavailable, Some(503)),
        ("keyvault:reset:times=always", ErrorKind::Transport, None),
        ("keyvault:truncate:times=always", ErrorKind::Transport, None),
    ] {
        let bench = Bench::start().await;
        bench.fault(fault);
        let error = bench.read_secret().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, status), "{fault}");
        assert!(error.why().unwrap().contains("tried 3 times"), "{error:?}");
        assert!(!error.is_uncertain(), "{fault}: reading changes nothing");
        assert_eq!(bench.count(Service::KeyVault), 3, "{fault}");
    }
}

#[tokio::test]
async fn an_excessive_retry_after_is_reported_with_the_limit() {
    let bench = Bench::start().await;
    bench.fault("keyvault:429:retry-after=4000:times=always");
    let error = bench.read_secret().await.unwrap_err();
    let why = error.why().unwrap();
    assert!(why.contains("asked for a wait of 4000s, and the maximum is 5ms"), "{why}");
}

#[tokio::test]
async fn a_step_with_its_own_retries_sends_once_and_returns_the_retry_after() {
    for (fault, asked) in [
        ("keyvault:429:retry-after=7:times=always", Some(7_000)),
        ("keyvault:503:retry-after-ms=250:times=always", Some(250)),
        ("keyvault:503:times=always", None),
    ] {
        let bench = Bench::start().await;
        bench.fault(fault);
        let arguments = [("vault".into(), "arcmi01".into()), ("name".into(), "scenario".into())];
        let work = registry(&bench.azure).get("keyvault_secret").unwrap().prepare(&arguments.into()).unwrap();
        let error = work.run(bench.context().sending_once()).await.unwrap_err();
        assert_eq!(error.retry_after(), asked.map(Duration::from_millis), "{fault}");
        assert_eq!(bench.count(Service::KeyVault), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_slow_response_times_out() {
    let limits = Limits { total: Duration::from_millis(100), ..Limits::AZURE };
    for fault in ["keyvault:delay:ms=60000:times=always", "keyvault:slow-body:ms=60000:times=always"] {
        let bench = Bench::with(Options::default(), |options| options.limits = limits).await;
        bench.fault(fault);
        assert_eq!(bench.read_secret().await.unwrap_err().kind(), ErrorKind::Timeout, "{fault}");
    }
}

#[tokio::test]
async fn a_long_response_is_refused() {
    let limits = Limits { body: 64, ..Limits::AZURE };
    let bench = Bench::with(Options::default(), |options| options.limits = limits).await;
    let error = bench.read_secret().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    assert_eq!(bench.count(Service::KeyVault), 1, "asking again would not help");
}

#[tokio::test]
async fn a_change_whose_response_is_lost_is_uncertain() {
    for (fault, uncertain) in [
        ("blob:lost-answer:times=always", true),
        ("blob:502:times=always", true),
        ("blob:503:times=always", false),
        ("blob:403", false),
    ] {
        let bench = Bench::start().await;
        bench.fault(fault);
        assert_eq!(bench.container().await.unwrap_err().is_uncertain(), uncertain, "{fault}");
    }
}

#[tokio::test]
async fn a_change_whose_response_is_lost_is_not_repeated() {
    let bench = Bench::start().await;
    bench.fault("blob:lost-answer");
    bench.container().await.unwrap();
    let made = bench.lab.requests().iter().filter(|request| request.changed).count();
    assert_eq!((bench.count(Service::Blob), made), (3, 1), "it is asked who made it");
}

#[tokio::test]
async fn only_trusted_certificates_are_accepted() {
    let https = || Options { https: true, ..Options::default() };
    let (first, second) = (Bench::with(https(), |_| ()).await, tempfile::NamedTempFile::new().unwrap());
    std::fs::write(second.path(), first.lab.ca_pem().unwrap()).unwrap();
    let bench = Bench::with(https(), |options| {
        options.trust = Trust::System;
        options.environment = Environment::from_iter([("SSL_CERT_FILE", second.path().to_str().unwrap())]);
    })
    .await;
    let error = bench.read_secret().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.remedies()[0].contains("SSL_CERT_FILE"), "{error:?}");
    std::fs::write(second.path(), bench.lab.ca_pem().unwrap()).unwrap();
    let environment = Environment::from_iter([("SSL_CERT_FILE", second.path().to_str().unwrap())]);
    assert!(
        bench
            .again(|options| (options.trust, options.environment) = (Trust::System, environment))
            .read_secret()
            .await
            .is_ok()
    );
}
