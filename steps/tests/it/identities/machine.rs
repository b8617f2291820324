//! Managed identities of a machine.

use arcbook_engine::step::{Audience, ErrorKind};
use arcbook_steps::AgentAt;

use super::{Rig, VAULT, actions};
use crate::server::{Server, no, ok};

const HOOK: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

fn issued(more: &str) -> String {
    ok(&format!(r#"{{"access_token":"t1","expires_in":"3599"{more}}}"#))
}

#[tokio::test]
async fn a_virtual_machine_gets_its_token_from_its_metadata_service() {
    for (arguments, expected) in [
        (&[][..], ""),
        (&[("client_id", "id-1")], "&client_id=id-1"),
        (&[("object_id", "id-1")], "&object_id=id-1"),
        (&[("resource_id", "/subscriptions/s/x y")], "&msi_res_id=%2Fsubscriptions%2Fs%2Fx+y"),
    ] {
        let server = Server::answering_in_turn(|_| vec![no(404, "", "{}"), issued("")]).await;
        let host = format!("http://127.0.0.1:{}", server.port);
        let rig = Rig::new(1, &[(HOOK, &host)]);
        assert_eq!(rig.token("managed", arguments).await.unwrap().reveal(), "t1", "{arguments:?}");
        let query = format!("?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net{expected}");
        let request = server.heard().requests[1].clone();
        let line = format!("GET /metadata/identity/oauth2/token{query} HTTP/1.1");
        assert!(request.starts_with(&line), "{request}");
        assert!(request.contains("metadata: true") && !request.contains("x-forwarded-for"), "{request}");
        let identity = rig.identity("managed", arguments);
        let url = format!("GET {host}/metadata/identity/oauth2/token{query}");
        assert_eq!(actions(&*identity, VAULT), [url]);
    }
}

#[tokio::test]
async fn a_machine_is_found_without_a_request() {
    let is_vm = |rig: &Rig| actions(&*rig.identity("managed", &[]), VAULT)[0].contains("2018-02-01");
    let agent = [("IMDS_ENDPOINT", "http://localhost:1"), ("IDENTITY_ENDPOINT", "http://localhost:1/token")];
    let hook = (HOOK, "http://127.0.0.1:1");
    for (variables, virtual_machine, expected) in [
        (&agent[..], true, false),
        (&[agent[0], agent[1], hook], false, false),
        (&[hook], false, true),
        (&[], true, true),
    ] {
        let rig = Rig::with(1, variables, |options| options.virtual_machine = Some(virtual_machine));
        assert_eq!(is_vm(&rig), expected, "{variables:?} {virtual_machine}");
    }
    let rig = Rig::with(1, &agent, |options| options.virtual_machine = Some(false));
    let chosen = rig.identity("managed", &[("from", "vm")]);
    assert_eq!(
        actions(&*chosen, VAULT),
        [
            "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
        ]
    );
    let nobody = Rig::new(1, &[]);
    let error =
        nobody.identity("managed", &[]).token(&Audience::new(VAULT), &nobody.context()).await.unwrap_err();
    assert!(error.summary().contains("no Azure Arc agent"), "{error:?}");
    let elsewhere = Rig::new(1, &[(HOOK, "http://evil.example")]);
    let error = elsewhere.token("managed", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_virtual_machine_without_the_identity_is_told() {
    let refused = r#"{"error":"invalid_request","error_description":"Identity not found"}"#;
    let server = Server::answering(|_| no(400, "", refused)).await;
    let host = format!("http://127.0.0.1:{}", server.port);
    let error = Rig::new(1, &[(HOOK, &host)]).token("managed", &[("client_id", "x")]).await.unwrap_err();
    assert_eq!((error.status(), server.heard().requests.len()), (Some(400), 1));
    assert!(error.remedies()[0].contains("az vm identity show"), "{error:?}");
}

#[tokio::test]
async fn an_arc_agent_that_ignores_the_selection_is_not_believed() {
    for (argument, id, answer, works) in [
        ("client_id", "ID-1", r#","client_id":"id-1""#, true),
        ("object_id", "id-1", r#","object_id":"id-1""#, true),
        ("resource_id", "/subscriptions/s", r#","msi_res_id":"/subscriptions/S""#, true),
        ("client_id", "id-1", "", false),
        ("client_id", "id-1", r#","client_id":"other""#, false),
        ("client_id", "id-1", r#","object_id":"id-1""#, false),
    ] {
        let keys = tempfile::tempdir().unwrap();
        let key = arcbook_os::path::canonicalize(keys.path()).unwrap().join("a.key");
        std::fs::write(&key, "key").unwrap();
        let realm = format!("www-authenticate: Basic realm={}\r\n", key.display());
        let server = Server::answering_in_turn(|_| vec![no(401, &realm, ""), issued(answer)]).await;
        let rig = Rig::with(1, &[], |options| {
            let (endpoint, token_dir) = (format!("http://127.0.0.1:{}", server.port), keys.path().to_owned());
            options.agent = Some(AgentAt { endpoint, token_dir, command: None });
        });
        let token = rig.token("managed", &[(argument, id)]).await;
        assert_eq!(token.is_ok(), works, "{argument} {answer}: {token:?}");
        if let Err(error) = token {
            assert!(error.remedies().iter().any(|help| help.contains("update the Arc agent")), "{error:?}");
        }
    }
}

#[tokio::test]
async fn an_identity_that_the_agent_does_not_know_is_not_asked_for_again() {
    let server = Server::answering(|_| no(404, "", r#"{"error":"identity_not_found"}"#)).await;
    let rig = Rig::with(1, &[], |options| {
        let endpoint = format!("http://127.0.0.1:{}", server.port);
        options.agent = Some(AgentAt { endpoint, token_dir: "/nowhere".into(), command: None });
    });
    let error = rig.token("managed", &[("client_id", "x")]).await.unwrap_err();
    assert_eq!((error.code(), server.heard().requests.len()), (Some("identity_not_found"), 1));
}

#[test]
fn one_id_selects_an_identity() {
    let rig = Rig::new(1, &[]);
    let errors = rig.prepare("managed", &[("client_id", "a"), ("object_id", "b")]);
    assert!(errors.is_err());
}
