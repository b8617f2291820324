//! The application that the environment names.

use arcbook_engine::step::ErrorKind;

use super::{Rig, SECRET, VAULT, actions, issued};
use crate::server::Server;

#[tokio::test]
async fn the_variables_count_in_the_order_of_microsofts_clients() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token").display().to_string();
    std::fs::write(&file, SECRET).unwrap();
    let ids = [("AZURE_TENANT_ID", "t.example"), ("AZURE_CLIENT_ID", "app-1")];
    let secret = ("AZURE_CLIENT_SECRET", SECRET);
    let certificate = ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/own.pem");
    let token = ("AZURE_FEDERATED_TOKEN_FILE", file.as_str());
    for (proofs, expected, works) in [
        (&[secret, certificate, token][..], "AZURE_CLIENT_SECRET", true),
        (&[certificate, token], "AZURE_CLIENT_CERTIFICATE_PATH", false),
        (&[token], "AZURE_FEDERATED_TOKEN_FILE", true),
        (&[("AZURE_CLIENT_SECRET", ""), token], "AZURE_FEDERATED_TOKEN_FILE", true),
    ] {
        let server = Server::answering(|_| issued("t1")).await;
        let rig = Rig::new(server.port, &[&ids[..], proofs].concat());
        let identity = rig.identity("environment", &[]);
        assert!(identity.describe().contains(expected), "{}", identity.describe());
        assert!(actions(&*identity, VAULT).last().unwrap().ends_with("/t.example/oauth2/v2.0/token"));
        assert_eq!(rig.token("environment", &[]).await.is_ok(), works, "{expected}");
        assert_eq!(server.heard().requests.len(), usize::from(works), "{expected}");
    }
}

#[tokio::test]
async fn an_environment_that_names_nobody_is_refused_without_quoting_it() {
    let tenant = ("AZURE_TENANT_ID", "t.example");
    let client = ("AZURE_CLIENT_ID", "app-1");
    let secret = ("AZURE_CLIENT_SECRET", SECRET);
    let own = "http://login.localhost:1/";
    for (variables, expected) in [
        (&[][..], "AZURE_TENANT_ID is not set"),
        (&[tenant, secret], "AZURE_CLIENT_ID is not set"),
        (&[tenant, client], "none of AZURE_CLIENT_SECRET"),
        (
            &[tenant, client, ("AZURE_USERNAME", "me"), ("AZURE_PASSWORD", SECRET)],
            "none of AZURE_CLIENT_SECRET",
        ),
        (&[("AZURE_TENANT_ID", "hunter2-hunter2/x"), client, secret], "AZURE_TENANT_ID is malformed"),
        (&[tenant, ("AZURE_CLIENT_ID", "hunter2-hunter2&"), secret], "AZURE_CLIENT_ID is malformed"),
        (
            &[tenant, client, secret, ("AZURE_AUTHORITY_HOST", "https://hunter2-hunter2.example")],
            "AZURE_AUTHORITY_HOST is not",
        ),
        (
            &[tenant, client, secret, ("AZURE_AUTHORITY_HOST", "http://login.localhost:1@evil.example")],
            "AZURE_AUTHORITY_HOST is not",
        ),
        (&[tenant, client, secret, ("AZURE_AUTHORITY_HOST", own)], ""),
    ] {
        let rig = Rig::new(1, variables);
        let error = rig.token("environment", &[]).await.unwrap_err();
        let is_named = expected.is_empty();
        assert_eq!(error.kind(), if is_named { ErrorKind::Transport } else { ErrorKind::Local }, "{error:?}");
        let identity = rig.identity("environment", &[]);
        assert!(is_named || error.why().unwrap().contains(expected), "{error:?}");
        assert!(is_named || identity.describe().contains(expected), "{}", identity.describe());
        assert_eq!(actions(&*identity, VAULT).is_empty(), !is_named);
    }
}
