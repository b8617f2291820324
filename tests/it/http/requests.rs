//! The requests that are sent, and those that are not.

use super::server::{Server, json};
use crate::support::{Place, Ran, repository};

/// Returns a place with one step, in which `PORT` is that of the server.
pub fn place(server: &Server, arguments: &str) -> Place {
    let arguments = arguments.replace("PORT", &server.port.to_string());
    Place::with(&format!(
        "variable \"key\" {{\n  type      = string\n  sensitive = true\n  default   = \"k3y-of-the-service\"\n}}\n\nstep \"http\" \"a\" {{\n{arguments}\n}}\n"
    ))
}

pub fn run(place: &Place) -> Ran {
    place.run(&["run", "-auto-approve"])
}

#[test]
fn a_request_is_sent_as_it_is_written() {
    let server = Server::start(|_, _| json(200, "{}"));
    for (arguments, line, headers, body) in [
        (
            "url = \"http://localhost:PORT/x?y=1\"",
            "GET /x?y=1",
            &[("authorization", ""), ("content-type", "")][..],
            "",
        ),
        (
            "url = \"http://localhost:PORT/h\"\nheaders = { X-Key = var.key, Accept = \"text/plain\" }",
            "GET /h",
            &[("x-key", "k3y-of-the-service"), ("accept", "text/plain")],
            "",
        ),
        (
            "url = \"http://127.0.0.1:PORT/j\"\nmethod = \"POST\"\njson = { b = [1, null, \"x\"], a = 12345678901234567890 }",
            "POST /j",
            &[("content-type", "application/json")],
            "{\"a\":12345678901234567890,\"b\":[1,null,\"x\"]}",
        ),
        (
            "url = \"http://localhost:PORT/f\"\nmethod = \"PUT\"\nform = { \"a b\" = \"c&d=ü\", e = \"\" }",
            "PUT /f",
            &[("content-type", "application/x-www-form-urlencoded")],
            "a+b=c%26d%3D%C3%BC&e=",
        ),
        (
            "url = \"http://localhost:PORT/t\"\nmethod = \"PATCH\"\ntext = \"a\\nb\"\ncontent_type = \"text/csv\"",
            "PATCH /t",
            &[("content-type", "text/csv")],
            "a\nb",
        ),
        ("url = \"http://localhost:PORT/d\"\nmethod = \"DELETE\"", "DELETE /d", &[], ""),
        ("url = \"http://localhost:PORT/o\"\nmethod = \"OPTIONS\"", "OPTIONS /o", &[], ""),
        ("url = \"http://localhost:PORT/p\"\nmethod = \"PURGE\"", "PURGE /p", &[], ""),
        ("url = \"http://localhost:PORT/e\"\nmethod = \"HEAD\"", "HEAD /e", &[], ""),
        (
            "url = \"http://localhost:PORT/b\"\nheaders = { Authorization = \"Basic ${var.key}\" }",
            "GET /b",
            &[("authorization", "Basic k3y-of-the-service")],
            "",
        ),
    ] {
        let place = place(&server, arguments);
        for arguments in [&["plan", "-requests"][..], &["run", "-auto-approve"], &["show", "-verbose"]] {
            let ran = place.run(arguments);
            assert_eq!(ran.code, Some(0), "{line}: {}", ran.seen());
            assert!(!ran.seen().contains("k3y-of"), "{}", ran.seen());
        }
        let received = server.received().pop().expect("a request");
        assert_eq!((received.line.as_str(), received.body.as_str()), (line, body));
        for (name, value) in headers {
            assert_eq!(received.header(name).unwrap_or_default(), *value, "{line} {name}");
        }
        let files = place.files();
        assert!(files.iter().all(|(path, bytes)| {
            path.ends_with("main.runbook.hcl") || !String::from_utf8_lossy(bytes).contains("k3y-of")
        }));
    }
    assert_eq!(server.lines().len(), 10, "each request is sent once");
}

