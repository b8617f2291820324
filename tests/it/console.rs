//! The console: with a pipe, with `-json`, and on a recorded run.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::support::{Place, Ran};

const RUNBOOK: &str = r#"
variable "region" { default = "west" }
variable "tags" { type = map(string) }
variable "password" {
  default   = "hunter2"
  sensitive = true
}
locals {
  twice = "${var.region}${var.region}"
}
step "echo" "hello" {
  input = { region = var.region, password = var.password }
}
step "metadata" "machine" {}
output "region" { value = step.echo.hello.output.region }
output "password" {
  value     = var.password
  sensitive = true
}
"#;

pub fn book() -> Place {
    Place::with(RUNBOOK)
}

/// Runs the console with `input` in a pipe.
pub fn ask(place: &Place, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
    let arguments: Vec<_> = ["console"].iter().chain(arguments).copied().collect();
    let mut child = place
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let (mut stdin, input) = (child.stdin.take().expect("piped"), input.as_ref().to_vec());
    // The program answers while input is still being written.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let ran = Ran::of(child.wait_with_output().expect("ended"));
    writer.join().expect("written");
    ran
}

#[test]
fn misleading_queries_are_warned_of_and_answered() {
    let place = book();
    let query = r#"jmespath([{type = "x", x = "x"}], "[?type==\"x\"].type")"#;
    let ran = ask(&place, &["-var", "tags={}"], query);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(ran.out, "[\"x\"]\n", "{}", ran.seen());
    for part in ["warning[odd-query]", "is the field of that name, not a text", "write \"[?type=='x'].type\""]
    {
        assert!(ran.err.contains(part), "{part}: {}", ran.seen());
    }
    let answers = answers(&place, &["-var", "tags={}"], &[query, "jmespath([], \"len(@)\")", "1"]);
    assert_eq!((&answers[0]["ok"], &answers[0]["value"]), (&json!(true), &json!(["x"])));
    let warning = &answers[0]["warnings"][0];
    assert_eq!((&warning["severity"], &warning["code"]), (&json!("warning"), &json!("odd-query")));
    assert!(warning.to_string().contains("[?type=='x'].type"), "{warning}");
    let error = &answers[1]["diagnostics"][0];
    assert_eq!((&answers[1]["ok"], &error["code"]), (&json!(false), &json!("invalid-query")));
    assert!(error.to_string().contains("length(@)"), "{error}");
    assert_eq!(answers[2].get("warnings"), None);
}

/// Returns the answers of `console -json` to these expressions.
pub fn answers(place: &Place, arguments: &[&str], expressions: &[&str]) -> Vec<Json> {
    let lines: Vec<_> = expressions.iter().map(|text| json!(text).to_string()).collect();
    let arguments: Vec<_> = ["-json"].iter().chain(arguments).copied().collect();
    let ran = ask(place, &arguments, lines.join("\n"));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.seen());
    read(&ran.out)
}

fn read(out: &str) -> Vec<Json> {
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn code(answer: &Json) -> &str {
    assert_eq!(answer["ok"], false, "{answer}");
    answer["diagnostics"][0]["code"].as_str().expect("a code")
}

#[test]
fn a_pipe_is_answered_line_by_line() {
    let input = "1 + 1\n\nvar.region\r\nlocal.twice\n[1,\n  2,\n]\n<<EOT\na\nb\nEOT\nvar.password\n\
                 step.echo.hello.output\nstep.metadata.machine.location\ntype(var.tags)\nexit\nnot.reached\n";
    let ran = ask(&book(), &["-var", "tags={ a = \"1\" }"], input);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.seen());
    let expected = "2\n\"west\"\n\"westwest\"\n[1, 2]\n<<-EOT\n  a\n  b\nEOT\n(sensitive value)\n\
                    {\n  password = (sensitive value)\n  region   = \"west\"\n}\n\
                    (known after step.metadata.machine)\nmap(string)\n";
    assert_eq!(ran.out, expected);
}

