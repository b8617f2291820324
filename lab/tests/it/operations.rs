//! Long-running operations of ARM.

use arcbook_lab::{Operation, OperationStatus, OperationStep};
use serde_json::{Value, json};

use crate::SUBSCRIPTION;
use crate::client::Answer;
use crate::subscription::{Subscription, assert_refused, in_group};

const NONE: Value = Value::Null;

fn body() -> Value {
    json!({ "location": "westeurope", "properties": { "size": 1 } })
}

fn state(answer: &Answer) -> String {
    answer.json()["properties"]["provisioningState"].as_str().unwrap_or_default().to_owned()
}

fn header(answer: &Answer, name: &str) -> String {
    answer.header(name).unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_owned()
}

fn only_operation(azure: &Subscription) -> Operation {
    let operations = azure.lab.operations();
    assert_eq!(operations.len(), 1, "{operations:?}");
    operations[0].clone()
}

#[tokio::test]
async fn the_first_response_and_the_state_depend_on_kind_and_method() {
    for (kind, method, status, headers, running) in [
        ("Async", "PUT", 201, (true, false), "Creating"),
        ("Location", "PUT", 202, (false, true), "Creating"),
        ("State", "PUT", 201, (false, false), "Accepted"),
        ("Timed", "PUT", 202, (true, false), "Creating"),
        ("Async", "PUT again", 200, (true, false), "Updating"),
        ("Location", "PUT again", 202, (false, true), "Updating"),
        ("State", "PUT again", 200, (false, false), "Accepted"),
        ("Async", "PATCH", 202, (true, false), "Updating"),
        ("Location", "PATCH", 202, (false, true), "Updating"),
        ("State", "PATCH", 200, (false, false), "Accepted"),
        ("Async", "DELETE", 202, (true, false), "Deleting"),
        ("Location", "DELETE", 202, (false, true), "Deleting"),
        ("State", "DELETE", 202, (false, false), "Accepted"),
    ] {
        let case = format!("{method} of Lab.{kind}");
        let azure = Subscription::new("").await;
        let id = in_group(&format!("Lab.{kind}/things/x"));
        if method != "PUT" {
            azure.send("PUT", &id, &body()).await;
            while state(&azure.get(&id).await) != "Succeeded" {}
        }
        let verb = method.split(' ').next().unwrap();
        let first = azure.send(verb, &id, &if verb == "DELETE" { NONE } else { body() }).await;
        assert_eq!(first.status, status, "{case}");
        let has = |name| first.header(name).is_some();
        assert_eq!((has("azure-asyncoperation"), has("location")), headers, "{case}");
        assert_eq!(first.header("retry-after"), Some(if kind == "Timed" { "7" } else { "0" }), "{case}");
        let shown = kind != "Location" && verb != "DELETE";
        assert_eq!(first.body.is_empty(), !shown, "{case}");
        if shown {
            assert_eq!(state(&first), running, "{case}");
        }
        if kind == "Timed" {
            while state(&azure.get(&id).await) != "Succeeded" {}
            continue;
        }
        for _ in 0..2 {
            let running_now = azure.get(&id).await;
            assert_eq!((state(&running_now).as_str(), running_now.status), (running, 200), "{case}");
        }
        let last = azure.get(&id).await;
        if verb == "DELETE" {
            assert_refused(&last, 404, "ResourceNotFound", &case);
        } else {
            assert_eq!(state(&last), "Succeeded", "{case}");
        }
    }
}

#[tokio::test]
async fn time_ends_an_operation_that_nobody_polls() {
    let azure = Subscription::new("").await;
    assert_eq!(state(&azure.send("PUT", &in_group("Lab.Timed/things/x"), &body()).await), "Creating");
    let list = format!("{SUBSCRIPTION}/resources?api-version=2024-06-01&$expand=provisioningState");
    let mut states = Vec::new();
    while states.last() != Some(&json!("Succeeded")) && states.len() < 10_000 {
        states.push(azure.poll(&list).await.json()["value"][1]["provisioningState"].clone());
    }
    assert_eq!(states.last(), Some(&json!("Succeeded")));
    assert_eq!(only_operation(&azure).polls(), 0);
}

