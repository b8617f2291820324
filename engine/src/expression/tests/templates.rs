//! Templates that include other files.

use std::fs;
use std::path::Path;

use super::run_in;
use crate::expression::{Bindings, Scope};
use crate::value::{Marks, Origins, Type, Value};

/// The files of a folder.
type Folder = &'static [(&'static str, &'static str)];

fn folder(files: Folder) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn scope(folder: &Path) -> Bindings {
    let secret = Value::from("p.j2").with_marks(&Marks::sensitive("var.pw"));
    Bindings::new(folder)
        .with("pw", secret)
        .with("later", Value::unknown(Type::String, Origins::of("step.a.b")))
}

/// Renders a template with `x = 1`, `p = "p.j2"`, a secret and an unknown value.
fn rendered(scope: &Bindings, name: &str) -> Result<Value, String> {
    let call = format!("templatefile({name:?}, {{ x = 1, p = \"p.j2\", pw = pw, later = later }})");
    run_in(scope, &call)
        .1
        .map_err(|found| found.iter().next().unwrap().primary.as_ref().unwrap().text.clone())
}

const PART: (&str, &str) = ("p.j2", "[{{ x }}]");
const MACROS: (&str, &str) = ("m.j2", "{% macro twice(a) %}{{ a }}{{ a }}{% endmacro %}{% set k = 'v' %}");
const BASE: (&str, &str) = ("b.j2", "<{% block a %}base{% endblock %}|{% block b %}base{% endblock %}>");

/// The files, the text, and those that were read.
const TAKEN_IN: &[(Folder, &str, &[&str])] = &[
    (&[("t.j2", "a{% include 'p.j2' %}b"), PART], "a[1]b", &["p.j2", "t.j2"]),
    (&[("t.j2", "{% include \"./q/../p.j2\" %}"), PART, ("q/x", "")], "[1]", &["p.j2", "t.j2"]),
    (
        &[("t.j2", "{% include 'q/p.j2' %}"), ("q/p.j2", "{% include 'p.j2' %}!"), PART],
        "[1]!",
        &["p.j2", "q/p.j2", "t.j2"],
    ),
    (&[("t.j2", "{% for x in [7, 8] %}{% include 'p.j2' %}{% endfor %}"), PART], "[7][8]", &["p.j2", "t.j2"]),
    (&[("t.j2", "{% include p %}"), PART], "[1]", &["p.j2", "t.j2"]),
    (&[("t.j2", "{% include ['none', 'p.j2'] %}"), PART], "[1]", &["p.j2", "t.j2"]),
    (&[("t.j2", "{% include 'none' ignore missing %}."), PART], ".", &["t.j2"]),
    (&[("t.j2", "{% if x == 2 %}{% include 'none' %}{% endif %}.")], ".", &["t.j2"]),
    (
        &[("t.j2", "{% include 'n.txt' %}"), ("n.txt", "\u{feff}${x} {{ x }}\n")],
        "${x} 1\n",
        &["n.txt", "t.j2"],
    ),
    (&[("t.j2", "{% import 'm.j2' as m %}{{ m.twice(x) }}{{ m.k }}"), MACROS], "11v", &["m.j2", "t.j2"]),
    (
        &[("t.j2", "{% from 'm.j2' import twice, k as z %}{{ twice(x) }}{{ z }}"), MACROS],
        "11v",
        &["m.j2", "t.j2"],
    ),
    (
        &[("t.j2", "{% extends 'b.j2' %}{% block b %}{{ super() }}{{ x }}{% endblock %}"), BASE],
        "<base|base1>",
        &["b.j2", "t.j2"],
    ),
    (
        &[("t.tftpl", "${templatefile(\"p.tftpl\", { y = x })}!"), ("p.tftpl", "[${y}]")],
        "[1]!",
        &["p.tftpl", "t.tftpl"],
    ),
    (&[("t.tftpl", "${templatefile(\"p.j2\", { x = x })}!"), PART], "[1]!", &["p.j2", "t.tftpl"]),
    (
        &[
            ("t.tftpl", "%{ for y in [1, 2] }${templatefile(\"p.tftpl\", { y = y })}%{ endfor }"),
            ("p.tftpl", "${templatefile(\"q.tftpl\", { z = y })}"),
            ("q.tftpl", "(${z})"),
        ],
        "(1)(2)",
        &["p.tftpl", "q.tftpl", "t.tftpl"],
    ),
];