#[test]
fn an_invalid_line_does_not_end_a_piped_console() {
    let mut input = b"try(nope.x, 1)\nvar.regoin\nstep.echo.hello.outptu\nuper(\"x\")\n\xff\n1 +\n".to_vec();
    input.extend(b"7\n[1");
    let ran = ask(&book(), &[], input);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "7\n"), "{}", ran.seen());
    for expected in [
        "unknown name `nope`",
        " --> <console>:1:5",
        "did you mean `region`?",
        "did you mean `output`?",
        "did you mean `upper`?",
        "a line is not UTF-8 text",
        "an expression is missing",
        "`[` is never closed",
    ] {
        assert!(ran.err.contains(expected), "{expected}: {}", ran.err);
    }
}

#[test]
fn text_output_shows_no_secret() {
    let ran = ask(&book(), &[], "nonsensitive(var.password)\nvar.password + 1\nupper(var.password)\n");
    assert!(!ran.seen().contains("hunter2"), "{}", ran.seen());
}

#[test]
fn json_output_has_values_and_types() {
    let cases = [
        ("0.1 + 0.2", json!({ "ok": true, "value": 0.3, "type": "number" })),
        ("<<EOT\na\nEOT", json!({ "ok": true, "value": "a\n", "type": "string" })),
        ("null", json!({ "ok": true, "value": null, "type": "dynamic" })),
        (
            "[1, \"a\"]",
            json!({ "ok": true, "value": [1, "a"], "type": "tuple([\n    number,\n    string,\n])" }),
        ),
        ("var.password", json!({ "ok": true, "value": "hunter2", "type": "string", "sensitive": true })),
        (
            "{ a = var.password }",
            json!({ "ok": true, "value": { "a": "hunter2" }, "type": "object({\n    a: string,\n})", "sensitive": true }),
        ),
        ("var.tags", json!({ "ok": true, "value": null, "type": "map(string)", "unknown": true })),
        (
            "{ a = step.metadata.machine.location }",
            json!({ "ok": true, "value": null, "type": "object({\n    a: string,\n})", "unknown": true }),
        ),
        ("type(1)", json!({ "ok": true, "value": "number", "type": "string" })),
        ("can(nofunc())", json!({ "ok": true, "value": false, "type": "bool" })),
        ("runbook.name != \"\"", json!({ "ok": true, "value": true, "type": "bool" })),
    ];
    let expressions: Vec<_> = cases.iter().map(|(text, _)| *text).collect();
    for ((text, expected), answer) in cases.iter().zip(answers(&book(), &[], &expressions)) {
        assert_eq!(answer, *expected, "{text}");
    }
}

#[test]
fn numbers_keep_every_digit() {
    for (text, number) in [
        ("12345678901234567890123456789 * 10 + 0.5", "123456789012345678901234567890.5"),
        ("18446744073709551615 + 1", "18446744073709551616"),
        ("1 / 100000000000000000000", "0.00000000000000000001"),
    ] {
        let ran = ask(&Place::new(), &["-json"], json!(text).to_string());
        assert_eq!(ran.out, format!("{{\"ok\":true,\"value\":{number},\"type\":\"number\"}}\n"), "{text}");
    }
}

#[test]
fn invalid_lines_are_answered_in_order() {
    let mut input = b"\"1\"\nnot json\n\n\"\xff\"\n[1]\n\"a\" \"b\"\n".to_vec();
    input.extend(format!("\"{}\"\n", "x".repeat(9 << 20)).bytes());
    input.extend(format!("\"{}\"\n", "(".repeat(2 << 20)).bytes());
    input.extend(b"\"\"\n\"try(nope.x, 1)\"\n\"\\ud800\"\n\"exit\"\n\"2\"");
    let ran = ask(&Place::new(), &["-json"], input);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let answers = read(&ran.out);
    let (first, last) = (&answers[0], &answers[answers.len() - 1]);
    assert_eq!((first["value"].as_u64(), last["value"].as_u64()), (Some(1), Some(2)));
    let codes: Vec<_> = answers[1..answers.len() - 1].iter().map(code).collect();
    let expected = [
        ["invalid-json"; 5].as_slice(),
        &["line-too-long", "nesting-too-deep", "missing-expression", "unknown-reference", "invalid-json"],
        &["unknown-reference"],
    ];
    assert_eq!(codes, expected.concat());
    let range = &answers[9]["diagnostics"][0]["range"];
    assert_eq!((&range["filename"], &range["start"]["column"]), (&json!("<console>"), &json!(5)));
}

