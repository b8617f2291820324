//! A cloud description must not obtain tokens for another cloud's audiences.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran};

const RUNBOOK: &str = "step \"arm_get\" \"a\" { path = \"/subscriptions\" }\n";

fn document(arm: &str, audiences: &str, suffix: &str) -> String {
    format!(
        r#"[{{"name":"Other","resourceManager":"{arm}","authentication":{{"audiences":{audiences}}},
        "suffixes":{{"keyVaultDns":"vault.{suffix}","storage":"{suffix}"}}}}]"#
    )
}

#[test]
fn a_cloud_with_foreign_audiences_is_refused_before_any_request() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let agent = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    let here = format!("https://management.localhost:{}", listener.local_addr().expect("an address").port());
    for (arm, audiences, suffix) in [
        ("https://evil.example", r#"["797f4846-ba00-4fd7-ba17-dac1f8f63fcb"]"#, "evil.example"),
        ("https://evil.example", r#"["https://graph.microsoft.com"]"#, "evil.example"),
        ("https://evil.example", r#"["https://GRAPH.Microsoft.com.:443/"]"#, "evil.example"),
        ("https://evil.example", r#"["https://storage.azure.com/"]"#, "evil.example"),
        ("https://evil.example", r#"["https://evil.example@management.azure.com/"]"#, "evil.example"),
        ("https://evil.example", r#"["https://api.contoso.test"]"#, "evil.example"),
        ("https://evil.example", r#"["https://evil.example"]"#, "azure.net"),
        ("https://management.azure.com:444", "[]", "evil.example"),
        (&here, r#"["https://management.azure.com/"]"#, "localhost:1"),
    ] {
        let place = Place::with(RUNBOOK);
        place.write("c.json", document(arm, audiences, suffix));
        for arguments in [&["run"][..], &["plan"], &["plan", "-live"], &["token"], &["token", "-json"]] {
            let mut command: Command = place.command(arguments);
            let environment = [
                ("ARCBOOK_CLOUD", "c.json"),
                ("IMDS_ENDPOINT", &agent),
                ("IDENTITY_ENDPOINT", &agent),
                ("HTTPS_PROXY", &agent),
            ];
            let ran = Ran::of(command.envs(environment).output().expect("the program"));
            assert_ne!(ran.code, Some(0), "{audiences}: {}", ran.seen());
            assert!(ran.seen().contains("does not describe its cloud"), "{audiences}: {}", ran.seen());
            assert!(listener.accept().is_err(), "{audiences}: something was sent by {arguments:?}");
        }
    }
}

#[test]
fn output_starts_with_the_name_and_hosts_of_a_custom_cloud() {
    let cloud = Cloud::start();
    let place = Place::with(RUNBOOK);
    let host = cloud.lab.azure().arm.split_once("://").expect("a URL").1;
    for arguments in [&["run"][..], &["plan"], &["plan", "-live"]] {
        let ran = cloud.run(&place, arguments);
        let first = ran.out.lines().next().unwrap_or_default();
        assert!(first.contains("`AzureLab`") && first.contains(host), "{arguments:?}: {}", ran.seen());
        let ran = cloud.run(&place, &[arguments, &["-json"]].concat());
        let first: Json = serde_json::from_str(ran.out.lines().next().unwrap_or_default()).expect("JSON");
        assert_eq!(first["cloud"]["name"], "AzureLab", "{first}");
        assert_eq!(first["cloud"]["hosts"][0], host, "{first}");
    }
    // The token is printed on standard output, so the notice is on standard error.
    let audience = &cloud.lab.azure().arm;
    let ran = cloud.run(&place, &["token", "-format", "raw", "-resource", audience]);
    assert!(ran.err.lines().next().unwrap_or_default().contains(host), "{}", ran.seen());
    assert!(!ran.out.contains(host));
}

#[test]
fn services_of_ones_own_are_announced_or_refused() {
    let place = Place::with(RUNBOOK);
    for (services, code, expected) in [
        (
            r#"[{"audience":"api://orders","hosts":["*.orders.example"]}]"#,
            0,
            "with the services of ARCBOOK_SERVICES: *.orders.example",
        ),
        (
            r#"[{"audience":"https://vault.azure.net","hosts":["evil.example"]}]"#,
            3,
            "is that of another service",
        ),
        (r#"[{"audience":"api://orders","hosts":["kv1.vault.azure.net"]}]"#, 3, "has hosts of others"),
        (r#"{"audience":"api://orders"}"#, 3, "is not a JSON list"),
    ] {
        place.write("services.json", services);
        let mut command = place.command(&["plan"]);
        let ran = Ran::of(command.env("ARCBOOK_SERVICES", "services.json").output().expect("the program"));
        assert_eq!(ran.code, Some(code), "{services}: {}", ran.seen());
        let words = ran.seen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expected), "{services}: {}", ran.seen());
    }
}

#[test]
fn a_built_in_cloud_is_not_announced() {
    let place = Place::with(RUNBOOK);
    for name in ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"] {
        let ran = Ran::of(place.command(&["plan"]).env("ARCBOOK_CLOUD", name).output().expect("the program"));
        assert!(!ran.out.contains("not built in"), "{}", ran.seen());
    }
}
