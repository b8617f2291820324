//! Applications, and the errors of Microsoft Entra.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use arcbook_engine::step::{Audience, Context, ErrorKind, Progress, Signal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Rig, SECRET, VAULT, WITH_SECRET, actions, issued, refusal};
use crate::closed_port::ClosedPort;
use crate::server::{Server, no};

#[tokio::test]
async fn a_client_secret_is_posted_to_the_tenant() {
    let server = Server::answering(|_| issued("t1")).await;
    let rig = Rig::new(server.port, &[]);
    let token = rig.token("client_secret", WITH_SECRET).await.unwrap();
    assert_eq!(token.reveal(), "t1");
    let request = server.heard().requests[0].clone();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /t.example/oauth2/v2.0/token HTTP/1.1"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    let scope = "scope=https%3A%2F%2Fvault.azure.net%2F.default";
    let expected = format!("client_id=app-1&client_secret={SECRET}&grant_type=client_credentials&{scope}");
    assert_eq!(body, expected);
    let identity = rig.identity("client_secret", WITH_SECRET);
    let url = format!("POST http://login.localhost:{}/t.example/oauth2/v2.0/token", server.port);
    assert_eq!(actions(&*identity, VAULT), [url]);
    assert_eq!(identity.describe(), "the application app-1 of the tenant t.example, by a client secret");
    assert!(!rig.secrets.redact(SECRET).contains(SECRET));
}

#[tokio::test]
async fn a_token_is_fetched_once_and_a_refused_one_replaced_once() {
    let server = Server::answering_in_turn(|_| vec![issued("first"), issued("second")]).await;
    let rig = Rig::new(server.port, &[]);
    let identity = rig.identity("client_secret", WITH_SECRET);
    let (audience, context) = (Audience::new(VAULT), rig.context());
    let all = futures::future::join_all((0..10).map(|_| identity.token(&audience, &context))).await;
    assert!(all.iter().all(|token| token.as_ref().unwrap().reveal() == "first"));
    let first = identity.token(&audience, &context).await.unwrap();
    let second = identity.another_token(&audience, &first, &context).await.unwrap().unwrap();
    assert_eq!((second.reveal(), server.heard().requests.len()), ("second", 2));
    assert_eq!(identity.another_token(&audience, &second, &context).await.unwrap(), None);
}

#[tokio::test]
async fn each_error_of_entra_has_its_remedy() {
    for (status, error, number, requests, expected) in [
        (401, "invalid_client", 7_000_215, 1, "the value of a client secret"),
        (401, "invalid_client", 7_000_222, 1, "expired"),
        (401, "invalid_client", 7_000_218, 1, "a client secret, a certificate or a federated token"),
        (400, "unauthorized_client", 700_016, 1, "check `client_id` and `tenant`"),
        (400, "invalid_request", 90_002, 1, "check `tenant`"),
        (401, "invalid_client", 700_027, 1, "register the certificate"),
        (401, "invalid_client", 700_024, 1, "set this machine's clock"),
        (400, "invalid_request", 700_213, 1, "compare issuer, subject and audience"),
        (400, "invalid_resource", 500_011, 1, "check the audience https://vault.azure.net"),
        (400, "invalid_scope", 70_011, 1, "check the audience https://vault.azure.net"),
        (400, "invalid_grant", 53_003, 1, "conditional access"),
        (400, "invalid_request", 1_234_567, 1, "look up the code"),
        (400, "temporarily_unavailable", 90_033, 3, "run again later"),
        (401, "invalid_client", 90_055, 3, "run again later"),
    ] {
        let server = Server::answering(|_| refusal(status, "", error, number)).await;
        let rig = Rig::new(server.port, &[]);
        let refused = rig.token("client_secret", WITH_SECRET).await.unwrap_err();
        assert_eq!(refused.code(), Some(&*format!("AADSTS{number}")), "{refused:?}");
        assert!(refused.remedies()[0].contains(expected), "{number}: {refused:?}");
        assert!(refused.why().unwrap().contains("The words of Entra"), "{refused:?}");
        assert!(!refused.why().unwrap().contains("Trace ID"), "{refused:?}");
        let kind = if requests == 1 { ErrorKind::Refused } else { ErrorKind::Unavailable };
        assert_eq!((refused.kind(), server.heard().requests.len()), (kind, requests), "{number}");
    }
}

