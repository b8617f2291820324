//! `arcbook output` gives the outputs of a recorded run.

use crate::chain::holds;
use crate::support::Place;

const RUNBOOK: &str = r#"
variable "pw" {
  default   = "hush-hush"
  sensitive = true
}
output "text" { value = "two\nlines" }
output "number" { value = 12345678901234567890.5 }
output "flag" { value = true }
output "nothing" { value = null }
output "list" { value = ["a", 1] }
output "object" { value = { a = "b" } }
output "secret" {
  value     = var.pw
  sensitive = true
}
"#;

#[test]
fn an_output_is_printed_as_it_was_asked_for() {
    let place = Place::with(RUNBOOK);
    holds(
        &place.run(&["output"]),
        3,
        &["no run is on record: there is no directory ", "go to the one of the run"],
    );
    holds(&place.run(&["run"]), 0, &[]);
    let run = place.run(&["runs"]).out.split(' ').next().expect("a run").to_owned();
    let cases: [(&[&str], i32, &str); 16] = [
        (&["text", "-raw"], 0, "two\nlines"),
        (&["text", "-json"], 0, "\"two\\nlines\"\n"),
        (&["number", "-raw"], 0, "12345678901234567890.5"),
        (&["number"], 0, "12345678901234567890.5\n"),
        (&["flag", "-raw"], 0, "true"),
        (&["list"], 0, "[\"a\", 1]\n"),
        (&["list", "-json"], 0, "[\"a\",1]\n"),
        (&["latest", "flag"], 0, "true\n"),
        (&[&run, "flag"], 0, "true\n"),
        (&[&run[..18], "flag", "-raw"], 0, "true"),
        (&["nothing", "-json"], 0, "null\n"),
        (&["list", "-raw"], 1, ""),
        (&["nothing", "-raw"], 1, ""),
        (&["secret", "-raw"], 1, ""),
        (&["secret"], 1, ""),
        (&["txet"], 3, ""),
    ];
    for (arguments, code, out) in cases {
        let ran = place.run(&[&["output"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(code), out), "{arguments:?}: {}", ran.seen());
    }
    for (arguments, says) in [
        (
            &["list", "-raw"][..],
            "is a list, and `-raw` prints a text, a number or a bool = help: print it as JSON: `-json`",
        ),
        (&["secret", "-raw"], "is sensitive, and no record has sensitive values"),
        (&["txet"], "did you mean `text`?"),
        (&["-raw"], "`-raw` prints one output, and none is named"),
        (&["2020"], "there is no run `2020`"),
    ] {
        let ran = place.run(&[&["output"], arguments].concat());
        holds(&ran, ran.code.filter(|code| *code != 0).expect("an error"), &[says]);
    }
    insta::assert_snapshot!(place.run(&["output"]).seen());
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["output", "-json"]).out).expect("one object");
    assert_eq!(json["flag"], serde_json::json!({ "sensitive": false, "value": true }));
    assert_eq!(json["secret"], serde_json::json!({ "sensitive": true }));
    assert!(place.files().iter().all(|(path, content)| {
        !path.to_string_lossy().ends_with(".jsonl") || !String::from_utf8_lossy(content).contains("hush-hush")
    }));
}

#[test]
fn the_newest_run_of_the_runbook_counts() {
    let place = Place::new();
    for name in ["A", "B"] {
        place.write(
            &format!("{name}/main.runbook.hcl"),
            format!("output \"name\" {{ value = \"{name}\" }}\n"),
        );
        let mut run = place.command(&["run", "-journal", "../records"]);
        assert!(run.current_dir(place.path().join(name)).output().expect("the program").status.success());
    }
    for name in ["A", "B"] {
        let ran = place.run(&["output", "name", "-raw", "-runbook", name, "-journal", "records"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), name), "{}", ran.seen());
    }
    holds(
        &place.run(&["output", "name", "-journal", "records"]),
        3,
        &["the records are of several runbooks"],
    );
}
