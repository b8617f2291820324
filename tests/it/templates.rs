//! Template files, from the command line.

use std::fs;

use crate::support::Place;

fn place(call: &str, files: &[(&str, &str)]) -> Place {
    let place =
        Place::with(&format!("variable \"v\" {{ default = \"x\" }}\noutput \"o\" {{ value = {call} }}\n"));
    for (name, text) in files {
        place.write(name, text);
    }
    place
}

const CALL: &str = "templatefile(\"t.j2\", { v = var.v })";

#[test]
fn a_plan_lists_every_file_that_a_template_takes_in_and_holds_a_run_to_it() {
    let files = [
        ("t.j2", "{% extends 'base.j2' %}{% block a %}{% include 'parts/p.j2' %}{% endblock %}"),
        ("base.j2", "{% from 'm.j2' import m %}{% block a %}{% endblock %}{{ m(v) }}"),
        ("m.j2", "{% macro m(x) %}<{{ x }}>{% endmacro %}"),
        ("parts/p.j2", "part"),
        ("t.tftpl", "${templatefile(\"u.tftpl\", { v = v })}"),
        ("u.tftpl", "${v}"),
        ("unread.j2", ""),
    ];
    let call = format!("[{CALL}, templatefile(\"t.tftpl\", {{ v = var.v }})]");
    let read = ["base.j2", "m.j2", "parts/p.j2", "t.j2", "t.tftpl", "u.tftpl"];
    let place = place(&call, &files);
    let ran = place.run(&["plan", "-json", "-out", "saved.plan"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(ran.plan()["files"], serde_json::json!(read), "{}", ran.seen());
    assert!(ran.out.contains("part<x>"), "{}", ran.seen());
    for name in read {
        let path = place.path().join(name);
        let before = fs::read_to_string(&path).expect("read");
        fs::write(&path, format!("{before} ")).expect("written");
        let ran = place.run(&["run", "saved.plan"]);
        assert_eq!(ran.code, Some(3), "{name}: {}", ran.seen());
        assert!(ran.err.contains(name), "{name}: {}", ran.seen());
        fs::write(&path, before).expect("written");
    }
    assert_eq!(place.run(&["run", "saved.plan"]).code, Some(0));
}

#[test]
fn no_message_about_a_template_quotes_what_was_given_from_outside() {
    for (call, text) in [
        (CALL, "{% include v %}"),
        (CALL, "{% import v as x %}"),
        (CALL, "{% extends v %}"),
        (CALL, "{% include v ~ '.j2' %}"),
        (CALL, "{% include v | upper %}"),
        (CALL, "{% include [v, 'none'] %}"),
        (CALL, "{% include '../' ~ v %}"),
        (CALL, "{% include 'q.j2' %}"),
        (CALL, "{{ v | nofilter }}{{ v.x.y }}"),
        ("templatefile(var.v, {})", ""),
        ("templatefile(\"t.tftpl\", { v = var.v })", "${templatefile(v, {})}"),
        ("templatefile(\"t.tftpl\", { v = var.v })", "${templatefile(upper(v), {})}"),
        ("templatefile(\"t.tftpl\", { v = var.v })", "${templatefile(\"../${v}\", {})}"),
        ("templatefile(\"t.tftpl\", { v = var.v })", "${templatefile(\"u.tftpl\", { v = v })}"),
    ] {
        let files = [
            ("t.j2", text),
            ("t.tftpl", text),
            ("q.j2", "{% include v ~ 'q' %}"),
            ("u.tftpl", "${templatefile(\"w${v}\", { (v) = 1 })}"),
        ];
        for command in [&["validate"][..], &["validate", "-json"], &["plan"]] {
            let place = place(call, &files);
            let mut program = place.command(command);
            let output = program.env("ARCBOOK_VAR_v", "Hunter2%secret").output().expect("the program");
            let ran = crate::support::Ran::of(output);
            assert_eq!(ran.code, Some(3), "{call} {text}: {}", ran.seen());
            assert!(!ran.seen().to_lowercase().contains("hunter2"), "{call} {text}: {}", ran.seen());
        }
    }
}

/// The call, the file and its text, and the place and the text that the warning names.
const FOREIGN: &[(&str, &str, &str, Option<&str>)] = &[
    (CALL, "t.j2", "a\n${v}\n", Some("`${v}` stays as it is in t.j2:2")),
    (CALL, "t.j2", "${ v }", Some("`${v}`")),
    (CALL, "t.j2", "${v.x[0]}", Some("`${v}`")),
    (CALL, "t.j2", "{{ v }}", None),
    (CALL, "t.j2", "{{ v }} ${v}", Some("`${v}` stays as it is in t.j2:1")),
    (CALL, "t.j2", "{% if v %}${v}{% endif %}", Some("`${v}`")),
    (CALL, "t.j2", "${HOME} ${vv} $v", None),
    (CALL, "t.j2", "{% include 'p.j2' %}", Some("`${v}` stays as it is in p.j2:1")),
    ("templatefile(\"${path.module}/t.j2\", { v = var.v })", "t.j2", "${v}", Some("t.j2:1")),
    ("core::templatefile(\"./t.j2\", { \"v\" = var.v })", "t.j2", "${v}", Some("t.j2:1")),
    (
        "templatefile(\"t.tftpl\", { v = var.v })",
        "t.tftpl",
        "a\n\n{{ v }}\n",
        Some("`{{ v }}` stays as it is in t.tftpl:3"),
    ),
    ("templatefile(\"t.txt\", { v = var.v })", "t.txt", "{{- v | upper -}}", Some("`{{ v }}`")),
    ("templatefile(\"t.tftpl\", { v = var.v })", "t.tftpl", "${v} {{ v }}", None),
    ("templatefile(\"t.tftpl\", { v = var.v })", "t.tftpl", "{{ .v }} {{ other }} { v }", None),
    ("templatefile(\"t.tftpl\", merge({ v = var.v }, {}))", "t.tftpl", "{{ v }}", None),
    ("templatefile(\"${var.v}.tftpl\", { v = var.v })", "x.tftpl", "{{ v }}", None),
    ("file(\"t.j2\") == var.v", "t.j2", "${v}", None),
];

#[test]
fn a_variable_in_the_other_language_is_warned_of() {
    for (call, name, text, says) in FOREIGN {
        for command in [&["validate"][..], &["plan"]] {
            let ran = place(call, &[(name, text), ("p.j2", "${v}")]).run(command);
            assert_eq!(ran.code, Some(0), "{call} {text}: {}", ran.seen());
            assert_eq!(ran.err.contains("foreign-template"), says.is_some(), "{call} {text}: {}", ran.seen());
            assert!(says.is_none_or(|says| ran.err.contains(says)), "{call} {text}: {}", ran.seen());
        }
    }
}

#[test]
fn a_template_of_a_module_is_warned_of_where_it_lies() {
    let place = Place::with(
        "module \"m\" {\n  source = \"./m\"\n  v = \"x\"\n}\noutput \"o\" { value = module.m.o }\n",
    );
    place.write(
        "m/main.runbook.hcl",
        "variable \"v\" {}\noutput \"o\" { value = templatefile(\"${path.module}/t.j2\", { v = var.v }) }\n",
    );
    place.write("m/t.j2", "${v}");
    let ran = place.run(&["validate"]);
    assert!(ran.code == Some(0) && ran.err.contains("m/t.j2:1"), "{}", ran.seen());
}