#[tokio::test]
async fn a_busy_entra_is_asked_again() {
    for busy in [
        no(429, "retry-after: 0\r\n", "{}"),
        no(503, "", ""),
        no(500, "", ""),
        refusal(400, "", "temporarily_unavailable", 90_033),
    ] {
        let server = Server::answering_in_turn(|_| vec![busy.clone(), issued("t1")]).await;
        let rig = Rig::new(server.port, &[]);
        assert_eq!(rig.token("client_secret", WITH_SECRET).await.unwrap().reveal(), "t1", "{busy}");
        let told = rig.progress.lock().unwrap();
        assert!(told.iter().any(|told| matches!(told, Progress::Retrying { .. })), "{busy}");
    }
    let throttled = Server::answering(|_| no(429, "retry-after: 3600\r\n", "{}")).await;
    let error = Rig::new(throttled.port, &[]).token("client_secret", WITH_SECRET).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(429)));
}

#[tokio::test]
async fn an_entra_that_cannot_be_reached_is_named() {
    let closed = ClosedPort::new();
    let error = Rig::new(closed.number(), &[]).token("client_secret", WITH_SECRET).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.summary().starts_with("Microsoft Entra at login.localhost"), "{error:?}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_where_it_matters() {
    let dated = |minutes: u64| {
        let theirs = SystemTime::now() - Duration::from_secs(60 * minutes);
        format!("date: {}\r\n", httpdate::fmt_http_date(theirs))
    };
    for (minutes, number, expected) in [
        (10, 700_024, "seconds ahead of the service's"),
        (1, 700_024, "set this machine's clock: what proves"),
        (10, 7_000_215, "the value of a client secret"),
    ] {
        let server = Server::answering(|_| refusal(401, &dated(minutes), "invalid_client", number)).await;
        let error = Rig::new(server.port, &[]).token("client_secret", WITH_SECRET).await.unwrap_err();
        assert!(error.remedies()[0].contains(expected), "{minutes} {number}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_not_shown() {
    for body in [
        format!(r#"{{"access_token":"{SECRET}"}}"#),
        format!(r#"{{"access_token":["{SECRET}"],"expires_in":1}}"#),
        r#"{"access_token":"","expires_in":1}"#.to_owned(),
        SECRET.to_owned(),
        "<html><title>Sign in</title></html>".to_owned(),
    ] {
        let server = Server::answering(|_| crate::server::ok(&body)).await;
        let error = Rig::new(server.port, &[]).token("client_secret", WITH_SECRET).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Answer, "{body}");
    }
}

/// Returns a federated token with these claims.
fn federated(claims: &str) -> String {
    format!("e30.{}.{SECRET}", URL_SAFE_NO_PAD.encode(claims))
}

#[tokio::test]
async fn a_federated_token_is_read_anew_and_its_facts_are_compared() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let path = file.display().to_string();
    let arguments = [("tenant", "t.example"), ("client_id", "app-1"), ("token_file", &*path)];
    let facts =
        r#"{"iss":"https://issuer.example","sub":"repo:a/b","aud":"api://AzureADTokenExchange","exp":1}"#;
    std::fs::write(&file, format!("{}\n", federated(facts))).unwrap();

    let server = Server::answering(|_| issued("t1")).await;
    let rig = Rig::new(server.port, &[]);
    assert_eq!(rig.token("workload", &arguments).await.unwrap().reveal(), "t1");
    let request = server.heard().requests[0].clone();
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let jwt_bearer = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let assertion = federated(facts);
    assert!(
        body.contains(&format!("client_assertion={assertion}&client_assertion_type={jwt_bearer}")),
        "{body}"
    );
    let identity = rig.identity("workload", &arguments);
    assert_eq!(actions(&*identity, VAULT)[0], format!("read the file {path}"));

    let server = Server::answering(|_| refusal(400, "", "invalid_request", 700_213)).await;
    let error = Rig::new(server.port, &[]).token("workload", &arguments).await.unwrap_err();
    let told = "the issuer `https://issuer.example`, the subject `repo:a/b`, the audience `api://AzureADTokenExchange`";
    assert!(error.why().unwrap().contains(told), "{error:?}");

    // An expired token is sent once more only if the file has another one by then.
    let expired = refusal(401, "", "invalid_client", 700_024);
    let server = Server::answering(|_| expired.clone()).await;
    let error = Rig::new(server.port, &[]).token("workload", &arguments).await.unwrap_err();
    assert!(error.why().unwrap().contains("has expired by this machine's clock"), "{error:?}");
    assert_eq!(server.heard().requests.len(), 1);
}

#[tokio::test]
async fn a_federated_token_that_was_replaced_is_sent_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "old").unwrap();
    let path = file.display().to_string();
    let expired = refusal(401, "", "invalid_client", 700_024);
    for (answers, works, requests) in
        [(vec![expired.clone(), issued("t1")], true, 2), (vec![expired], false, 2)]
    {
        std::fs::write(&file, "old").unwrap();
        let server = Server::answering_in_turn(|_| answers.clone()).await;
        let rig = Rig::new(server.port, &[]);
        let arguments = [("tenant", "t.example"), ("client_id", "app-1"), ("token_file", &*path)];
        let identity = rig.identity("workload", &arguments);
        // Each answer finds another token in the file.
        let (place, count) = (file.clone(), AtomicUsize::new(0));
        let context = Context::new("step.x.y", ".", rig.secrets.clone(), move |signal| {
            if let Signal::Progress(Progress::Answered { .. }) = signal {
                let number = count.fetch_add(1, Ordering::Relaxed);
                std::fs::write(&place, format!("new-{number}")).unwrap();
            }
        });
        let token = identity.token(&Audience::new(VAULT), &context).await;
        let heard = server.heard().requests;
        assert_eq!((token.is_ok(), heard.len()), (works, requests), "{token:?}");
        assert!(heard[0].contains("client_assertion=old&") && heard[1].contains("client_assertion=new-0&"));
    }
}

