//! Lists in the formats of different services, page by page.

use arcbook_engine::step::{ErrorKind, Outcome, Progress, StepError};
use arcbook_engine::value::{Data, Marks, Value};

use crate::server::{Server, ok, with_arm};
use crate::world::Bench;

const SCOPE: &str = "/subscriptions/s";

/// Lists the resources of a subscription from a server that gives these responses in turn.
async fn listed(answers: &[String]) -> (Result<Outcome, StepError>, Server, Bench) {
    let server = Server::answering_in_turn(|port| {
        answers.iter().map(|answer| answer.replace("HOST", &host(port))).collect()
    })
    .await;
    let bench = with_arm(&server).await;
    let outcome = bench.run("arm_list", &[("scope", SCOPE.into())]).await;
    (outcome, server, bench)
}

fn host(port: u16) -> String {
    // The port is padded, so that the length of the response does not depend on it.
    format!("http://management.localhost:{port:05}")
}

/// Builds a response with this body, in which `HOST` is the server's own address.
fn page(body: &str) -> String {
    let length = body.replace("HOST", &host(1)).len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn items(outcome: &Outcome) -> usize {
    match outcome.outputs["items"].data() {
        Data::Tuple(items) => items.len(),
        other => panic!("not a list but {}", matches!(other, Data::Null(_))),
    }
}

#[tokio::test]
async fn all_pages_of_a_list_are_read_in_any_format() {
    for next in [
        r#""nextLink":"HOST/subscriptions/s/resources?api-version=1&$skiptoken=x""#,
        r#""nextLink":"HOST/SUBSCRIPTIONS/S/Resources/?$skiptoken=x""#,
        r#""NextLink":"/subscriptions/s/resources?$skiptoken=x""#,
        r#""odata.nextLink":"?$skiptoken=x""#,
        r#""@odata.nextLink":"resources?$skiptoken=x""#,
        r#""nextLink":null,"@nextLink":"?$skiptoken=x""#,
    ] {
        let first = page(&format!(r#"{{"value":[{{"id":"a"}}],{next}}}"#));
        for last in [r#"{"value":[{"id":"b"}]}"#, "\u{feff}{\"value\":[{\"id\":\"b\"}],\"nextLink\":\"\"}"] {
            let (outcome, server, _) = listed(&[first.clone(), page(last)]).await;
            assert_eq!(items(&outcome.unwrap()), 2, "{next}");
            assert_eq!(server.heard().requests.len(), 2, "{next}");
        }
    }
}

#[tokio::test]
async fn a_list_without_items_is_empty() {
    for answer in [
        page("{}"),
        page(r#"{"value":null}"#),
        page("\u{feff}{\"value\":null,\"nextLink\":null}"),
        page(r#"{"value":[]}"#),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    ] {
        let (outcome, ..) = listed(std::slice::from_ref(&answer)).await;
        assert_eq!(items(&outcome.unwrap()), 0, "{answer}");
    }
}

#[tokio::test]
async fn a_response_that_may_be_incomplete_is_an_error() {
    for body in [
        "",
        "<html>",
        "[]",
        r#"{"value":{}}"#,
        r#"{"value":[],"nextLink":1}"#,
        r#"{"value":[],"nextLink":{"href":"/x"}}"#,
        r#"{"items":[{"id":"a"}]}"#,
        r#"{"value":[],"$skipToken":"x"}"#,
        r#"{"id":"/subscriptions/s","name":"s"}"#,
        "{\"value\":[",
    ] {
        let (outcome, ..) = listed(&[page(body)]).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Answer, "{body}");
    }
}

#[tokio::test]
async fn too_many_values_are_refused() {
    let zeros = |count: usize| format!(r#"{{"value":[{}0]}}"#, "0,".repeat(count));
    let first = r#"{"nextLink":"?$skiptoken=x","value":["#.to_owned() + &"{},".repeat(300_000) + "{}]}";
    for answers in [vec![page(&zeros(1_100_000))], vec![page(&first), page(&zeros(500_000))]] {
        let (outcome, ..) = listed(&answers).await;
        let error = outcome.unwrap_err();
        assert!(error.why().unwrap().contains("more than 1000000 values"), "{error:?}");
        assert!(error.remedies()[0].contains("resource_type"), "{error:?}");
    }
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_requested() {
    let other = Server::answering(|_| ok("{}")).await;
    for next in [
        format!("http://management.localhost:{}/subscriptions/s/resources", other.port),
        "https://management.azure.com@evil.example/".to_owned(),
        "http://evil.example/subscriptions/s/resources".to_owned(),
        "//evil.example/subscriptions/s/resources".to_owned(),
        "/\\\\evil.example/subscriptions/s/resources".to_owned(),
        "/relative".to_owned(),
        "HOST/subscriptions/t/resources?$skiptoken=x".to_owned(),
        "HOST/subscriptions/s/resources/../../t/resources".to_owned(),
        "HOST/subscriptions/s/resources/x".to_owned(),
        "HOST/subscriptions/s".to_owned(),
        "HOST/subscriptions/s%2Fresources".to_owned(),
        "../providers/Microsoft.Authorization/roleAssignments".to_owned(),
    ] {
        let (outcome, server, _) = listed(&[page(&format!(r#"{{"value":[],"nextLink":"{next}"}}"#))]).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Forbidden, "{next}");
        assert_eq!(server.heard().requests.len(), 1, "{next}");
    }
    assert_eq!(other.heard().connections, 0);
}

#[tokio::test]
async fn a_next_page_is_requested_as_written() {
    let next = "/subscriptions/S/resources?$skiptoken=a%2Bb+c%20d&%24top=1&api-version=2";
    let (outcome, server, _) = listed(&[page(&format!(r#"{{"value":[],"nextLink":"HOST{next}"}}"#))]).await;
    let error = outcome.unwrap_err();
    assert!(error.summary().contains("loop"), "{error:?}");
    let requests = server.heard().requests;
    assert_eq!(requests.len(), 2);
    assert!(requests[1].starts_with(&format!("GET {next} HTTP/1.1\r\n")), "{}", requests[1]);
}

#[tokio::test]
async fn each_page_is_reported_with_its_own_url() {
    let first = r#"{"value":[],"nextLink":"?api-version=9&$skiptoken=abc"}"#;
    let broken = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_owned();
    let (outcome, server, bench) = listed(&[page(first), broken]).await;
    let base = format!("http://management.localhost:{}/subscriptions/s/resources", server.port);
    let expected = [format!("{base}?api-version=2021-04-01"), format!("{base}?api-version=9&$skiptoken=abc")];
    assert_eq!(told(&bench), expected);
    assert!(format!("{:?}", outcome.unwrap_err()).contains("skiptoken=abc"));
}

#[tokio::test]
async fn a_sensitive_query_is_redacted_for_every_page() {
    let server = Server::answering_in_turn(|_| {
        let next = r#"{"value":[],"nextLink":"?$filter=name%20eq%20%27HUNTER2%27&$skiptoken=abc"}"#;
        vec![ok(next), ok(r#"{"value":[]}"#)]
    })
    .await;
    let bench = with_arm(&server).await;
    let filter = Value::from("name eq 'hunter2'").with_marks(&Marks::sensitive("var.x"));
    bench.run("arm_list", &[("scope", SCOPE.into()), ("filter", filter)]).await.unwrap();
    let told = told(&bench);
    assert_eq!(told.len(), 2);
    assert!(told[1].ends_with("/subscriptions/s/resources?(sensitive)"), "{told:?}");
    assert!(!format!("{told:?}").to_lowercase().contains("hunter2"), "{told:?}");
}

/// Returns the ARM URLs in the progress events, in order.
fn told(bench: &Bench) -> Vec<String> {
    let progress = bench.progress.lock().unwrap();
    let sent = progress.iter().filter_map(|told| match told {
        Progress::Sent { url, .. } if url.contains("/subscriptions/") => Some(url.clone()),
        _ => None,
    });
    sent.collect()
}
