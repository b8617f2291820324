use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};

use super::*;

fn read(body: &str) -> Envelope {
    let response =
        HttpResponse { status: 400, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) };
    Envelope::read(&response)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_shape_of_an_error_is_understood() {
    for (body, codes, message) in [
        // ARM, with and without its envelope.
        (
            r#"{"error":{"code":"AuthorizationFailed","message":"The client"}}"#,
            "AuthorizationFailed",
            "The client",
        ),
        ("\u{FEFF} {\"error\":{\"code\":\"A\",\"message\":\"b\"}}", "A", "b"),
        (r#"{"code":"X","message":"y"}"#, "X", "y"),
        (r#"{"Code":"X","Message":"y"}"#, "X", "y"),
        (r#"{"Error":{"Code":"X","Message":"y"}}"#, "X", "y"),
        (r#"{"error":{"code":1,"message":null}}"#, "", ""),
        (r#"{"error":{"message":"only words"}}"#, "", "only words"),
        (r#"{"statusCode":401,"message":"Access denied"}"#, "", "Access denied"),
        (
            r#"{"Message":"An error has occurred.","ExceptionMessage":"why"}"#,
            "",
            "An error has occurred. why",
        ),
        // Causes at any depth: the deepest is named.
        (
            r#"{"error":{"code":"Forbidden","message":"Caller\r\nis\u001b[31m","innererror":{"code":"ForbiddenByRbac"}}}"#,
            "Forbidden ForbiddenByRbac",
            r"Caller is\u{1b}[31m",
        ),
        (
            r#"{"error":{"code":"A","message":"a.","details":[{"code":"B","message":"b","details":[{"code":"C","target":"/x","message":"c."}]},{"code":"D","message":"d"}]}}"#,
            "A B C",
            "a. C (/x): c. D: d",
        ),
        (
            r#"{"error":{"code":"A","message":"a","innererror":{"code":"B","innererror":{"code":"C","message":"c"}}}}"#,
            "A B C",
            "a. C: c",
        ),
        (r#"{"error":{"code":"A","message":"{\"error\":{\"code\":\"B\",\"message\":\"b\"}}"}}"#, "A B", "b"),
        (
            r#"{"error":{"code":"A","message":"a","details":[{"message":"1"},{"message":"2"},{"message":"3"},{"message":"4"},{"message":"5"}]}}"#,
            "A",
            "a. 1. 2. 3. and 2 more",
        ),
        (r#"{"error":{"code":"A","message":"a","details":null}}"#, "A", "a"),
        // The agent, Entra, OData, gateways, registries, problem details.
        (r#"{"error":"invalid_resource","error_description":"no"}"#, "invalid_resource", "no"),
        (r#"{"error":"plain words, no code"}"#, "", "plain words, no code"),
        (r#"{"odata.error":{"code":"X","message":{"lang":"en-US","value":"y"}}}"#, "X", "y"),
        (
            r#"{"fault":{"faultstring":"no key","detail":{"errorcode":"oauth.v2.Bad"}}}"#,
            "oauth.v2.Bad",
            "no key",
        ),
        (r#"{"errors":[{"code":"UNAUTHORIZED","message":"log in"}]}"#, "UNAUTHORIZED", "log in"),
        (r#"{"errors":{"name":["is too long"]}}"#, "", "is too long"),
        (r#"[{"error":{"code":"X","message":"y"}}]"#, "X", "y"),
        (r#"[{"code":"X","message":"y"},{"code":"Z"}]"#, "X", "y. Z"),
        (r#"["a","b"]"#, "", "a. b"),
        (
            r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"not you","instance":"/x"}"#,
            "",
            "Forbidden. not you",
        ),
        (r#""just words""#, "", "just words"),
        (r#""{\"code\":\"X\",\"message\":\"y\"}""#, "X", "y"),
        ("busy\nnow", "", "busy now"),
        ("{", "", "{"),
        ("3", "", ""),
        ("", "", ""),
        // Storage and other XML.
        (
            "\u{FEFF}<?xml version=\"1.0\"?><Error><Code>Bad</Code><Message>words\nRequestId:1\nTime:2</Message>\
             <AuthenticationErrorDetail>late</AuthenticationErrorDetail></Error>",
            "Bad",
            "words late",
        ),
        (
            "<Error><Code>InvalidHeaderValue</Code><Message>bad &quot;x&quot; &amp; y</Message>\
             <HeaderName>x-ms-version</HeaderName><HeaderValue>canary</HeaderValue></Error>",
            "InvalidHeaderValue",
            "bad \"x\" & y HeaderName: x-ms-version",
        ),
        (
            "<m:error xmlns:m=\"x\"><m:code>X</m:code><m:message xml:lang=\"en\"><![CDATA[a < b]]></m:message></m:error>",
            "X",
            "a < b",
        ),
        ("<Error><Code>x", "x", ""),
        ("<Error/>", "", ""),
    ] {
        let envelope = read(body);
        let message = (!message.is_empty()).then(|| message.to_owned());
        assert_eq!((envelope.codes.join(" "), envelope.message), (codes.to_owned(), message), "{body}");
        assert!(!envelope.is_page, "{body}");
    }
}

#[test]
fn of_several_causes_code_and_words_are_of_one() {
    for (body, exact, message, own) in [
        (
            r#"{"errors":[{"code":"AuthorizationFailed","message":"no role here"},{"code":"InvalidResourceType","message":"bad type"}]}"#,
            "AuthorizationFailed",
            "no role here. InvalidResourceType: bad type",
            "no role here",
        ),
        (r#"[{"code":"E1","message":"m1"},{"code":"E2","message":"m2"}]"#, "E1", "m1. E2: m2", "m1"),
        (
            r#"[{"message":"1"},{"message":"2"},{"message":"3"},{"message":"4"},{"message":"5"}]"#,
            "",
            "1. 2. 3. and 2 more",
            "1",
        ),
        (
            r#"{"error":{"code":"A","message":"a","details":[{"code":"D","message":"d"},{"code":"B","message":"b","details":[{"code":"C","message":"c"}]}]}}"#,
            "C",
            "a. C: c. D: d",
            "a b c",
        ),
        (
            r#"{"error":{"code":"A","message":"a","details":[{"code":"B","message":"b","innererror":{"code":"B2"}},{"code":"C","message":"c","innererror":{"code":"C2"}}]}}"#,
            "B2",
            "a. B: b. C2: c",
            "a b",
        ),
        (
            r#"{"error":{"code":"A","message":"a","details":[{"code":"B","message":"b"},{"code":"C","target":"t"},{"code":"D","message":"d"},{"code":"E","message":"e"}]}}"#,
            "B",
            "a. B: b. C (t). D: d. and 1 more",
            "a b",
        ),
        (
            r#"{"errors":[{"code":"A","message":"a"},{"code":"B","message":"b","innererror":{"code":"C","message":"c"}}]}"#,
            "C",
            "b. C: c. A: a",
            "b c",
        ),
        (r#"[{"code":"A","message":"same"},{"code":"A","message":"same"}]"#, "A", "same", "same"),
    ] {
        let envelope = read(body);
        let told = (envelope.exact().unwrap_or_default(), envelope.message.as_deref());
        assert_eq!((told, envelope.own.as_str()), ((exact, Some(message)), own), "{body}");
    }
}

#[test]
fn a_page_gives_its_title() {
    for (body, title) in [
        ("<html><head><TITLE>\n 403 Forbidden </TITLE></head><body>nginx</body>", "403 Forbidden"),
        ("<!DOCTYPE html><title lang=en>Sign in &amp; go</title>", "Sign in & go"),
        (
            "<?xml version=\"1.0\"?><html xmlns=\"x\"><body><h1>Blocked by <b>Proxy</b></h1>",
            "Blocked by Proxy",
        ),
        ("<!-- Squid --><HTML><BODY><H2>Service Unavailable</H2>", "Service Unavailable"),
        ("<html><title>\u{202E}evil\u{1b}[31m</title>", r"\u{202e}evil\u{1b}[31m"),
        ("<html><body>nginx</body>", ""),
        ("<html><title>cut", ""),
    ] {
        let envelope = read(body);
        assert_eq!(
            (envelope.message.unwrap_or_default().as_str(), envelope.is_page),
            (title, true),
            "{body}"
        );
    }
    let headers = HeaderMap::from_iter([(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("Text/HTML; charset=utf-8"),
    )]);
    let response = HttpResponse { status: 403, headers, body: Bytes::from_static(b"<center><h1>No</h1>") };
    let Envelope { is_page, message, .. } = Envelope::read(&response);
    assert_eq!((is_page, message.as_deref()), (true, Some("No")));
}

#[test]
fn a_policy_is_read_from_wherever_it_is_named() {
    let info = r#"[{"type":"PolicyViolation","info":{"policyAssignmentDisplayName":"Allowed places","policyDefinitionName":"x"}}]"#;
    let newer = r#"[{"type":"PolicyViolation","info":{"policyAssignment":{"name":"a1","displayName":"No keys"},"policyDefinition":{"name":"d"}}}]"#;
    for (body, expected) in [
        (
            format!(
                r#"{{"error":{{"code":"RequestDisallowedByPolicy","message":"m","additionalInfo":{info}}}}}"#
            ),
            "Allowed places",
        ),
        (
            format!(r#"{{"error":{{"code":"A","details":[{{"code":"B","additionalInfo":{newer}}}]}}}}"#),
            "No keys",
        ),
        (
            r#"{"error":{"additionalInfo":[{"type":"Other","info":{"policyAssignmentName":"n"}}]}}"#
                .to_owned(),
            "",
        ),
    ] {
        assert_eq!(read(&body).policies.join(" "), expected, "{body}");
    }
}

#[test]
fn the_header_of_storage_comes_first() {
    let mut headers = HeaderMap::new();
    headers.insert("x-ms-error-code", HeaderValue::from_static("BlobNotFound"));
    let response = HttpResponse { status: 404, headers, body: Bytes::new() };
    assert_eq!(Envelope::read(&response).exact(), Some("BlobNotFound"));
    let body = br#"{"error":{"code":"Forbidden","innererror":{"code":"BlobNotFound"}}}"#;
    let response = HttpResponse { body: Bytes::from_static(body), ..response };
    assert_eq!(Envelope::read(&response).exact(), Some("BlobNotFound"), "the body tells its place");
}

#[test]
fn foreign_text_is_bounded() {
    assert_eq!(clean(&"ü".repeat(5000)).chars().count(), LONGEST + 1);
    assert_eq!(clean("a\u{202E}b"), r"a\u{202e}b");
    assert_eq!(read(&"x".repeat(LARGEST + 1)), Envelope::default());
    let deep = format!("{}1{}", r#"{"details":["#.repeat(100_000), "]}".repeat(100_000));
    assert!(read(&deep).codes.is_empty());
}