#[test]
fn the_effect_follows_from_the_method_unless_an_argument_says_otherwise() {
    // The response gets lost, then there is one.
    let server =
        Server::start(|_, count| if count == 1 { (0, Vec::new(), Vec::new()) } else { json(200, "{}") });
    for (arguments, effect, sent) in [
        ("", "reads", 2),
        ("method = \"PUT\"", "changes", 2),
        ("method = \"DELETE\"", "changes", 2),
        ("method = \"POST\"", "changes", 1),
        ("method = \"PURGE\"", "changes", 1),
        ("method = \"POST\"\neffect = \"reads\"", "reads", 2),
        ("method = \"POST\"\nidempotent = true", "changes", 2),
        ("method = \"PUT\"\nidempotent = false", "changes", 1),
        ("effect = \"changes\"", "changes", 1),
    ] {
        let path = arguments.replace(|next: char| !next.is_ascii_alphanumeric(), "-");
        let place = place(&server, &format!("url = \"http://localhost:PORT/{path}\"\n{arguments}"));
        let plan = place.run(&["plan", "-json"]).plan();
        assert_eq!(plan["steps"][0]["effect"], effect, "{arguments}");
        let ran = run(&place);
        let lines: Vec<String> = server.lines();
        let all = lines.iter().filter(|line| line.ends_with(&format!("/{path}"))).count();
        assert_eq!((ran.code == Some(0), all), (sent == 2, sent), "{arguments}: {}", ran.seen());
        assert_eq!(ran.seen().contains("unconfirmed"), sent == 1, "{arguments}: {}", ran.seen());
    }
}

#[cfg(unix)]
#[test]
fn only_this_machine_is_asked_without_tls_unless_an_argument_says_so() {
    let server = Server::start(|_, _| json(200, "{}"));
    // The address of all interfaces is no loopback address, and leads here.
    let refused = place(&server, "url = \"http://0.0.0.0:PORT/x\"");
    let ran = run(&refused);
    assert!(ran.code != Some(0) && ran.err.contains("does not use TLS"), "{}", ran.seen());
    assert!(ran.err.contains("allow_plain_http"), "{}", ran.seen());
    let allowed = place(&server, "url = \"http://0.0.0.0:PORT/x\"\nallow_plain_http = true");
    let planned = allowed.run(&["plan"]);
    assert!(planned.out.contains("Reads") && planned.out.contains("/x without TLS"), "{}", planned.out);
    let json = allowed.run(&["plan", "-json"]).plan();
    assert_eq!(json["steps"][0]["actions"][0]["plain_http"], true);
    let ran = run(&allowed);
    assert_eq!((ran.code, server.lines()), (Some(0), vec!["GET /x".to_owned()]), "{}", ran.seen());
    // It means nothing for a URL with TLS.
    let secure = place(&server, "url = \"https://a.test/\"\nallow_plain_http = true");
    assert!(!secure.run(&["plan"]).out.contains("without TLS"));
    // A URL that is not known yet is held to the plan.
    let later = "step \"exec\" \"u\" {\n  argv = [\"printf\", \"http://0.0.0.0:PORT/later\"]\n  effect = \"reads\"\n}\n\nstep \"http\" \"b\" {\n  url = step.exec.u.stdout\nREST}\n";
    let (whole, base) = ("step.exec.u.stdout", "\"${step.exec.u.stdout}/more\"");
    let allow = "  allow_plain_http = true\n";
    for (url, rest, expected) in [(whole, "", false), (whole, allow, true), (base, allow, true)] {
        let later = later.replace("step.exec.u.stdout", url).replace("REST", rest);
        let place = Place::with(&later.replace("PORT", &server.port.to_string()));
        let ran = run(&place);
        assert_eq!(ran.code == Some(0), expected, "{}", ran.seen());
        assert_eq!(place.run(&["plan"]).out.contains("without TLS"), expected);
    }
    assert_eq!(server.lines(), ["GET /x", "GET /later", "GET /later/more"]);
}

#[test]
fn a_token_goes_to_hosts_of_its_audience_alone() {
    for (arguments, expected) in [
        (
            "url = \"https://management.azure.com/subscriptions?api-version=2022-12-01\"\naudience = \"https://management.azure.com\"",
            None,
        ),
        (
            "url = \"https://a.test/\"\naudience = \"https://management.azure.com\"",
            Some("may be sent only to"),
        ),
        (
            "url = \"https://kv.vault.azure.net/\"\naudience = \"https://management.azure.com\"",
            Some("may be sent only to"),
        ),
        ("url = \"https://a.test/\"\naudience = \"https://a.test\"", Some("no host of AzureCloud accepts")),
        (
            "url = \"http://management.azure.com/\"\naudience = \"https://management.azure.com\"\nallow_plain_http = true",
            Some("a token never crosses a network without TLS"),
        ),
        (
            "url = \"https://management.azure.com/\"\naudience = \"https://management.azure.com\"\nheaders = { authorization = \"x\" }",
            Some("must not be set with `audience`"),
        ),
    ] {
        let place = Place::with(&format!("step \"http\" \"a\" {{\n{arguments}\n}}\n"));
        let planned = place.run(&["plan", "-requests"]);
        match expected {
            None => {
                assert!(planned.out.contains("token for https://management.azure.com"), "{}", planned.seen());
            }
            Some(expected) => {
                let told = planned.err.replace("\n  ", " ");
                assert!(
                    planned.code != Some(0) && told.contains(expected),
                    "{arguments}: {}",
                    planned.seen()
                );
            }
        }
    }
}