#[test]
fn thousands_of_lines_are_answered_in_order() {
    let expressions: Vec<_> = (0..5000).map(|at| format!("{at} + {at}")).collect();
    let expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
    let answers = answers(&Place::new(), &[], &expressions);
    let doubled: Vec<_> = answers.iter().map(|answer| answer["value"].as_u64()).collect();
    assert_eq!(doubled, (0..5000).map(|at| Some(2 * at)).collect::<Vec<_>>());
}

#[test]
fn each_line_is_answered_before_the_next() {
    use std::io::{BufRead, BufReader};
    let place = book();
    let mut child = place
        .command(&["console", "-json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    let mut answers = BufReader::new(child.stdout.take().expect("piped")).lines();
    for number in 1..4 {
        // An incomplete next line must not delay the answer.
        write!(stdin, "\"{number}\"\n\"").expect("written");
        let answer = answers.next().expect("an answer").expect("readable");
        assert_eq!(answer, format!(r#"{{"ok":true,"value":{number},"type":"number"}}"#));
        writeln!(stdin, "0\"").expect("written");
        answers.next().expect("an answer").expect("readable");
    }
    drop(stdin);
    assert!(child.wait().expect("ended").success());
}

#[test]
fn without_a_runbook_there_are_only_functions_and_paths() {
    let place = Place::new();
    for directory in [&[][..], &["."]] {
        assert_eq!(answers(&place, directory, &["1 + 1"])[0]["value"], 2);
    }
    let found = answers(&place, &[], &["upper(\"x\")", "path.module", "var.x"]);
    assert_eq!((&found[0]["value"], &found[1]["value"]), (&json!("X"), &json!(".")));
    assert_eq!(code(&found[2]), "unknown-reference");
    for arguments in [&["nowhere"][..], &["-var", "a=1"]] {
        let ran = ask(&place, arguments, "1\n");
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.seen());
        assert!(ran.seen().contains("runbook"), "{arguments:?}: {}", ran.seen());
    }
}

#[test]
fn an_invalid_runbook_is_reported() {
    let ran = ask(&Place::with("output \"x\" { value = var.nope }\n"), &[], "1\n");
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{}", ran.seen());
    assert!(ran.err.contains("there is no variable named `nope`"), "{}", ran.err);
}

#[test]
fn expressions_use_a_recorded_run() {
    let place = Place::with(&RUNBOOK.replace("step \"metadata\" \"machine\" {}", ""));
    let ran = place.run(&["run", "-var", "tags={}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let input = "output.region\noutput.password\nstep.echo.hello.output\nvar.region\nstep.echo.helo\n";
    let asked = ask(&place, &["-run", "latest"], input);
    let expected = "\"west\"\n(sensitive value)\n{\n  password = (sensitive value)\n  region   = \"west\"\n}\n\"west\"\n";
    assert_eq!((asked.code, asked.out.as_str()), (Some(1), expected), "{}", asked.seen());
    assert!(asked.err.contains("did you mean `hello`?"), "{}", asked.err);
    let found = answers(&place, &["-run", "latest"], &["output.password"]);
    assert_eq!(
        found,
        [json!({ "ok": true, "value": null, "type": "dynamic", "sensitive": true, "unknown": true })]
    );
    let missing = ask(&place, &["-run", "2020"], "1\n");
    assert_eq!(missing.code, Some(3), "{}", missing.seen());
    assert!(missing.err.contains("there is no run `2020`"), "{}", missing.err);
}
