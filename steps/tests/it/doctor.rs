//! The findings about a machine, each with one thing wrong.

use std::collections::BTreeSet;

use arcbook_engine::step::Audience;
use arcbook_lab::{Options, Service};
use arcbook_steps::doctor::{CHECKS, Case, Finding, Status, examine};
use arcbook_steps::{AgentAt, AzureOptions, Cloud, Trust};
use tempfile::TempDir;

use crate::closed_port::ClosedPort;
use crate::world::{Bench, WORLD};

/// Examines a machine in `world`, over TLS, with options that `change` adjusts and this fault.
async fn examined(world: &str, fault: &str, change: impl FnOnce(&mut AzureOptions)) -> (Bench, Vec<Finding>) {
    let https = Options { https: true, ..Options::default() };
    let bench = Bench::in_world(world, https, change).await;
    if !fault.is_empty() {
        bench.fault(fault);
    }
    let directory = TempDir::new().unwrap();
    let case = Case::of_cloud(&bench.azure).writing_to([directory.path().join("runs")]);
    let findings = examine(&bench.azure, &case, &bench.secrets).await;
    for finding in &findings {
        assert!(CHECKS.iter().any(|check| check.id == finding.id), "{finding:?}");
        let is_problem = matches!(finding.status, Status::Error | Status::Warning);
        assert!(!is_problem || !finding.remedies.is_empty(), "{finding:?}");
        assert!(finding.because.is_none() || finding.status == Status::Skipped, "{finding:?}");
    }
    (bench, findings)
}

/// Returns the findings that are not ok or skipped by themselves, as `error agent.port` or `agent.machine: agent.port`.
fn problems(findings: &[Finding]) -> BTreeSet<String> {
    let told = |finding: &Finding| match (finding.status, finding.because) {
        (Status::Ok, _) | (Status::Skipped, None) => None,
        (_, Some(because)) => Some(format!("{}: {because}", finding.id)),
        (status, None) => Some(format!("{} {}", status.word(), finding.id)),
    };
    findings.iter().filter_map(told).collect()
}

fn text(findings: &[Finding], id: &str) -> String {
    let found = findings.iter().find(|finding| finding.id == id && finding.status != Status::Ok);
    found.map(|finding| format!("{finding:?}")).unwrap_or_default()
}

fn expected(own: &[&str]) -> BTreeSet<String> {
    own.iter().map(|&text| text.to_owned()).collect()
}

#[tokio::test]
async fn a_machine_in_order_has_no_error_and_nothing_is_changed() {
    let (bench, findings) = examined(WORLD, "", |_| ()).await;
    assert_eq!(problems(&findings), expected(&[]), "{findings:#?}");
    for id in
        ["agent.port", "agent.machine", "identity.token", "clock.token", "clock.service", "rights.machine"]
    {
        assert!(
            findings.iter().any(|found| found.id == id && found.status == Status::Ok),
            "{id}: {findings:#?}"
        );
    }
    let token = findings.iter().find(|finding| finding.id == "identity.token").unwrap();
    assert!(token.subject.is_some() && !token.summary.contains("eyJ"), "{token:?}");
    for request in bench.lab.requests() {
        assert!(["GET", "HEAD"].contains(&request.method.as_str()), "{request:?}");
        let may_carry = matches!(request.service, Service::Arm | Service::Himds);
        assert!(may_carry || request.principal.is_none(), "{request:?}");
    }
}

#[tokio::test]
async fn an_agent_that_does_not_listen_prevents_what_needs_it() {
    let closed = ClosedPort::new();
    let port = closed.number();
    let (_, findings) = examined(WORLD, "", |options| {
        let token_dir = options.agent.as_ref().unwrap().token_dir.clone();
        options.agent =
            Some(AgentAt { endpoint: format!("http://127.0.0.1:{port}"), token_dir, command: None });
    })
    .await;
    let all = [
        "error agent.port",
        "agent.machine: agent.port",
        "identity.token: agent.port",
        "clock.token: agent.port",
        "provider.registration: agent.port",
        "rights.machine: agent.port",
    ];
    assert_eq!(problems(&findings), expected(&all), "{findings:#?}");
    assert!(text(&findings, "agent.port").contains("Connection refused"), "{findings:#?}");
}