#[tokio::test]
async fn an_operation_resource_is_polled_to_its_end() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Async/things/x");
    let url = header(&azure.send("PUT", &id, &body()).await, "azure-asyncoperation");
    let arm = &azure.lab.azure().arm;
    assert!(url.starts_with(arm) && url.ends_with("?api-version=2024-06-01"), "{url}");
    assert!(url.contains("/providers/Lab.Async/locations/westeurope/operationStatuses/"), "{url}");
    for percent in [33, 66] {
        let running = azure.poll(&url).await;
        assert_eq!((running.status, running.header("retry-after")), (200, Some("0")));
        let running = running.json();
        assert_eq!(
            (&running["status"], &running["percentComplete"]),
            (&json!("InProgress"), &json!(percent))
        );
        assert!(running["startTime"].is_string() && running.get("endTime").is_none());
    }
    for _ in 0..2 {
        let ended = azure.poll(&url).await;
        assert_eq!(ended.header("retry-after"), None);
        let ended = ended.json();
        assert_eq!((&ended["status"], &ended["percentComplete"]), (&json!("Succeeded"), &json!(100)));
        assert!(ended["endTime"].is_string() && url.contains(ended["name"].as_str().unwrap()));
    }
    assert_eq!(state(&azure.get(&id).await), "Succeeded");
    let operation = only_operation(&azure);
    assert_eq!((operation.method(), operation.resource(), operation.polls()), ("PUT", id.as_str(), 4));
    assert_eq!(operation.status(), OperationStatus::Succeeded);
}

#[tokio::test]
async fn a_location_answers_202_until_the_synchronous_response() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Location/things/x");
    for (method, last, shows) in
        [("PUT", 201, true), ("PUT", 200, true), ("PATCH", 200, true), ("DELETE", 204, false)]
    {
        let first = azure.send(method, &id, &if shows { body() } else { NONE }).await;
        let mut url = header(&first, "location");
        assert!(url.contains("/operationResults/"), "{url}");
        for _ in 0..2 {
            let running = azure.poll(&url).await;
            assert_eq!((running.status, running.body.len()), (202, 0), "{method}");
            url = header(&running, "location");
        }
        let ended = azure.poll(&url).await;
        assert_eq!(ended.status, last, "{method}");
        if shows {
            assert_eq!((&ended.json()["id"], state(&ended).as_str()), (&json!(id), "Succeeded"), "{method}");
        }
    }
    assert_eq!(azure.get(&id).await.status, 404);
}

#[tokio::test]
async fn an_operation_ends_as_its_fault_says() {
    for (kind, fault, state_word, status, code) in [
        ("Async", "operation-failed", "Failed", 200, "ResourceDeploymentFailure"),
        ("Async", "operation-canceled", "Canceled", 200, "OperationCanceled"),
        ("Location", "operation-failed", "Failed", 400, "ResourceDeploymentFailure"),
        ("Location", "operation-canceled", "Canceled", 409, "OperationCanceled"),
        ("State", "operation-failed", "Failed", 200, ""),
        ("State", "operation-canceled", "Canceled", 200, ""),
    ] {
        for method in ["PUT", "DELETE"] {
            let case = format!("{fault} of {method} with Lab.{kind}");
            let azure = Subscription::new("").await;
            let id = in_group(&format!("Lab.{kind}/things/x"));
            if method == "DELETE" {
                azure.send("PUT", &id, &body()).await;
                while state(&azure.get(&id).await) != "Succeeded" {}
            }
            azure.lab.inject(format!("arm:{fault}:method={method}").parse().unwrap());
            let first = azure.send(method, &id, &if method == "PUT" { body() } else { NONE }).await;
            let url = first.header("azure-asyncoperation").or(first.header("location")).unwrap_or(&id);
            let url = if url == id { format!("{id}?api-version=2024-06-01") } else { url.to_owned() };
            azure.poll(&url).await;
            azure.poll(&url).await;
            let ended = azure.poll(&url).await;
            assert_eq!(ended.status, status, "{case}: {}", ended.text());
            assert_eq!(ended.code(), code, "{case}");
            if fault == "operation-failed" && kind != "State" {
                let leaf = &ended.json()["error"]["details"][0]["details"][0];
                assert_eq!(leaf["code"], "SkuNotAvailable", "{case}: the cause is in nested details");
            }
            assert_eq!(state(&azure.get(&id).await), state_word, "{case}: the resource stays");
            let again = azure.send("PUT", &id, &body()).await;
            assert!(again.status < 300, "{case}: a change may follow: {}", again.text());
        }
    }
}