fn template(files: Folder) -> &'static str {
    files[0].0
}

#[test]
fn templates_include_files_and_each_is_recorded() {
    for (files, text, read) in TAKEN_IN {
        let folder = folder(files);
        let scope = scope(folder.path());
        let value = rendered(&scope, template(files));
        assert_eq!(value, Ok(Value::from(*text)), "{files:?}");
        assert_eq!(scope.functions().files.read(), *read, "{files:?}");
    }
}

/// The files, and what the message says.
const FAILURES: &[(Folder, &str)] = &[
    (&[("t.j2", "\n{% include 'none' %}")], "t.j2:2: no file exists at `none`"),
    (&[("t.j2", "{% extends 'none' %}")], "t.j2:1: no file exists at `none`"),
    (
        &[("t.j2", "{% include '../p.j2' %}")],
        "t.j2:1: invalid operation: `../p.j2` leads out of the runbook's directory",
    ),
    (&[("t.j2", "{% include '../p.j2' ignore missing %}")], "`../p.j2` leads out of the runbook's directory"),
    (&[("t.j2", "{% import 'q/../../p.j2' as q %}")], "leads out of the runbook's directory"),
    (
        &[("t.j2", "{% from '/etc/hostname' import q %}")],
        "`/etc/hostname` leads out of the runbook's directory",
    ),
    (&[("t.j2", "{% extends '.' %}")], "`.` is not a regular file"),
    (
        &[("t.j2", "\n{% include 'p.j2' %}"), ("p.j2", "a\n\n{{ nmae }}")],
        "p.j2:3: `nmae` is not defined; included at t.j2:2",
    ),
    (&[("t.j2", "{% include 'p.j2' %}"), ("p.j2", "\n{% for %}")], "p.j2:2: syntax error"),
    (
        &[("t.j2", "\n{% include 'p.j2' %}"), ("p.j2", "{% include 'q.j2' %}"), ("q.j2", "\n\n\n{{ no }}")],
        "q.j2:4: `no` is not defined; included at p.j2:1; included at t.j2:2",
    ),
    (
        &[("t.j2", "{% extends 'b.j2' %}\n{% block b %}\n{{ no }}{% endblock %}"), BASE],
        "t.j2:3: `no` is not defined",
    ),
    (
        &[("t.j2", "{% include 't.j2' %}")],
        "t.j2:1: invalid operation: a template includes itself: t.j2 → t.j2",
    ),
    (&[("t.j2", "{% extends './t.j2' %}")], "a template includes itself: t.j2 → t.j2"),
    (
        &[
            ("t.j2", "{% include 'p.j2' %}"),
            ("p.j2", "{% import 'q.j2' as q %}"),
            ("q.j2", "{% include 'p.j2' %}"),
        ],
        "q.j2:1: invalid operation: a template includes itself: p.j2 → q.j2 → p.j2",
    ),
    (&[("t.tftpl", "${templatefile(\"none\", {})}")], "no file exists at \"none\""),
    (
        &[("t.tftpl", "a\n${templatefile(\"p.tftpl\", {})}"), ("p.tftpl", "\n\n${no}")],
        "t.tftpl:2:16: `templatefile` failed: p.tftpl:3:3: unknown name `no`",
    ),
    (&[("t.tftpl", "${templatefile(\"./t.tftpl\", {})}")], "a template renders itself: t.tftpl → ./t.tftpl"),
    (
        &[("t.tftpl", "${templatefile(\"p.tftpl\", {})}"), ("p.tftpl", "${templatefile(\"t.tftpl\", {})}")],
        "a template renders itself: t.tftpl → p.tftpl → t.tftpl",
    ),
    (&[("t.tftpl", "${templatefile(\"../p\", {})}")], "\"../p\" leads out of the runbook's directory"),
    (
        &[("t.tftpl", "${templatefile(\"/etc/hostname\", {})}")],
        "\"/etc/hostname\" leads out of the runbook's directory",
    ),
];

