//! Tests the files that expressions read.

use std::fs;

use super::run_in;
use crate::expression::Bindings;
use crate::value::{Marks, Value};

#[test]
fn a_path_leaves_the_folder_only_when_a_variable_gives_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("book");
    fs::create_dir(&folder).unwrap();
    fs::write(parent.path().join("outside"), "out").unwrap();
    fs::write(folder.join("inside"), "in").unwrap();
    let outside = parent.path().join("outside").to_string_lossy().into_owned();
    let leading_out = || Value::object([("path", Value::from("../outside"))]);
    let scope = Bindings::new(&folder)
        .with("var", leading_out())
        .with("local", leading_out())
        .with("path", Value::object([("module", Value::string(folder.to_string_lossy()))]));
    let cases = [
        ("file(\"inside\")", true),
        ("file(\"${path.module}/inside\")", true),
        ("file(\"../outside\")", false),
        ("file(local.path)", false),
        ("file(\"${path.module}/../outside\")", false),
        ("fileexists(\"../outside\")", false),
        ("fileset(\"..\", \"*\")", false),
        ("filesha256(\"../outside\")", false),
        ("templatefile(\"../outside\", {})", false),
        ("[for var in [local] : file(var.path)]", false),
        ("file(var.path)", true),
        ("templatefile(var.path, {})", true),
        ("fileexists(\"${var.path}\")", true),
        (&format!("file({outside:?})"), true),
    ];
    for (text, allowed) in cases {
        let result = run_in(&scope, text).1;
        assert_eq!(result.is_ok(), allowed, "{text}: {result:?}");
    }
}

#[test]
fn a_template_file_of_jinja_is_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.conf.j2"), "{% for x in xs %}{{ x }}${x}{% endfor %}\n").unwrap();
    fs::write(folder.path().join("a.tftpl"), "{{ ${xs[0]} }}").unwrap();
    let pw = Value::from("p").with_marks(&Marks::sensitive("var.pw"));
    let scope = Bindings::new(folder.path()).with("pw", pw);
    let value = |text: &str| run_in(&scope, text).1.unwrap();
    assert_eq!(value("templatefile(\"a.conf.j2\", { xs = [1, 2] })"), "1${x}2${x}\n".into());
    assert_eq!(value("templatefile(\"a.tftpl\", { xs = [1, 2] })"), "{{ 1 }}".into());
    assert!(value("templatefile(\"a.conf.j2\", { xs = [pw] })").is_sensitive());
    assert!(!value("templatefile(\"a.conf.j2\", { xs = [1], unused = pw })").is_sensitive());
    let found = run_in(&scope, "templatefile(\"a.conf.j2\", {})").1.unwrap_err();
    let label = found.iter().next().unwrap().primary.as_ref().unwrap().text.clone();
    assert!(label.contains("a.conf.j2:1: `xs` is not defined"), "{label}");
}
