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

/// The call, the file and its text, the exit code of `validate`, and the words with the place.
const BROKEN: &[(&str, &str, &str, i32, &[&str])] = &[
    ("templatefile(\"t.tftpl\", { v = var.v })", "t.tftpl", "a\n${v\n", 3, &["t.tftpl:2"]),
    (
        "templatefile(\"t.tftpl\", { v = var.v })",
        "t.tftpl",
        "a\n  ${w}\n",
        3,
        &["t.tftpl:2:5", "unknown name `w`"],
    ),
    ("templatefile(\"t.tftpl\", { name = var.v })", "t.tftpl", "${nmae}", 3, &["did you mean `name`?"]),
    ("templatefile(\"t.tftpl\", { v = var.v })", "t.tftpl", "%{ for x in v }\n${x}${v}", 3, &["t.tftpl:"]),
    ("templatefile(\"t.tftpl\", { v = [1] })", "t.tftpl", "%{ for x in v }${x}%{ endfor }", 0, &[]),
    ("templatefile(\"t.tftpl\", { v = var.v })", "t.tftpl", "${try(w, v)}${can(w)}", 0, &[]),
    ("templatefile(\"t.tftpl\", merge({ v = var.v }, {}))", "t.tftpl", "${v}", 0, &[]),
    ("try(templatefile(\"t.tftpl\", {}), \"\")", "t.tftpl", "${w}", 0, &[]),
    (CALL, "t.j2", "a\n{{ v\n", 3, &["t.j2:"]),
    (CALL, "t.j2", "a\n{% if v %}\n", 3, &["t.j2:"]),
    (CALL, "t.j2", "{% if v is defined %}{{ w | default('x') }}{% endif %}{{ range(2) }}", 0, &[]),
    (CALL, "t.j2", "{% if w is odd %}{% endif %}\n defined", 0, &["t.j2:1:7"]),
    (CALL, "t.j2", "{% if false %}\n{{ w }}{% endif %}", 0, &["t.j2:2:4", "`w` is none of the variables"]),
];

#[test]
fn a_mistake_in_a_template_file_is_told_before_anything_renders_it() {
    for (call, name, text, code, says) in BROKEN {
        // Nothing evaluates the template as long as the step before it has no result.
        let place = Place::with(&format!(
            "variable \"v\" {{ default = \"x\" }}\nstep \"exec\" \"e\" {{\n  argv = [\"true\"]\n  effect = \"reads\"\n}}\n\
             output \"o\" {{ value = step.exec.e.stdout == \"y\" ? {call} : \"\" }}\n"
        ));
        place.write(name, text);
        let ran = place.run(&["validate"]);
        assert_eq!(ran.code, Some(*code), "{call} {text}: {}", ran.seen());
        for words in *says {
            assert!(ran.err.contains(words), "{call} {text} {words}: {}", ran.seen());
        }
        if says.is_empty() {
            assert!(!ran.err.contains(name), "{call} {text}: {}", ran.seen());
        }
    }
}

#[test]
fn a_mistake_in_the_template_of_a_step_is_told_before_the_run() {
    for (arguments, text, code, says) in [
        ("source = \"t.j2\"", "{{ v", 3, "t.j2:1"),
        ("source = \"t.j2\"\n  engine = \"terraform\"", "x\n${v}", 3, "t.j2:2:3: unknown name `v`"),
        ("source = \"t.tftpl\"\n  values = { v = 1 }", "${v}", 0, ""),
        ("engine = \"jinja\"\n  content = \"{% if x %}\"", "", 3, "help: template:1"),
        (
            "engine = \"terraform\"\n  content = \"$${nmae}\"\n  values = { name = 1 }",
            "",
            3,
            "did you mean `name`?",
        ),
        (
            "engine = \"terraform\"\n  content = \"$${w}\"\n  values = jsondecode(step.exec.e.stdout)",
            "",
            0,
            "",
        ),
    ] {
        let place = Place::with(&format!(
            "step \"exec\" \"e\" {{\n  argv = [\"true\"]\n  effect = \"reads\"\n}}\nstep \"template\" \"t\" {{\n  path = \"out\"\n  {arguments}\n}}\n"
        ));
        place.write("t.j2", text);
        place.write("t.tftpl", text);
        let ran = place.run(&["plan"]);
        assert_eq!(ran.code, Some(code), "{arguments} {text}: {}", ran.seen());
        assert!(ran.err.contains(says), "{arguments} {text}: {}", ran.seen());
    }
}