#[tokio::test]
async fn a_machine_without_an_agent_is_told_to_connect() {
    if std::path::Path::new("/opt/azcmagent/bin/himds").exists() {
        return;
    }
    let (_, findings) = examined(WORLD, "", |options| {
        options.agent = None;
        options.virtual_machine = Some(false);
    })
    .await;
    let problems = problems(&findings);
    assert!(problems.contains("error agent.installed"), "{findings:#?}");
    for id in ["agent.service", "agent.port", "agent.machine", "identity.group", "identity.token"] {
        assert!(problems.contains(&format!("{id}: agent.installed")), "{id}: {findings:#?}");
    }
    assert!(text(&findings, "agent.installed").contains("azcmagent connect"), "{findings:#?}");
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_the_reason() {
    let elsewhere = TempDir::new().unwrap();
    let (_, findings) = examined(WORLD, "", |options| {
        let endpoint = options.agent.as_ref().unwrap().endpoint.clone();
        options.agent = Some(AgentAt { endpoint, token_dir: elsewhere.path().to_owned(), command: None });
    })
    .await;
    let all = [
        "error identity.token",
        "clock.token: identity.token",
        "provider.registration: identity.token",
        "rights.machine: identity.token",
    ];
    assert_eq!(problems(&findings), expected(&all), "{findings:#?}");
    assert!(text(&findings, "identity.token").contains("agent's token directory"), "{findings:#?}");
}

#[tokio::test]
async fn a_wrong_clock_is_noticed() {
    let (_, findings) = examined(WORLD, "login:clock-behind:seconds=3600:times=always", |_| ()).await;
    assert_eq!(problems(&findings), expected(&["error clock.service"]), "{findings:#?}");
    assert!(text(&findings, "clock.service").contains("60 min ahead of login.localhost"), "{findings:#?}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_prevents_what_asks_there() {
    let (_, findings) = examined(WORLD, "", |options| {
        let audience = Audience::new("https://management.azure.com");
        let login = options.cloud.login().unwrap().to_owned();
        options.cloud = Cloud::new("Elsewhere", "https://arcbook.invalid", audience).logging_in_at(&login);
    })
    .await;
    let all = [
        "error endpoint.connection",
        "endpoint.certificate: endpoint.connection",
        "provider.registration: endpoint.connection",
        "rights.machine: endpoint.connection",
    ];
    assert_eq!(problems(&findings), expected(&all), "{findings:#?}");
    let name = text(&findings, "endpoint.connection");
    assert!(name.contains("arcbook.invalid does not resolve") && name.contains("name servers"), "{name}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_named() {
    let other = rcgen::generate_simple_self_signed(vec!["x.localhost".to_owned()]).unwrap();
    let (_, findings) = examined(WORLD, "", |options| options.trust = Trust::Only(other.cert.pem())).await;
    let all = [
        "error endpoint.certificate",
        "provider.registration: endpoint.certificate",
        "rights.machine: endpoint.certificate",
    ];
    assert_eq!(problems(&findings), expected(&all), "{findings:#?}");
    let certificate = text(&findings, "endpoint.certificate");
    assert!(
        certificate.contains("Local lab authority") && certificate.contains("SSL_CERT_FILE"),
        "{certificate}"
    );
}

#[tokio::test]
async fn settings_that_cannot_be_used_prevent_every_connection() {
    let (_, findings) = examined(WORLD, "", |options| {
        options.environment = [("HTTPS_PROXY", "socks5://user:hunter2@proxy.example")].into_iter().collect();
    })
    .await;
    let problems = problems(&findings);
    assert!(problems.contains("error network.settings"), "{findings:#?}");
    assert!(problems.contains("endpoint.connection: network.settings"), "{findings:#?}");
    assert!(problems.contains("rights.machine: network.settings"), "{findings:#?}");
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[tokio::test]
async fn variables_that_name_another_machine_are_an_error() {
    for (variables, expected) in [
        (
            &[("IMDS_ENDPOINT", "http://evil.example"), ("IDENTITY_ENDPOINT", "http://evil.example")][..],
            "error agent.address",
        ),
        (&[("IDENTITY_ENDPOINT", "http://localhost:1")], "warning agent.address"),
    ] {
        let (_, findings) = examined(WORLD, "", |options| {
            options.agent = None;
            options.virtual_machine = Some(false);
            options.environment = variables.iter().copied().collect();
        })
        .await;
        assert!(problems(&findings).contains(expected), "{findings:#?}");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_registered_is_an_error_if_the_machine_needs_it() {
    let world =
        format!("{WORLD}\nresource_type \"Microsoft.HybridCompute/machines\" {{ registered = false }}\n");
    let (_, findings) = examined(&world, "", |_| ()).await;
    let own = findings.iter().find(|finding| finding.subject.as_deref() == Some("Microsoft.HybridCompute"));
    let own = own.unwrap();
    assert_eq!((own.id, own.status), ("provider.registration", Status::Error), "{own:?}");
    assert!(own.remedies[0].contains("az provider register --namespace Microsoft.HybridCompute"), "{own:?}");
}

#[tokio::test]
async fn an_identity_without_a_role_is_told_which_and_that_it_takes_time() {
    let world = WORLD.replace("role_assignment { role = \"Reader\" }", "");
    let (_, findings) = examined(&world, "", |_| ()).await;
    assert_eq!(problems(&findings), expected(&["warning rights.machine"]), "{findings:#?}");
    let rights = text(&findings, "rights.machine");
    assert!(rights.contains("Reader") && rights.contains("ten minutes"), "{rights}");
    let registrations: Vec<&Finding> =
        findings.iter().filter(|finding| finding.id == "provider.registration").collect();
    assert!(registrations.iter().all(|finding| finding.status == Status::Skipped), "{registrations:?}");
}

#[tokio::test]
async fn a_resource_that_is_gone_is_told_to_be_connected_again() {
    let (_, findings) = examined(WORLD, "arm:404:path=/machines/:times=always", |_| ()).await;
    assert!(problems(&findings).contains("error rights.machine"), "{findings:#?}");
    assert!(text(&findings, "rights.machine").contains("azcmagent connect"), "{findings:#?}");
}
