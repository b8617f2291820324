//! Errors in the input: each message has the location, the reason and the remedy; the exit code is 3, and no
//! step runs.

use crate::support::{Place, settings};

/// Snapshots the program's output for a runbook.
fn says(name: &str, runbook: &str) {
    let place = Place::with(runbook);
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(!place.path().join(".arcbook").exists(), "something was run");
    settings().bind(|| insta::assert_snapshot!(name, format!("{}\n=====\n{}", runbook.trim(), ran.err)));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_mistake_is_explained() {
    let cases = [
        ("unclosed_block", "step \"echo\" \"a\" {\n  input = 1\n"),
        ("missing_equals", "step \"echo\" \"a\" {\n  input 1\n}\n"),
        ("single_quotes", "output \"a\" {\n  value = 'text'\n}\n"),
        (
            "two_errors_in_one_go",
            "step \"echo\" \"a\" {\n  input = [1,\n}\n\noutput \"b\" {\n  value = = 2\n}\n",
        ),
        ("unknown_step_type", "step \"keyvault_sekret\" \"a\" {\n  vault = \"v\"\n  name = \"n\"\n}\n"),
        ("unknown_argument", "step \"keyvault_secret\" \"a\" {\n  volt = \"v\"\n  name = \"n\"\n}\n"),
        (
            "unknown_step",
            "step \"echo\" \"first\" {\n  input = 1\n}\noutput \"a\" {\n  value = step.echo.frist.output\n}\n",
        ),
        ("unknown_output", "step \"metadata\" \"m\" {}\noutput \"a\" {\n  value = step.metadata.m.nmae\n}\n"),
        (
            "unknown_variable",
            "variable \"region\" {\n  default = \"x\"\n}\noutput \"a\" {\n  value = var.regoin\n}\n",
        ),
        (
            "unknown_root",
            "variable \"region\" {\n  default = \"x\"\n}\noutput \"a\" {\n  value = region\n}\n",
        ),
        ("unknown_function", "output \"a\" {\n  value = uper(\"x\")\n}\n"),
        (
            "wrong_type",
            "step \"blob_upload\" \"a\" {\n  account = \"acc\"\n  container = \"con\"\n  name = \"n\"\n  content = \"x\"\n  metadata = \"y\"\n}\n",
        ),
        ("duplicate_names", "step \"echo\" \"a\" {\n  input = 1\n}\nstep \"echo\" \"a\" {\n  input = 2\n}\n"),
        (
            "cycle",
            "step \"echo\" \"a\" {\n  input = local.x\n}\nlocals {\n  x = step.echo.b.output\n}\nstep \"echo\" \"b\" {\n  input = step.echo.a.output\n}\n",
        ),
        ("bad_query", "step \"metadata\" \"m\" {\n  extract = {\n    name = \"compute.[name\"\n  }\n}\n"),
        (
            "missing_variable",
            "variable \"region\" {\n  type        = string\n  description = \"Where it is.\"\n}\noutput \"a\" {\n  value = var.region\n}\n",
        ),
        (
            "rule_of_a_variable",
            "variable \"n\" {\n  type    = number\n  default = 5\n  validation {\n    condition     = var.n < 3\n    error_message = \"At most 2.\"\n  }\n}\n",
        ),
        (
            "sensitive_output",
            "step \"keyvault_secret\" \"s\" {\n  vault = \"vault\"\n  name  = \"n\"\n}\noutput \"a\" {\n  value = step.keyvault_secret.s.value\n}\n",
        ),
        (
            "failing_expression",
            "variable \"names\" {\n  default = [\"a\", \"b\"]\n}\noutput \"a\" {\n  value = var.names[7]\n}\n",
        ),
        (
            "http_vault",
            "step \"keyvault_secret\" \"s\" {\n  vault = \"http://v.vault.azure.net\"\n  name  = \"n\"\n}\n",
        ),
        (
            "content_and_source",
            "step \"blob_upload\" \"a\" {\n  account = \"acc\"\n  container = \"con\"\n  name = \"n\"\n  content = \"x\"\n  source = \"y\"\n}\n",
        ),
        ("terraform", "terraform {}\nresource \"x\" \"y\" {}\n"),
        ("wrong_version", "runbook {\n  requires = \">= 99\"\n}\n"),
    ];
    for (name, runbook) in cases {
        says(name, runbook);
    }
}

#[test]
fn a_directory_without_runbooks() {
    let ran = Place::new().run(&["validate"]);
    assert_eq!(ran.code, Some(3));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn a_file_that_is_not_utf8() {
    let place = Place::new();
    place.write("main.runbook.hcl", b"output \"a\" {\n  value = \"\xff\xfe\"\n}\n");
    let ran = place.run(&["validate"]);
    assert_eq!(ran.code, Some(3));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn a_file_of_100_megabytes() {
    let place = Place::new();
    place.write("main.runbook.hcl", vec![b'#'; 100 << 20]);
    let ran = place.run(&["validate"]);
    assert_eq!(ran.code, Some(3));
    insta::assert_snapshot!(ran.err);
}

/// Examples are a plan file truncated at its start, and a file of another kind.
#[test]
fn a_file_that_is_neither_a_plan_nor_a_runbook_is_refused() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n");
    let huge = vec![b'#'; 9 << 20];
    let cases: [&[u8]; 5] =
        [b"", b"# a comment\n", b"output \"a\" {\n  value = 1\n}\n", b"\x7fELF\x02\xff\0", &huge];
    for content in cases {
        place.write("site.plan", content);
        for command in ["run", "plan", "validate"] {
            let ran = place.run(&[command, "site.plan"]);
            assert_eq!(ran.code, Some(3), "{}", ran.seen());
            for part in [
                "error[not-a-runbook]: site.plan is neither a runbook nor a plan file",
                ".runbook.hcl",
                "-out FILE",
            ] {
                assert!(ran.err.contains(part), "no {part} in {}", ran.seen());
            }
        }
    }
    assert!(!place.path().join(".arcbook").exists(), "something was run");
}

#[test]
fn ten_thousand_nested_brackets() {
    for (open, close) in
        [("[", "]"), ("(", ")"), ("{a=", "}"), ("\"${", "}\""), ("abs(", ")"), ("!", ""), ("-", "")]
    {
        let depth = 10_000;
        let text = format!("output \"a\" {{\n  value = {}1{}\n}}\n", open.repeat(depth), close.repeat(depth));
        let ran = Place::with(&text).run(&["validate"]);
        assert_eq!(ran.code, Some(3), "{open}: {}", &ran.err[..ran.err.len().min(500)]);
        assert!(ran.err.contains("main.runbook.hcl:2"), "{open}: {}", &ran.err[..ran.err.len().min(500)]);
        assert!(ran.err.len() < 5_000, "{open}: the message has {} bytes", ran.err.len());
    }
}

#[test]
fn wrong_options() {
    for arguments in [&["run", "-var", "novalue"][..], &["rnu"], &["plan", "-nope"], &[]] {
        let ran = Place::new().run(arguments);
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.seen());
    }
}

#[test]
fn a_value_for_no_variable() {
    let place =
        Place::with("variable \"region\" {\n  default = \"x\"\n}\noutput \"r\" {\n  value = var.region\n}\n");
    let ran = place.run(&["plan", "-var", "regoin=y"]);
    assert_eq!(ran.code, Some(3));
    insta::assert_snapshot!(ran.err);
}

#[test]
fn errors_for_tools_are_json() {
    let place = Place::with("output \"a\" {\n  value = var.x\n}\n");
    let ran = place.run(&["validate", "-json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["diagnostics"][0]["code"], "unknown-reference");
    assert_eq!(answer["diagnostics"][0]["range"]["start"]["line"], 2);
}

/// A number where a text with another meaning of its digits is wanted.
#[test]
fn a_number_in_place_of_a_text_with_a_form_is_told_what_to_write() {
    let file =
        |mode: &str| format!("step \"file\" \"a\" {{\n  path = \"x\"\n  content = \"y\"\n  {mode}\n}}\n");
    let (mode, time) = ("write a string such as \"0640\"", "write a string such as \"30s\" or \"5m\"");
    for (runbook, says) in [
        (file("mode = 0640"), mode),
        (file("mode = 640"), mode),
        (file("mode = 06400"), mode),
        (format!("locals {{ mode = 640 }}\n{}", file("mode = local.mode")), mode),
        (format!("variable \"mode\" {{ default = 640 }}\n{}", file("mode = var.mode")), mode),
        (file("timeout = 30"), time),
        (file("retry {\n    attempts = 2\n    delay = 5\n  }"), time),
        ("step \"wait\" \"a\" { duration = 30 }\n".to_owned(), time),
    ] {
        let ran = crate::support::Place::with(&runbook).run(&["plan"]);
        assert_eq!(ran.code, Some(3), "{runbook}: {}", ran.seen());
        assert!(ran.err.contains(says), "{runbook}: {}", ran.seen());
    }
    for mode in ["mode = \"0640\"", "mode = \"640\"", "mode = tostring(640)"] {
        let ran = crate::support::Place::with(&file(mode)).run(&["plan"]);
        assert_eq!(ran.code, Some(0), "{mode}: {}", ran.seen());
    }
    let given = format!("variable \"mode\" {{}}\n{}", file("mode = var.mode"));
    let ran = crate::support::Place::with(&given).run(&["plan", "-var", "mode=7531"]);
    assert!(!ran.err.contains("7531"), "{}", ran.seen());
}

/// A query of a result whose shape the step type declares, and the words of the warning.
#[test]
fn a_query_that_names_what_a_result_does_not_have_is_warned_of() {
    for (query, says) in [
        ("jmespath(step.metadata.machine, \"nmae\")", Some("did you mean `name`?")),
        ("jmespath(step.metadata.machine, \"{n: name, l: locaton}\")", Some("did you mean `location`?")),
        ("jmespath(step.metadata.machine, \"name.first\")", Some("it is no object there")),
        ("jmespath(step.metadata.machine.name, \"first\")", Some("it is no object there")),
        ("jmespath(step.metadata.machine, \"extract.ownr\")", Some("did you mean `owner`?")),
        ("jmespath(step.metadata.each[\"a\"], \"nmae\")", Some("did you mean `name`?")),
        ("jmespath(step.metadata.each, \"a.nmae\")", None),
        ("jmespath(step.metadata.machine, \"name\")", None),
        ("jmespath(step.metadata.machine, \"tags.anything\")", None),
        ("jmespath(step.metadata.machine.body, \"compute.anything\")", None),
        ("jmespath(step.metadata.machine.extract.owner, \"anything\")", None),
        ("jmespath(step.metadata.machine, \"missing || name\")", None),
    ] {
        let place = crate::support::Place::with(&format!(
            "step \"metadata\" \"machine\" {{\n  extract = {{ owner = \"compute.owner\" }}\n}}\n\
             step \"metadata\" \"each\" {{ for_each = toset([\"a\"]) }}\noutput \"o\" {{ value = {query} }}\n"
        ));
        let ran = place.run(&["validate"]);
        assert_eq!(ran.code, Some(0), "{query}: {}", ran.seen());
        assert_eq!(ran.err.contains("unknown-member"), says.is_some(), "{query}: {}", ran.seen());
        assert!(says.is_none_or(|says| ran.err.contains(says)), "{query}: {}", ran.seen());
    }
}
