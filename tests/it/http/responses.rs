//! Responses as values and as files.

use serde_json::{Value as Json, json as value};

use super::requests::{place, run};
use super::server::{Response, Server, json};
use crate::support::{self, Place};

/// Returns the outputs of the step in the last run.
fn outputs(place: &Place) -> Json {
    let shown = place.run(&["show", "-json"]);
    let lines = shown.out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let done = lines.into_iter().find(|event| event["event"] == "step_finished");
    done.unwrap_or_else(|| panic!("no step is done: {}", shown.out))["outputs"]["value"].clone()
}

fn typed(content_type: &str, body: &[u8]) -> Response {
    (
        200,
        vec![("content-type", content_type.to_owned()), ("x-a", "1".to_owned()), ("X-A", "2".to_owned())],
        body.to_vec(),
    )
}

#[test]
fn a_response_becomes_a_value() {
    let server = Server::start(|request, _| match request.line.rsplit('/').next().unwrap_or_default() {
        "json" => typed("application/json; charset=utf-8", b"{\"a\": [1.50, null]}"),
        "problem" => typed("application/problem+json", b"[1]"),
        "marked" => typed("application/json", b"\xef\xbb\xbf1"),
        "text" => typed("text/plain", b"1"),
        "binary" => typed("application/octet-stream", b"\xff\x00"),
        "bad" => typed("application/json", b"{\"secret"),
        _ => (204, Vec::new(), Vec::new()),
    });
    for (path, rest, body, base64) in [
        ("json", "", value!({"a": [1.5, null]}), Json::Null),
        ("problem", "", value!([1]), Json::Null),
        ("marked", "", value!(1), Json::Null),
        ("text", "", value!("1"), Json::Null),
        ("text", "parse = \"json\"", value!(1), Json::Null),
        ("json", "parse = \"text\"", value!("{\"a\": [1.50, null]}"), Json::Null),
        ("binary", "", Json::Null, value!("/wA=")),
    ] {
        let place = place(&server, &format!("url = \"http://localhost:PORT/{path}\"\n{rest}"));
        let ran = run(&place);
        assert_eq!(ran.code, Some(0), "{path}: {}", ran.seen());
        let outputs = outputs(&place);
        assert_eq!((&outputs["body"], &outputs["content_base64"]), (&body, &base64), "{path} {rest}");
        assert_eq!((&outputs["status"], &outputs["headers"]["x-a"]), (&value!(200), &value!("1, 2")));
    }
    let bad = run(&place(&server, "url = \"http://localhost:PORT/bad\""));
    assert!(bad.code == Some(1) && bad.err.contains("cannot be used"), "{}", bad.seen());
    assert!(!bad.seen().contains("secret"), "{}", bad.seen());
}

#[test]
fn a_response_is_held_to_what_is_expected() {
    let server = Server::start(|request, _| match request.line.rsplit('/').next().unwrap_or_default() {
        "missing" => json(404, "{\"error\": {\"code\": \"Gone\", \"message\": \"It is gone.\"}}"),
        "moved" => (302, vec![("location", "https://elsewhere.test/x?key=secret".to_owned())], Vec::new()),
        _ => json(200, "{\"state\": \"starting\", \"items\": []}"),
    });
    for (path, rest, expected) in [
        ("x", "expect {\n status = [200]\n}", None),
        ("x", "expect {\n status = [201]\n}", Some("`expect` lists the statuses")),
        ("missing", "", Some("404 Gone")),
        ("missing", "expect {\n status = [200, 404]\n}", None),
        ("moved", "", Some("It leads to https://elsewhere.test/x. ")),
        ("moved", "", Some("redirects are not followed")),
        ("moved", "expect {\n status = [302]\n}", None),
        ("x", "expect {\n condition = \"body.state == 'starting' && status == `200`\"\n}", None),
        ("x", "expect {\n condition = \"headers.\\\"content-type\\\" == 'application/json'\"\n}", None),
        ("x", "expect {\n condition = \"body.state == 'ready'\"\n}", Some("is not true of it")),
        ("x", "expect {\n condition = \"body.items\"\n}", Some("is not true of it")),
        ("x", "expect {\n condition = \"body.none\"\n}", Some("is not true of it")),
    ] {
        let place = place(&server, &format!("url = \"http://localhost:PORT/{path}\"\n{rest}"));
        let ran = run(&place);
        match expected {
            None => assert_eq!(ran.code, Some(0), "{path} {rest}: {}", ran.seen()),
            Some(expected) => {
                let told = ran.err.replace("\n  ", " ");
                assert!(ran.code == Some(1) && told.contains(expected), "{path} {rest}: {}", ran.seen());
            }
        }
    }
    // A change whose response is not the expected one was made all the same.
    let post = place(
        &server,
        "url = \"http://localhost:PORT/y\"\nmethod = \"POST\"\nexpect {\n condition = \"body.none\"\n}",
    );
    let ran = run(&post);
    assert!(ran.code == Some(1) && ran.seen().contains("unconfirmed"), "{}", ran.seen());
}

#[test]
fn a_response_goes_to_a_file() {
    let bytes: Vec<u8> = b"\xef\xbb\xbf\x00\xff".iter().copied().cycle().take(100_000).collect();
    let sent = bytes.clone();
    let server = Server::start(move |_, _| typed("application/json", &sent));
    for (rest, mode) in [("", 0o600), ("mode = \"0640\"", 0o640)] {
        let place = place(&server, &format!("url = \"http://localhost:PORT/x\"\nsave_to = \"got\"\n{rest}"));
        place.write("got", "old");
        let planned = place.run(&["plan"]);
        assert!(planned.out.contains("Changes"), "{}", planned.out);
        let ran = run(&place);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let path = place.path().join("got");
        assert_eq!(std::fs::read(&path).expect("a file"), bytes);
        // Windows has no group that could read it: there the file has the permissions of its directory.
        assert_eq!(support::mode(&path), if cfg!(windows) && mode == 0o640 { 0o644 } else { mode });
        let outputs = outputs(&place);
        assert_eq!((&outputs["body"], &outputs["size"]), (&Json::Null, &value!(100_000)));
        let mut names = std::fs::read_dir(place.path()).expect("a directory").flatten();
        let is_rest = |name: std::ffi::OsString| name.to_string_lossy().starts_with(".got");
        assert!(!names.any(|entry| is_rest(entry.file_name())), "the temporary file is gone");
    }
    let before = server.lines().len();
    for (rest, expected) in [
        ("save_to = \"got\"\nmax_bytes = 99999", "longer than 99999 bytes"),
        ("save_to = \"sub\"", "that of a directory"),
        ("save_to = \"none/got\"", "does not exist"),
    ] {
        let place = place(&server, &format!("url = \"http://localhost:PORT/x\"\nmethod = \"POST\"\n{rest}"));
        std::fs::create_dir(place.path().join("sub")).expect("made");
        let ran = run(&place);
        assert!(ran.code == Some(1) && ran.seen().contains(expected), "{rest}: {}", ran.seen());
        assert!(!place.path().join("got").exists());
    }
    assert_eq!(server.lines().len() - before, 1, "a target that cannot be replaced is found before");
}