#[test]
fn arguments_that_cannot_work_are_errors_of_the_runbook() {
    for (arguments, expected) in [
        ("url = \"localhost\"", "must be a URL"),
        ("url = \"ftp://a.test/\"", "must be a URL"),
        ("url = \"https://u:p@a.test/\"", "must not contain a user or a password"),
        ("url = \"https://a.test/#x\"", "fragment"),
        ("url = \"https://a.test/\"\nmethod = \"get\"", "must be a method"),
        ("url = \"https://a.test/\"\nmethod = \"CONNECT\"", "must not be CONNECT"),
        ("url = \"https://a.test/\"\njson = 1\ntext = \"x\"", "`json`"),
        ("url = \"https://a.test/\"\ncontent_type = \"x\"", "without a body"),
        ("url = \"https://a.test/\"\nmode = \"0600\"", "`save_to`"),
        ("url = \"https://a.test/\"\nheaders = { \"a b\" = \"x\" }", "must be the name of a header"),
        ("url = \"https://a.test/\"\nheaders = { Host = \"x\" }", "must not be set"),
        ("url = \"https://a.test/\"\nheaders = { a = \"x\\ny\" }", "control characters"),
        ("url = \"https://a.test/\"\nheaders = { a = \"x\", A = \"y\" }", "a name twice"),
        ("url = \"https://a.test/\"\nexpect {\n  condition = \"[\"\n}", "JMESPath"),
        ("url = \"https://a.test/\"\nexpect {\n  status = [99]\n}", "100 to 599"),
    ] {
        let place = Place::with(&format!("step \"http\" \"a\" {{\n{arguments}\n}}\n"));
        let planned = place.run(&["plan"]);
        let told = planned.err.replace("\n  ", " ");
        assert!(planned.code != Some(0) && told.contains(expected), "{arguments}: {}", planned.seen());
    }
}

#[test]
fn a_runbook_asks_a_service_tells_it_something_and_keeps_a_page() {
    let server = Server::start(|request, _| match request.line.as_str() {
        "GET /health" => json(200, "{\"state\": \"ready\", \"version\": \"1.2\"}"),
        "POST /notes" => (201, vec![("Location", "/notes/1".to_owned())], Vec::new()),
        _ => (200, vec![("content-type", "text/html".to_owned())], b"<p>".to_vec()),
    });
    let place = Place::new();
    let text = std::fs::read_to_string(repository().join("tests/it/http/service.runbook.hcl")).expect("text");
    place.write("http.runbook.hcl", text);
    let service = format!("service=http://localhost:{}", server.port);
    let ran = place.run(&["run", "-auto-approve", "-var", &service]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("1.2") && ran.out.contains("/notes/1"), "{}", ran.out);
    assert_eq!(std::fs::read_to_string(place.path().join("page.html")).ok().as_deref(), Some("<p>"));
    let note = server.received().into_iter().find(|request| request.line == "POST /notes").expect("a note");
    assert_eq!(note.body, "{\"by\":\"arcbook\",\"version\":\"1.2\"}");
}

/// A value that a step finds leads to no other path and adds no parameter: the plan shows where a request goes.
#[cfg(unix)]
#[test]
fn an_unknown_part_of_a_url_is_held_to_its_place() {
    let server = Server::start(|_, _| json(200, "{}"));
    for (url, found, expected) in [
        ("http://localhost:PORT/a/FOUND/b", "x", true),
        ("http://localhost:PORT/a/FOUND/b", "x/y", true),
        ("http://localhost:PORT/a/FOUND/b", "../../c", false),
        ("http://localhost:PORT/a/FOUND", "x?admin=1", false),
        ("http://localhost:PORT/a?q=FOUND", "x%20y", true),
        ("http://localhost:PORT/a?q=FOUND", "x&admin=1", false),
        ("FOUND/a", "http://localhost:PORT", true),
    ] {
        let port = server.port.to_string();
        let (url, found) = (url.replace("FOUND", "${step.exec.f.stdout}"), found.replace("PORT", &port));
        let place = Place::with(&format!(
            "step \"exec\" \"f\" {{\n  argv = [\"printf\", \"%s\", \"{found}\"]\n  effect = \"reads\"\n}}\n\nstep \"http\" \"a\" {{\n  url = \"{}\"\n}}\n",
            url.replace("PORT", &port)
        ));
        let before = server.lines().len();
        let ran = run(&place);
        assert_eq!(
            (ran.code == Some(0), server.lines().len() - before == 1),
            (expected, expected),
            "{}",
            ran.seen()
        );
    }
}