#[test]
fn a_failed_include_is_reported_with_file_and_line() {
    for (files, says) in FAILURES {
        let folder = folder(files);
        let reason = rendered(&scope(folder.path()), template(files)).unwrap_err();
        assert!(reason.contains(says), "{files:?}: {reason}");
    }
}

/// Makes something at a path, with the help of a folder outside.
#[cfg(unix)]
type Make = fn(&Path, &Path);

#[cfg(unix)]
#[test]
fn only_regular_files_of_the_directory_are_included() {
    let outside = folder(&[("secret", "s3cret")]);
    let cases: [(&str, Make); 3] = [
        ("leads out", |path, outside| std::os::unix::fs::symlink(outside.join("secret"), path).unwrap()),
        ("is not a regular file", |path, _| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("at most 1048576 bytes", |path, _| fs::File::create(path).unwrap().set_len((1 << 20) + 1).unwrap()),
    ];
    for (says, make) in cases {
        for text in ["{% include 'odd' %}", "{% import 'odd' as o %}", "{% extends 'odd' %}"] {
            let folder = folder(&[]);
            fs::write(folder.path().join("t.j2"), text).unwrap();
            make(&folder.path().join("odd"), outside.path());
            let reason = rendered(&scope(folder.path()), "t.j2").unwrap_err();
            assert!(reason.contains(says), "{text}: {reason}");
        }
    }
}

#[test]
fn a_name_that_a_template_computes_is_not_shown() {
    let names = ["p ~ '.s3cret'", "'s3' ~ 'cret'", "['s3' ~ 'cret']", "pw ~ 's3'"];
    for name in names {
        for text in ["{% include NAME %}", "{% import NAME as x %}", "{% extends NAME %}"] {
            let folder = folder(&[]);
            fs::write(folder.path().join("t.j2"), text.replace("NAME", name)).unwrap();
            let reason = rendered(&scope(folder.path()), "t.j2").unwrap_err();
            assert!(!reason.contains("s3cret") && !reason.contains("p.j2"), "{name}: {reason}");
        }
    }
    let folder = folder(&[("t.j2", "{% include pw %}"), PART]);
    let scope = scope(folder.path());
    assert!(rendered(&scope, "t.j2").unwrap().is_sensitive());
    assert_eq!(scope.functions().files.read(), ["(a sensitive path)", "t.j2"]);
}

#[test]
fn what_is_unknown_makes_the_text_unknown_wherever_it_stands() {
    for text in ["{% include later %}", "{% include 'p.j2' %}"] {
        let folder = folder(&[("p.j2", "{{ later }}")]);
        fs::write(folder.path().join("t.j2"), text).unwrap();
        assert!(rendered(&scope(folder.path()), "t.j2").unwrap().is_unknown(), "{text}");
    }
}

#[test]
fn files_nest_sixteen_deep() {
    for (ending, link) in [("j2", "{% include 'NEXT' %}"), ("tftpl", "${templatefile(\"NEXT\", {})}")] {
        for (most, is_fine) in [(16, true), (17, false)] {
            let folder = folder(&[]);
            let name = |at: usize| format!("f{at}.{ending}");
            // The template itself counts where templates render each other.
            let last = if ending == "j2" { most } else { most - 1 };
            for at in 0..last {
                fs::write(folder.path().join(name(at)), link.replace("NEXT", &name(at + 1))).unwrap();
            }
            fs::write(folder.path().join(name(last)), "end").unwrap();
            let result = rendered(&scope(folder.path()), &name(0));
            assert_eq!(result.is_ok(), is_fine, "{ending} {most}: {result:?}");
        }
    }
}

#[test]
fn templates_that_render_each_other_again_and_again_share_one_budget() {
    let folder = folder(&[]);
    for at in 0..12 {
        let text =
            format!("%{{ for x in range(1000) }}${{templatefile(\"f{}.tftpl\", {{}})}}%{{ endfor }}", at + 1);
        fs::write(folder.path().join(format!("f{at}.tftpl")), text).unwrap();
    }
    fs::write(folder.path().join("f12.tftpl"), "x").unwrap();
    assert!(rendered(&scope(folder.path()), "f0.tftpl").is_err());
}