#[tokio::test]
async fn an_operation_excludes_other_changes_of_its_resource() {
    for kind in ["Async", "Location", "State"] {
        let azure = Subscription::new("").await;
        let id = in_group(&format!("Lab.{kind}/things/x"));
        azure.lab.inject("arm:operation-never-ends".parse().unwrap());
        azure.send("PUT", &id, &body()).await;
        for method in ["PUT", "PATCH", "DELETE"] {
            let refused = azure.send(method, &id, &if method == "DELETE" { NONE } else { body() }).await;
            assert_refused(&refused, 409, "AnotherOperationInProgress", &format!("{method} {kind}"));
        }
        for _ in 0..20 {
            assert_ne!(state(&azure.get(&id).await), "Succeeded", "{kind}: it never ends");
        }
        let sibling = azure.send("PUT", &in_group(&format!("Lab.{kind}/things/y")), &body()).await;
        assert!(sibling.status < 300, "{kind}: {}", sibling.text());
        assert_eq!(azure.changes(), 2, "{kind}");
    }
}

#[tokio::test]
async fn urls_can_deviate() {
    let azure = Subscription::new("").await;
    let arm = azure.lab.azure().arm.clone();
    let elsewhere = format!("http://elsewhere.localhost:{}", azure.lab.azure().port);
    for kind in ["Async", "Location"] {
        for (fault, starts, ends, poll) in [
            ("operation-elsewhere", format!("{elsewhere}/subscriptions/"), "=2024-06-01", 404),
            ("operation-relative", "/subscriptions/".to_owned(), "=2024-06-01", 0),
            ("operation-without-version", format!("{arm}/subscriptions/"), "", 400),
            ("operation-in-another-subscription", format!("{arm}/subscriptions/"), "=2024-06-01", 404),
            ("operation-redirects", format!("{arm}/subscriptions/"), "=2024-06-01", 302),
            ("operation-no-retry-after", format!("{arm}/subscriptions/"), "=2024-06-01", 0),
        ] {
            let case = format!("{fault} with Lab.{kind}");
            let id = in_group(&format!("Lab.{kind}/things/{fault}"));
            azure.lab.inject(format!("arm:{fault}").parse().unwrap());
            let first = azure.send("PUT", &id, &body()).await;
            let url = header(&first, if kind == "Async" { "azure-asyncoperation" } else { "location" });
            assert!(url.starts_with(&starts) && url.ends_with(ends), "{case}: {url}");
            assert_eq!(url.contains('?'), fault != "operation-without-version", "{case}: {url}");
            assert_eq!(first.header("retry-after").is_none(), fault == "operation-no-retry-after", "{case}");
            let usual = if kind == "Async" { 200 } else { 202 };
            let polled = azure.poll(&url).await;
            assert_eq!(polled.status, if poll == 0 { usual } else { poll }, "{case}: {}", polled.text());
            if poll == 302 {
                assert!(header(&polled, "location").starts_with(&elsewhere), "{case}");
            }
            for _ in 0..3 {
                azure.get(&id).await;
            }
            assert_eq!(state(&azure.get(&id).await), "Succeeded", "{case}: the resource shows the end");
        }
    }
}

#[tokio::test]
async fn states_can_deviate_and_both_headers_can_be_sent() {
    for (fault, words) in [
        ("operation-lower-case", ["inprogress", "succeeded", "creating"]),
        ("operation-unknown-status", ["Rewiring", "Succeeded", "Rewiring"]),
        ("operation-both-headers", ["InProgress", "Succeeded", "Creating"]),
    ] {
        let azure = Subscription::new("").await;
        let id = in_group("Lab.Async/things/x");
        azure.lab.inject(format!("arm:{fault}").parse().unwrap());
        let first = azure.send("PUT", &id, &body()).await;
        assert_eq!(state(&first), words[2], "{fault}");
        let url = header(&first, "azure-asyncoperation");
        assert_eq!(first.header("location").is_some(), fault == "operation-both-headers");
        assert_eq!(azure.poll(&url).await.json()["status"], words[0], "{fault}");
        if let Some(location) = first.header("location") {
            assert_eq!(azure.poll(location).await.status, 202, "the other URL is served too");
        }
        azure.poll(&url).await;
        assert_eq!(azure.poll(&url).await.json()["status"], words[1], "{fault}");
    }
}

