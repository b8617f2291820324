//! The requests in a run's events are those that it sent.

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::Place;

const BOOK: &str = r#"
step "arm_list" "all" {
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000"
}

step "blob_container" "new" {
  account    = "acc01"
  name       = "new"
  depends_on = [step.arm_list.all]
}

output "ids" { value = step.arm_list.all.items }
"#;

/// Returns method, path and query of the requests in the JSON events.
fn told(lines: &str) -> Vec<String> {
    let events = lines.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let sent = events.filter(|event| event["event"] == "request_sent").map(|event| {
        let text = |name: &str| event[name].as_str().expect("text").to_owned();
        let target = text("url").splitn(4, '/').nth(3).map(|target| format!("/{target}"));
        format!("{} {}", text("method"), target.expect("a path"))
    });
    sorted(sent)
}

fn sorted(requests: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = requests.collect();
    all.sort();
    all
}

#[test]
fn every_request_event_has_the_url_that_was_sent() {
    let cloud = Cloud::paged();
    let place = Place::with(BOOK);
    let ran = cloud.run(&place, &["run", "-auto-approve", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    // The request for the cloud's metadata precedes the run.
    let requests =
        cloud.lab.requests().into_iter().filter(|request| !request.target.contains("/metadata/endpoints"));
    let sent = sorted(requests.map(|request| format!("{} {}", request.method, request.target)));
    assert!(sent.iter().filter(|request| request.contains("/resources?")).count() > 1, "{sent:?}");
    assert_eq!(told(&ran.out), sent);
    let record =
        place.files().into_iter().find(|(path, _)| path.extension().is_some_and(|end| end == "jsonl"));
    assert_eq!(told(&String::from_utf8_lossy(&record.expect("a record").1)), sent);
}
