//! Identities in runbooks: what the plan shows of them, and what a run does.

use crate::executable::executable;
use crate::support::{Place, Ran};

const SECRET: &str = "hunter2-hunter2";

/// A step that acts as an identity of this kind with these arguments.
fn runbook(kind: &str, arguments: &str) -> String {
    format!(
        "identity \"{kind}\" \"it\" {{\n{arguments}\n}}\n\nstep \"token\" \"t\" {{\n  resource = \"https://vault.azure.net\"\n  identity = identity.{kind}.it\n}}\n\noutput \"ends\" {{\n  value = step.token.t.expires_on\n}}\n"
    )
}

#[test]
fn the_plan_shows_what_gets_a_token_and_no_secret() {
    let ids = "  tenant    = \"t.example\"\n  client_id = \"app-1\"\n";
    let login = "POST https://login.microsoftonline.com/t.example/oauth2/v2.0/token";
    for (kind, arguments, expected) in [
        ("client_secret", format!("{ids}  secret    = \"{SECRET}\""), login),
        ("client_certificate", format!("{ids}  certificate = \"{SECRET}\""), login),
        (
            "client_certificate",
            format!("{ids}  certificate_path = \"own.pfx\"\n  password = \"{SECRET}\""),
            "read the file own.pfx",
        ),
        ("workload", format!("{ids}  token_file = \"token\""), "read the file token"),
        ("azure_cli", "  tenant = \"t.example\"".to_owned(), "--tenant t.example"),
        (
            "managed",
            "  from = \"vm\"".to_owned(),
            "GET http://169.254.169.254/metadata/identity/oauth2/token",
        ),
        (
            "access_token",
            format!("  token    = \"{SECRET}\"\n  audience = \"https://vault.azure.net\""),
            "identity.access_token.it",
        ),
        ("environment", String::new(), login),
    ] {
        let place = Place::with(&runbook(kind, &arguments));
        for options in [&["plan", "-requests"][..], &["plan", "-json"], &["plan", "-verbose"]] {
            let mut command = place.command(options);
            command.env("AZURE_TENANT_ID", "t.example").env("AZURE_CLIENT_ID", "app-1");
            let ran = Ran::of(command.env("AZURE_CLIENT_SECRET", SECRET).output().expect("the program"));
            assert_eq!(ran.code, Some(0), "{kind}: {}", ran.seen());
            assert!(!ran.seen().contains(SECRET), "{kind}: {}", ran.seen());
            if options[1] == "-requests" {
                let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(expected), "{kind}: {}", ran.seen());
            }
        }
    }
}

#[test]
fn a_run_acts_as_the_account_of_the_azure_cli() {
    let place = Place::with(&runbook("azure_cli", ""));
    let az = format!("#!/bin/sh\necho '{{\"accessToken\":\"{SECRET}\",\"expires_on\":4102444800}}'\n");
    executable(&place.path().join("bin/az"), &az);
    let path = format!("{}:/usr/bin:/bin", place.path().join("bin").display());
    let ran = Ran::of(place.command(&["run"]).env("PATH", path).output().expect("the program"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("4102444800"), "{}", ran.seen());
    let files = place.files();
    let record =
        files.iter().find(|(path, _)| path.extension().is_some_and(|end| end == "jsonl")).expect("a record");
    let record = String::from_utf8_lossy(&record.1).into_owned();
    assert!(record.contains("the account that is signed in to the Azure CLI"), "{record}");
    assert!(!ran.seen().contains(SECRET) && !record.contains(SECRET), "{}", ran.seen());
}

#[test]
fn an_identity_that_cannot_get_a_token_is_told_with_its_remedy() {
    for (kind, arguments, expected) in [
        ("environment", "", "AZURE_TENANT_ID is not set"),
        ("azure_cli", "", "the Azure CLI is not installed"),
        (
            "access_token",
            "  token = \"x\"\n  audience = \"https://graph.microsoft.com\"",
            "it is for https://graph.microsoft.com",
        ),
        ("workload", "  tenant = \"t\"\n  client_id = \"a\"\n  token_file = \"none\"", "cannot be read"),
    ] {
        let place = Place::with(&runbook(kind, arguments));
        let ran = Ran::of(place.command(&["run"]).env("PATH", "/nowhere").output().expect("the program"));
        assert_eq!(ran.code, Some(1), "{kind}: {}", ran.seen());
        let words = ran.seen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expected) && words.contains("help"), "{kind}: {}", ran.seen());
    }
}
