//! An Arc agent that is not ready, absent, or disconnected.

use std::time::Duration;

use arcbook_engine::step::{Audience, ErrorKind, Platform as _, Progress};
use arcbook_lab::{Options, Service};
use arcbook_steps::{AgentAt, Policy};

use crate::free_port::free_port;
use crate::server::{Server, no, ok};
use crate::world::{Bench, QUICK_AGENT};

const CONNECTED: [&str; 3] = ["/subscriptions/s/resourceGroups/g/providers/x/y/z", "s", "g"];

fn instance([resource, subscription, group]: [&str; 3]) -> String {
    ok(&format!(
        r#"{{"compute":{{"name":"m","resourceId":"{resource}","subscriptionId":"{subscription}","resourceGroupName":"{group}"}}}}"#
    ))
}

/// Starts a bench whose agent listens at `port`.
async fn with_agent(port: u16, policy: Policy) -> Bench {
    Bench::with(Options::default(), |options| {
        let token_dir = options.agent.as_ref().unwrap().token_dir.clone();
        options.agent =
            Some(AgentAt { endpoint: format!("http://127.0.0.1:{port}"), token_dir, command: None });
        options.agent_policy = policy;
    })
    .await
}

#[tokio::test]
async fn an_agent_that_is_not_ready_is_retried() {
    for status in [404, 410, 429, 500, 501, 503] {
        let server = Server::answering_in_turn(|_| vec![no(status, "", "{}"), instance(CONNECTED)]).await;
        let bench = with_agent(server.port, QUICK_AGENT).await;
        assert!(bench.run("metadata", &[]).await.is_ok(), "{status}");
        let told = bench.progress.lock().unwrap();
        assert!(told.iter().any(|told| matches!(told, Progress::Retrying { .. })), "{status} is not told");
    }
    for fault in ["himds:404", "himds:410:times=2", "himds:503", "himds:429"] {
        let bench = Bench::start().await;
        bench.fault(fault);
        assert!(bench.read_secret().await.is_ok(), "{fault}");
    }
    let server = Server::answering(|_| no(400, "", r#"{"error":"invalid_resource"}"#)).await;
    let bench = with_agent(server.port, QUICK_AGENT).await;
    let error = bench.run("metadata", &[]).await.unwrap_err();
    assert_eq!(
        (error.kind(), server.heard().requests.len()),
        (ErrorKind::Refused, 1),
        "it would answer the same"
    );
}

#[tokio::test]
async fn a_refused_port_fails_at_once_unless_the_agent_is_waited_for() {
    let port = free_port();
    let bench = with_agent(port, QUICK_AGENT).await;
    for error in [
        bench.run("metadata", &[]).await.unwrap_err(),
        bench
            .azure
            .machine()
            .token(&Audience::new("https://vault.azure.net"), &bench.context())
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Transport);
        let help = error.remedies().join("\n");
        assert!(help.contains("start the agent") && help.contains("-wait-for-agent"), "{help}");
    }
    let told = bench.progress.lock().unwrap().clone();
    assert!(!told.iter().any(|told| matches!(told, Progress::Retrying { .. })), "{told:?}");

    let waiting = Policy { absent: Some(Duration::from_mins(1)), ..QUICK_AGENT };
    let bench = with_agent(port, waiting).await;
    let asks = bench.run("metadata", &[]);
    let starts = async {
        // The agent starts after the first failed attempt.
        while !bench.progress.lock().unwrap().iter().any(|told| matches!(told, Progress::Retrying { .. })) {
            tokio::task::yield_now().await;
        }
        Server::at(port, |_| vec![instance(CONNECTED)]).await
    };
    let (asked, server) = tokio::join!(asks, starts);
    assert!(asked.is_ok(), "{asked:?}");
    assert_eq!(server.heard().requests.len(), 1);
}

#[tokio::test]
async fn a_disconnected_agent_is_reported() {
    for (ids, missing) in [
        (["", "", ""], "no resourceId, no subscriptionId, no resourceGroupName"),
        (["/subscriptions/s", "", "g"], "no subscriptionId"),
        (["/subscriptions/s", "s", " "], "no resourceGroupName"),
        (["", "s", "g"], "no resourceId"),
    ] {
        let server = Server::answering(|_| instance(ids)).await;
        let bench = with_agent(server.port, QUICK_AGENT).await;
        let error = bench.run("metadata", &[]).await.unwrap_err();
        assert_eq!(error.summary(), "this machine is not connected to Azure Arc");
        assert!(error.why().unwrap().contains(missing), "{error:?}");
        let help = error.remedies().join("\n");
        assert!(help.contains("azcmagent show") && help.contains("azcmagent connect"), "{help}");
    }
    let bench = Bench::start().await;
    assert!(bench.run("metadata", &[]).await.is_ok());
    assert_eq!(bench.count(Service::Himds), 1);
}
