//! `arcbook doctor` in a cloud that does not tell its endpoints: the reason is a finding, and the machine is checked.

use arcbook_lab::Options;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished};

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }
"#;

/// Returns the status, the summary with the detail, and the cause of each finding of a check.
fn of(ran: &Ran, id: &str) -> Vec<(String, String, Json)> {
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let findings = lines.filter_map(|line| line.get("finding").cloned());
    let text = |finding: &Json, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    findings
        .filter(|finding| finding["id"] == id)
        .map(|finding| {
            let said = format!("{} {}", text(&finding, "summary"), text(&finding, "detail"));
            (text(&finding, "status"), said, finding["because"].clone())
        })
        .collect()
}

/// Runs `doctor` for this cloud, and asserts that it ends with an error about the check, and that the rest is told.
fn examined(cloud: &Cloud, arm: &str, arguments: &[&str], failed: &str) -> Ran {
    let place = Place::with("step \"metadata\" \"machine\" {}\n");
    let run = |json: &[&str]| {
        let mut command = cloud.command(&place, &[&["doctor"], json, arguments].concat());
        Ran::of(finished(command.env("ARCBOOK_CLOUD", arm)))
    };
    let page = run(&[]);
    assert!(page.code == Some(1) && page.out.contains(failed), "{}", page.seen());
    let ran = run(&["-json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.out.lines().last().is_some_and(|line| line.contains("\"findings\":")), "{}", ran.seen());
    let errors: Vec<_> = of(&ran, failed).into_iter().filter(|(status, ..)| status == "error").collect();
    assert_eq!(errors.len(), 1, "{}", ran.seen());
    for id in ["identity.token", "clock.token", "provider.registration", "rights.machine"] {
        let found = of(&ran, id);
        assert!(
            found.iter().all(|(status, _, because)| status == "skipped" && because == failed),
            "{found:?}"
        );
        assert_eq!(found.len(), 1, "{id}: {}", ran.seen());
    }
    for id in ["agent.port", "agent.machine", "records.directory"] {
        assert_eq!(of(&ran, id)[0].0, "ok", "{id}: {}", ran.seen());
    }
    // No token was asked for.
    let requests = cloud.lab.requests();
    assert!(requests.iter().all(|request| !request.target.contains("oauth2/token")), "{requests:?}");
    ran
}

#[test]
fn an_issuer_that_is_not_trusted_is_a_finding() {
    let cloud = Cloud::with(WORLD.to_owned(), Options { https: true, ..Options::default() }).expect("a lab");
    let arm = cloud.lab.azure().arm.clone();
    for arguments in [&[][..], &["."]] {
        let ran = examined(&cloud, &arm, arguments, "endpoint.certificate");
        let (_, said, _) = of(&ran, "endpoint.certificate").remove(0);
        assert!(said.contains("issue"), "{said}");
        assert_eq!(of(&ran, "endpoint.connection")[0].0, "ok", "{}", ran.seen());
    }
}

#[test]
fn a_host_that_is_not_reached_is_a_finding() {
    let cloud = Cloud::of_world(WORLD);
    examined(&cloud, "https://management.localhost:1", &[], "endpoint.connection");
}

#[test]
fn a_host_that_tells_no_endpoints_is_a_finding() {
    let cloud = Cloud::of_world(WORLD);
    // The lab answers a host that it does not know with 404.
    let arm = cloud.lab.azure().arm.replace("management", "nothing");
    let ran = examined(&cloud, &arm, &[], "endpoint.connection");
    assert!(of(&ran, "endpoint.connection")[0].1.contains("404"), "{}", ran.seen());
}

#[test]
fn a_cloud_that_cannot_be_one_is_a_wrong_command() {
    for arm in ["http://management.example", "https://a:b@management.localhost:1", "nonsense"] {
        let place = Place::new();
        let ran = Ran::of(finished(place.command(&["doctor"]).env("ARCBOOK_CLOUD", arm)));
        assert!(ran.code == Some(3) && ran.out.is_empty(), "{arm}: {}", ran.seen());
    }
}
