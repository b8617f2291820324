//! Files that begin with a byte-order mark, as some editors write it.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Place, Ran};

const BOOK: &str = "variable \"a\" { type = string }\noutput \"a\" { value = var.a }\n";

const CLOUD: &str = r#"[{"name":"Stack","resourceManager":"https://management.stack.example/",
    "authentication":{"audiences":["https://management.stack.example/"]},
    "suffixes":{"keyVaultDns":"vault.stack.example","storage":"stack.example"}}]"#;

fn marked(content: &str) -> String {
    format!("\u{feff}{content}")
}

#[test]
fn a_file_may_begin_with_a_byte_order_mark() {
    for (name, content, arguments) in [
        ("main.runbook.hcl", BOOK, &["plan", "-var", "a=b"][..]),
        ("v.auto.vars.hcl", "a = \"b\"\n", &["plan"]),
        ("v.hcl", "a = \"b\"\n", &["plan", "-var-file", "v.hcl"]),
        ("v.json", r#"{"a":"b"}"#, &["plan", "-var-file", "v.json"]),
        ("cloud.json", CLOUD, &["plan", "-var", "a=b"]),
    ] {
        let place = Place::with(BOOK);
        place.write(name, marked(content));
        let mut command = place.command(arguments);
        if name == "cloud.json" {
            command.env("ARCBOOK_CLOUD", name);
        }
        let ran = Ran::of(command.output().expect("done"));
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.seen());
    }
}

#[test]
fn a_plan_file_may_begin_with_a_byte_order_mark() {
    let place = Place::with(BOOK);
    assert_eq!(place.run(&["plan", "-var", "a=b", "-out", "x.plan"]).code, Some(0));
    let text = std::fs::read_to_string(place.path().join("x.plan")).expect("done");
    place.write("x.plan", marked(&text));
    for command in ["show", "run"] {
        let ran = place.run(&[command, "x.plan"]);
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.seen());
    }
    place.write("x.plan", marked(&format!("{text}\n")));
    assert_ne!(place.run(&["run", "x.plan"]).code, Some(0), "what was edited is refused all the same");
}

#[test]
fn console_input_may_begin_with_a_byte_order_mark() {
    let place = Place::with(BOOK);
    let mut command = place.command(&["console", "-json", "-var", "a=b"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("done");
    child.stdin.take().expect("done").write_all(marked("\"1 + 1\"\n").as_bytes()).expect("done");
    let ran = Ran::of(child.wait_with_output().expect("done"));
    assert!(ran.out.contains("\"ok\":true"), "{}", ran.seen());
}
