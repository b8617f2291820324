use std::time::Duration;

use arcbook_lab::{Lab, Options, World};

use crate::client::{Request, challenge_path, exchange, token, token_target};
use crate::{JUMPSTART, SUBSCRIPTION, jumpstart};

fn tags(lab: &Lab) -> Request {
    Request::to_azure(
        lab,
        "GET",
        &format!("{}{SUBSCRIPTION}/tagNames?api-version=2021-04-01", lab.azure().arm),
    )
}

#[tokio::test]
async fn a_status_fault_can_have_a_retry_header() {
    let lab = jumpstart().await;
    let token = token(&lab, "https://management.azure.com").await;
    for (fault, header, value) in [
        ("arm:429:retry-after=7", "retry-after", Some("7")),
        ("arm:503:retry-after-ms=20", "retry-after-ms", Some("20")),
        ("arm:500", "retry-after", None),
    ] {
        lab.inject(fault.parse().unwrap());
        let answer = tags(&lab).bearer(&token).send().await;
        assert!(fault.contains(&answer.status.to_string()) && answer.json()["error"]["code"].is_string());
        assert_eq!(answer.header(header), value);
        assert_eq!(tags(&lab).bearer(&token).send().await.status, 200, "once, and it is over");
    }
    lab.inject("arm:429:retry-after-date=5".parse().unwrap());
    assert!(tags(&lab).send().await.header("retry-after").unwrap().ends_with("GMT"));
}

#[tokio::test]
async fn each_service_refuses_in_its_own_format() {
    let lab = jumpstart().await;
    lab.inject("any:503:times=always".parse().unwrap());
    let blob = Request::to_azure(&lab, "GET", &lab.azure().blob("arcmi00000000")).send().await;
    assert_eq!((blob.status, blob.header("x-ms-error-code")), (503, Some("ServerBusy")));
    let vault = Request::to_azure(&lab, "GET", &lab.azure().vault("arcmi00000000")).send().await;
    assert_eq!((vault.status, vault.code().as_str()), (503, "ServiceUnavailable"));
    let himds = Request::to_himds(&lab, "/metadata/instance").send().await;
    assert!(himds.status == 503 && himds.json()["error_description"].is_string());
}

#[tokio::test]
async fn a_refused_upload_is_read_completely() {
    let lab = jumpstart().await;
    lab.inject("blob:503:retry-after=1".parse().unwrap());
    let url = format!("{}/files/large", lab.azure().blob("arcmi00000000"));
    let answer = Request::to_azure(&lab, "PUT", &url).body(vec![0; 8 << 20]).send().await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
}

#[tokio::test]
async fn connections_are_reset_and_responses_truncated() {
    let lab = jumpstart().await;
    let arm = token(&lab, "https://management.azure.com").await;
    lab.inject("arm:reset".parse().unwrap());
    let error = tags(&lab).bearer(&arm).try_send().await.unwrap_err();
    // Wine ends a connection in place of resetting it.
    assert!(error.kind() == std::io::ErrorKind::ConnectionReset || cfg!(windows), "{error}");
    lab.inject("arm:truncate".parse().unwrap());
    assert!(tags(&lab).bearer(&arm).try_send().await.is_err());
    let storage = token(&lab, "https://storage.azure.com").await;
    let create = || {
        let url = format!("{}/files?restype=container", lab.azure().blob("arcmi00000000"));
        Request::to_azure(&lab, "PUT", &url).bearer(&storage).header("x-ms-version", "2020-10-02")
    };
    lab.inject("blob:reset:method=PUT".parse().unwrap());
    lab.inject("blob:lost-answer:method=PUT".parse().unwrap());
    assert!(create().try_send().await.is_err());
    assert!(create().try_send().await.is_err());
    assert_eq!(create().send().await.status, 409, "the second was carried out, the first was not");
    let changed: Vec<_> =
        lab.requests().iter().filter(|request| request.changed).map(|request| request.status).collect();
    assert_eq!(changed, [None], "a lost answer changed something, and has no status");
}

// Wine ends a connection in place of resetting it.
#[cfg(unix)]
#[tokio::test]
async fn a_connection_that_would_stay_open_is_reset_too() {
    let lab = jumpstart().await;
    lab.inject("himds:lost-answer".parse().unwrap());
    let request =
        "GET /metadata/instance?api-version=2020-06-01 HTTP/1.1\r\nHost: localhost\r\nMetadata: true\r\n\r\n";
    let error = exchange(lab.himds().port, request.as_bytes()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn responses_can_be_delayed_or_slow() {
    let lab = jumpstart().await;
    for (fault, at_least) in [("himds:delay:ms=60", 60), ("himds:slow-body:ms=80", 80)] {
        lab.inject(fault.parse().unwrap());
        let start = std::time::Instant::now();
        let answer = Request::to_himds(&lab, "/metadata/instance?api-version=2020-06-01").send().await;
        assert_eq!(answer.json()["compute"]["name"], "ArcBox-Ubuntu-01");
        assert!(start.elapsed() >= Duration::from_millis(at_least), "{fault} {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn every_request_waits_for_the_latency() {
    let options = Options { latency: Duration::from_millis(40), ..Options::default() };
    let lab = Lab::start(World::load(JUMPSTART).unwrap(), options).await.unwrap();
    let start = std::time::Instant::now();
    Request::to_himds(&lab, "/metadata/instance").send().await;
    assert!(start.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn himds_faults_apply() {
    let lab = jumpstart().await;
    let target = token_target("https://management.azure.com");
    let challenge = || async { challenge_path(&Request::to_himds(&lab, &target).send().await) };
    let redeem = |path: String| {
        let key = std::fs::read_to_string(path).unwrap();
        Request::to_himds(&lab, &target).header("Authorization", &format!("Basic {key}")).send()
    };
    lab.inject("himds:missing-key".parse().unwrap());
    assert!(!std::path::Path::new(&challenge().await).exists());
    for fault in ["himds:stale-key", "himds:refused-key"] {
        lab.inject(fault.parse().unwrap());
        let refused = redeem(challenge().await).await;
        let fresh = challenge_path(&refused);
        assert_eq!(redeem(fresh).await.status, 200, "{fault}: the fresh challenge is good");
    }
    lab.inject("himds:expired-token".parse().unwrap());
    let expired = token(&lab, "https://management.azure.com").await;
    let answer = tags(&lab).bearer(&expired).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "ExpiredAuthenticationToken"));
}

#[tokio::test]
async fn something_else_answers_in_place_of_the_service() {
    let lab = jumpstart().await;
    let storage = token(&lab, "https://storage.azure.com").await;
    let create = || {
        let url = format!("{}/files?restype=container", lab.azure().blob("arcmi00000000"));
        Request::to_azure(&lab, "PUT", &url).bearer(&storage).header("x-ms-version", "2020-10-02")
    };
    for (fault, status, is_page) in
        [("blob:html", 200, true), ("blob:html:status=502", 502, true), ("blob:garbage", 200, false)]
    {
        lab.inject(fault.parse().unwrap());
        let answer = create().send().await;
        assert_eq!((answer.status, answer.header("x-ms-request-id")), (status, None), "{fault}");
        assert_eq!(answer.header("content-type") == Some("text/html; charset=utf-8"), is_page, "{fault}");
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err(), "{fault}");
        assert!(lab.requests().iter().all(|request| !request.changed), "{fault}: nothing is carried out");
    }
    lab.inject("any:html:times=always".parse().unwrap());
    lab.clear_faults();
    assert_eq!(create().send().await.status, 201);
}
