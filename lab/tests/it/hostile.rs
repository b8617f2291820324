use crate::client::{Request, exchange, exchange_and_end, parse};
use crate::jumpstart;

#[tokio::test]
async fn malformed_requests_get_an_error() {
    let lab = jumpstart().await;
    let long = "a".repeat(1 << 20);
    let host = "Host: management.localhost\r\nConnection: close\r\n\r\n";
    for text in [
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        format!("G\u{e4}T / HTTP/1.1\r\n{host}"),
        format!("GET /% HTTP/1.1\r\n{host}"),
        format!("GET /%ff%fe HTTP/1.1\r\n{host}"),
        format!("GET /?a=%f HTTP/1.1\r\n{host}"),
        format!("GET /?a=%ff HTTP/1.1\r\n{host}"),
        format!("GET /\u{fffd} HTTP/1.1\r\n{host}"),
        format!("GET /%00 HTTP/1.1\r\n{host}"),
        format!("GET /{long} HTTP/1.1\r\n{host}"),
        format!("GET / HTTP/1.1\r\nX: {long}\r\n{host}"),
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: \u{1}\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: \u{e4}\r\nConnection: close\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(),
        "CONNECT management.azure.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        format!("PUT / HTTP/1.1\r\nContent-Length: nine\r\n{host}"),
        format!("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{host}zz\r\n"),
    ] {
        for port in [lab.azure().port, lab.himds().port] {
            // A client that is disconnected while it still sends sees an error instead of the response.
            let Ok(bytes) = exchange(port, text.as_bytes()).await else { continue };
            if let Some(answer) = parse(&bytes, true) {
                assert!((400..500).contains(&answer.status), "{:.60}: {}", text, answer.status);
            }
        }
    }
    for text in ["", "\r\n\r\n\r\n", "GET / HTTP/1.1\r\nHost", "\u{16}\u{3}\u{1}"] {
        assert!(
            exchange_and_end(lab.azure().port, text.as_bytes()).await.is_ok_and(|answer| answer.len() < 1000)
        );
    }
    let alive = Request::to_himds(&lab, "/metadata/instance?api-version=2020-06-01").send().await;
    assert_eq!(alive.status, 200);
}

#[tokio::test]
async fn odd_paths_are_not_found() {
    let lab = jumpstart().await;
    let vault = lab.azure().vault("arcmi00000000");
    let blob = lab.azure().blob("arcmi00000000");
    let arm = crate::client::token(&lab, "https://management.azure.com").await;
    let secret = crate::client::token(&lab, "https://vault.azure.net").await;
    let storage = crate::client::token(&lab, "https://storage.azure.com").await;
    for path in [
        "",
        "/",
        "//",
        "///",
        "/providers",
        "/subscriptions/",
        "/subscriptions//",
        "/subscriptions/x/providers/a/b/c/d",
        "/subscriptions/00000000-0000-0000-0000-000000000000/providers/microsoft.authorization/roleassignments/x",
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/%2F/providers/a/b",
        "/providers/microsoft.authorization/roleassignments",
        "/secrets",
        "/secrets//",
        "/secrets/a/b/c",
        "/deletedsecrets",
        "/%E2%82%AC/%E2%82%AC",
        "/a//b",
        "/?comp=list",
        "/c?restype=container",
        "/c/b?comp=blocklist",
        "/c/b?comp=block&blockid=%E2",
    ] {
        for (base, token) in [(&lab.azure().arm, &arm), (&vault, &secret), (&blob, &storage)] {
            for method in ["GET", "PUT", "DELETE", "HEAD", "PATCH", "POST"] {
                for query in [
                    "api-version=2021-04-01",
                    "api-version=2021-04-01&$top=0&maxresults=0&marker=%C3%A9&$skiptoken=x",
                ] {
                    let joint = if path.contains('?') { '&' } else { '?' };
                    let request = Request::to_azure(&lab, method, &format!("{base}{path}{joint}{query}"));
                    let answer = request.bearer(token).header("x-ms-version", "2020-10-02").send().await;
                    assert!(answer.status < 500, "{method} {base}{path}: {}", answer.text());
                }
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_host_gets_the_list_of_hosts() {
    let lab = jumpstart().await;
    for url in ["http://example.com/", "http://localhost/", "http://127.0.0.1/x"] {
        let answer = Request::to_azure(&lab, "GET", url).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "HostNotFound"));
        assert!(answer.text().contains("NAME.vault.localhost"));
    }
}

#[tokio::test]
async fn request_bodies_have_a_size_limit() {
    let lab = jumpstart().await;
    let vault = lab.azure().vault("arcmi00000000");
    let request = Request::to_azure(&lab, "PUT", &format!("{vault}/secrets/x?api-version=7.2"));
    // The response may arrive while the body is still being sent.
    if let Ok(answer) = request.body(vec![b' '; 2 << 20]).try_send().await {
        assert_eq!(answer.status, 413);
    }
}