#[tokio::test]
async fn a_token_file_that_cannot_be_used_sends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::answering(|_| issued("t1")).await;
    for (name, content) in [("none", None), ("empty", Some("")), ("lines", Some("a\nb")), (".", None)] {
        let file = dir.path().join(name);
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let path = file.display().to_string();
        let arguments = [("tenant", "t"), ("client_id", "a"), ("token_file", &*path)];
        let error = Rig::new(server.port, &[]).token("workload", &arguments).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.about()),
            (ErrorKind::Local, Some("token_file")),
            "{name}: {error:?}"
        );
    }
    assert_eq!(server.heard().connections, 0);
}

#[tokio::test]
async fn a_cloud_without_a_login_host_has_no_applications() {
    let lab = arcbook_steps::Cloud::new(
        "Lab",
        "https://management.lab.example",
        Audience::new("https://management.lab.example"),
    );
    let rig = Rig::with(1, &[], |options| options.cloud = lab);
    let error = rig.token("client_secret", WITH_SECRET).await.unwrap_err();
    assert_eq!(error.summary(), "the cloud Lab names no login host");
    assert!(actions(&*rig.identity("client_secret", WITH_SECRET), VAULT).is_empty());
}

#[test]
fn malformed_ids_are_refused_without_a_request() {
    let rig = Rig::new(1, &[]);
    for (tenant, client_id, argument) in [
        ("../t", "app", "tenant"),
        ("t/oauth2", "app", "tenant"),
        ("t@evil.example", "app", "tenant"),
        ("t", "a&b=c", "client_id"),
        ("t", "", "client_id"),
    ] {
        let arguments = [("tenant", tenant), ("client_id", client_id), ("secret", SECRET)];
        let errors = rig.prepare("client_secret", &arguments).err().unwrap();
        assert!(errors.iter().all(|error| error.argument() == argument), "{errors:?}");
    }
}