#[tokio::test]
async fn the_transport_fails_at_an_operation_too() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Async/things/x");
    azure.lab.inject("arm:lost-answer:method=PUT".parse().unwrap());
    assert!(azure.request("PUT", &id).body(body().to_string()).try_send().await.is_err());
    let operation = only_operation(&azure);
    let refused = azure.send("PUT", &id, &body()).await;
    assert_refused(&refused, 409, "AnotherOperationInProgress", "the lost PUT was carried out");
    let base = format!("{}{}", azure.lab.azure().arm, SUBSCRIPTION);
    let url = format!(
        "{base}/providers/Lab.Async/locations/westeurope/operationStatuses/{}?api-version=2024-06-01",
        operation.id()
    );
    for fault in ["404", "429:retry-after=3", "500"] {
        azure.lab.inject(format!("arm:{fault}:path=/operationStatuses/").parse().unwrap());
        let refused = azure.poll(&url).await;
        assert!(fault.starts_with(&refused.status.to_string()), "{fault}: {}", refused.status);
        assert_eq!(refused.header("retry-after"), fault.strip_prefix("429:retry-after="), "{fault}");
    }
    assert_eq!(azure.poll(&url).await.json()["status"], "InProgress", "a refused poll does not count");
    let unknown = url.replace(&operation.id().to_string(), "00000000-0000-0000-0000-000000000009");
    assert_refused(&azure.poll(&unknown).await, 404, "OperationNotFound", "unknown");
    let put = azure.at("PUT", &url).send().await;
    assert_eq!(put.status, 405, "{}", put.text());
}

#[tokio::test]
async fn the_log_names_each_operation() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Location/things/x");
    let url = header(&azure.send("PUT", &id, &body()).await, "location");
    azure.poll(&url).await;
    azure.get(&id).await;
    azure.poll(&url).await;
    azure.get(&id).await;
    let operation = only_operation(&azure).id();
    let steps: Vec<_> = azure.lab.requests().iter().filter_map(|request| request.operation).collect();
    let polled = OperationStep::Polled(operation);
    assert_eq!(steps, [OperationStep::Started(operation), polled, polled, polled]);
    assert!(steps.iter().all(|step| step.id() == operation));
    assert_eq!((azure.changes(), only_operation(&azure).polls()), (1, 3), "a poll changes nothing");
}

#[tokio::test]
async fn actions_answer_at_once_or_later() {
    let azure = Subscription::new("").await;
    let id = in_group("Lab.Async/things/x");
    azure.send("PUT", &id, &body()).await;
    while state(&azure.get(&id).await) != "Succeeded" {}
    let keys = azure.send("POST", &format!("{id}/listkeys"), &NONE).await;
    assert_eq!((keys.status, keys.json()), (200, json!({ "keys": ["k"] })));

    let restart = azure.send("POST", &format!("{id}/restart"), &NONE).await;
    assert_eq!((restart.status, restart.body.len()), (202, 0));
    let url = header(&restart, "location");
    assert_eq!(azure.poll(&url).await.status, 202);
    let result = azure.poll(&url).await;
    assert_eq!((result.status, result.json()), (200, json!({ "uptime": 0 })));
    assert_eq!(state(&azure.get(&id).await), "Succeeded", "an action leaves the state of the resource");

    let stop = header(&azure.send("POST", &format!("{id}/stop"), &NONE).await, "azure-asyncoperation");
    azure.poll(&stop).await;
    assert_eq!(azure.poll(&stop).await.json()["status"], "Succeeded");
    azure.lab.inject("arm:operation-failed:method=POST".parse().unwrap());
    let failing = header(&azure.send("POST", &format!("{id}/restart"), &NONE).await, "location");
    azure.poll(&failing).await;
    assert_refused(&azure.poll(&failing).await, 400, "ResourceDeploymentFailure", "restart");
    let methods: Vec<_> = azure.lab.operations().iter().map(Operation::method).collect();
    assert_eq!(methods, ["PUT", "POST", "POST", "POST"]);
}
