//! `arcbook lab`, which serves the local Azure to other programs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::support::{Place, settings};

const SECRET: &str = "open-sesame-9b2e";

/// A world with each kind of principal.
const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
resource_group "rg" { location = "westeurope" }
machine "vm-1" { resource_group = "rg" }
virtual_machine "web" { resource_group = "rg" }
user_assigned_identity "backup" { resource_group = "rg" }
service_principal "operator" {
  secret "one" { value = "open-sesame-9b2e" }
  federated_credential "pipeline" {
    issuer  = "https://ci.example.com"
    subject = "main"
  }
}
"#;

/// A running `arcbook lab`.
struct Served {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Served {
    fn start(place: &Place, more: &[&str]) -> Self {
        Self::of(WORLD, place, more)
    }

    fn of(world: &str, place: &Place, more: &[&str]) -> Self {
        place.write("w.lab.hcl", world);
        let arguments = ["lab", "w.lab.hcl", "-himds-port", "0", "-token-dir", "keys"];
        let mut command: Command = place.command(&[&arguments[..], more].concat());
        let mut process =
            command.env("TMPDIR", place.path()).stdout(Stdio::piped()).spawn().expect("the program");
        let lines = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        line
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a form to a URL without TLS, and returns the response's head and body.
fn post(url: &str, form: &str) -> String {
    let (authority, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    let port: u16 = authority.rsplit_once(':').expect("a port").1.parse().expect("a number");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the lab");
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[cfg(unix)]
#[test]
fn the_command_says_how_to_sign_in() {
    let place = Place::new();
    let mut lab = Served::start(&place, &[]);
    let mut page = String::new();
    while !page.contains("Challenge keys") {
        let line = lab.line();
        assert!(!line.is_empty(), "{page}");
        page += &line;
    }
    let directory = place.path().canonicalize().expect("a directory").display().to_string();
    let page =
        page.replace(&directory, "[directory]").replace(&place.path().display().to_string(), "[directory]");
    let mut settings = settings();
    settings.add_filter(r"lab-federated-\w+", "lab-federated-[random]");
    settings.bind(|| insta::assert_snapshot!("the_command_says_how_to_sign_in", page));
}

#[test]
fn the_log_names_principals_and_no_secret() {
    let place = Place::new();
    let mut lab = Served::start(&place, &["-json"]);
    let described: Json = serde_json::from_str(&lab.line()).expect("JSON");
    let text = |name: &str| described[name].as_str().expect(name).to_owned();
    let operator =
        described["principals"].as_array().expect("a list").iter().find(|own| own["name"] == "operator");
    let client = operator.expect("a principal")["client_id"].as_str().expect("an id").to_owned();
    let url = format!("{}/{}/oauth2/v2.0/token", text("authority_host"), text("tenant_id"));
    let common = format!(
        "grant_type=client_credentials&client_id={client}&scope=https%3A%2F%2Fvault.azure.net%2F.default"
    );
    let path = described["federated_tokens"][0]["path"].as_str().expect("a path");
    let token = std::fs::read_to_string(path).expect("a token");
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for (proof, hidden) in [
        (format!("client_secret={SECRET}"), SECRET),
        (
            format!("client_assertion_type={kind}&client_assertion={token}"),
            token.rsplit_once('.').expect("a signature").1,
        ),
    ] {
        let answer = post(&url, &format!("{common}&{proof}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let line = lab.line();
        let logged: Json = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&logged["service"], &logged["principal"]), (&"login".into(), &"operator".into()));
        assert_eq!(logged["form"]["client_id"], client.as_str());
        assert!(!line.contains(hidden) && line.contains("REDACTED"), "{line}");
    }
}

/// The words that the lab tells run its azcmagent, in place of that of this machine.
#[test]
fn a_machine_that_is_not_connected_can_be_connected() {
    let world = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
machine "web-01" { connected = false }
"#;
    let place = Place::new();
    let mut lab = Served::of(world, &place, &["-json"]);
    let described: Json = serde_json::from_str(&lab.line()).expect("JSON");
    let words = described["azcmagent"].as_array().expect("a list").iter();
    let words: Vec<&str> = words.map(|word| word.as_str().expect("text")).collect();
    let run = |more: &[&str]| {
        let output = Command::new(words[0]).args(&words[1..]).args(more).output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let (code, shown) = run(&["show", "-j"]);
    let shown: Json = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((code, &shown["status"]), (Some(0), &"Disconnected".into()));
    assert_eq!(run(&["connect"]).0, Some(23));
    let mut page = String::new();
    let mut lab = Served::of(world, &place, &[]);
    while !page.contains("in place of azcmagent") {
        let line = lab.line();
        assert!(!line.is_empty(), "{page}");
        page += &line.to_lowercase();
    }
    assert!(page.contains(" __azcmagent "), "{page}");
}
