//! The account of the Azure CLI, from a program that stands in for it.

use arcbook_engine::step::ErrorKind;
use tempfile::TempDir;

use super::{Given, Rig, SECRET, VAULT, actions, starts_program};
use crate::executable::executable;

/// Returns a directory with a program `az` that notes its arguments and does what `body` says.
fn az(body: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("az");
    let log = dir.path().join("log").display().to_string();
    let script = format!(
        "#!/bin/sh\nfor word in \"$@\" \"$AZURE_CORE_NO_COLOR\" \"$PWD\"; do echo \"$word\" >>{log}; done\n{body}\n"
    );
    executable(&file, &script);
    dir
}

fn rig(dir: &TempDir) -> Rig {
    Rig::new(1, &[("PATH", &format!("{}:/usr/bin:/bin", dir.path().display()))])
}

#[tokio::test]
async fn the_program_is_asked_with_these_words() {
    let dir =
        az(&format!(r#"echo '{{"accessToken":"{SECRET}","expires_on":99999999999,"tokenType":"Bearer"}}'"#));
    let chosen: Given<'_> = &[("tenant", "t.example"), ("subscription", "My sub")];
    for (arguments, more) in
        [(&[][..], &[][..]), (chosen, &["--tenant", "t.example", "--subscription", "My sub"])]
    {
        let rig = rig(&dir);
        let token = rig.token("azure_cli", arguments).await.unwrap();
        assert_eq!((token.reveal(), token.expires_on()), (SECRET, 99_999_999_999));
        let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
        std::fs::remove_file(dir.path().join("log")).unwrap();
        let words = ["account", "get-access-token", "--output", "json", "--resource", VAULT];
        let expected: Vec<&str> = [&words[..], more, &["true", "/"]].concat();
        assert_eq!(log.lines().collect::<Vec<_>>(), expected);
        let identity = rig.identity("azure_cli", arguments);
        assert!(starts_program(&*identity));
        let line = &actions(&*identity, VAULT)[0];
        assert!(line.contains("az account get-access-token --output json --resource"), "{line}");
        assert!(!rig.secrets.redact(SECRET).contains(SECRET));
    }
}

#[tokio::test]
async fn the_output_of_a_program_that_fails_is_not_shown() {
    for (body, kind, expected) in [
        (format!("echo {SECRET} please run az login >&2; exit 1"), ErrorKind::Local, "nobody is signed in"),
        (format!("echo {SECRET} az account set >&2; exit 1"), ErrorKind::Local, "nobody is signed in"),
        (format!("echo {SECRET} AADSTS50076: az login >&2; exit 1"), ErrorKind::Refused, "AADSTS50076"),
        (format!("echo {SECRET} AADSTS700082 >&2; exit 1"), ErrorKind::Refused, "AADSTS700082"),
        (format!("echo {SECRET} >&2; exit 3"), ErrorKind::Refused, "got no token"),
        (format!("echo {SECRET}; kill -9 $$"), ErrorKind::Refused, "got no token"),
        (format!("echo {SECRET}"), ErrorKind::Answer, "cannot be used"),
        (format!(r#"echo '{{"accessToken":"{SECRET}"}}'"#), ErrorKind::Answer, "cannot be used"),
        ("true".to_owned(), ErrorKind::Answer, "cannot be used"),
    ] {
        let error = rig(&az(&body)).token("azure_cli", &[]).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}: {error:?}");
        assert!(error.summary().contains(expected), "{body}: {error:?}");
        assert!(!error.remedies().is_empty(), "{body}");
    }
    let error = Rig::new(1, &[("PATH", "/nowhere")]).token("azure_cli", &[]).await.unwrap_err();
    assert_eq!(error.summary(), "the Azure CLI is not installed");
}

#[test]
fn an_account_is_no_option_of_the_program() {
    let rig = Rig::new(1, &[]);
    for (name, value) in
        [("tenant", "--debug"), ("subscription", "--debug"), ("subscription", "a;b"), ("subscription", "")]
    {
        assert!(rig.prepare("azure_cli", &[(name, value)]).is_err(), "{name} {value}");
    }
}
