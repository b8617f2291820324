//! `arcbook fmt`.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Place, Ran, repository};

const BEFORE: &str = "output \"a\"{\nvalue=1\n    sensitive = false\n}\n";
const AFTER: &str = "output \"a\" {\n  value     = 1\n  sensitive = false\n}\n";
const BROKEN: &str = "output \"a\"{\nvalue=[1\n}\n";

impl Place {
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("a file")
    }

    /// Runs the program with `input` on standard input.
    fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
        Ran::of(child.wait_with_output().expect("the program"))
    }
}

#[test]
fn files_of_a_directory_are_formatted_and_listed() {
    let place = Place::new();
    for name in
        ["b.runbook.hcl", "a.lab.hcl", "c.auto.vars.hcl", "other.hcl", ".x.runbook.hcl", "in/d.runbook.hcl"]
    {
        place.write(name, BEFORE);
    }
    place.write("good.runbook.hcl", AFTER);
    let ran = place.run(&["fmt"]);
    assert_eq!(ran.seen(), "exit 0\n--- out\na.lab.hcl\nb.runbook.hcl\nc.auto.vars.hcl\n--- err\n");
    assert_eq!(place.text("b.runbook.hcl"), AFTER);
    for name in ["other.hcl", ".x.runbook.hcl", "in/d.runbook.hcl"] {
        assert_eq!(place.text(name), BEFORE, "{name}");
    }
    assert_eq!(place.run(&["fmt"]).seen(), "exit 0\n--- out\n--- err\n");
    assert_eq!(place.run(&["fmt", "-recursive", "."]).out, "in/d.runbook.hcl\n");
    assert_eq!(place.run(&["fmt", "other.hcl"]).out, "other.hcl\n");
    assert_eq!(place.text("other.hcl"), AFTER);
}

#[test]
fn check_changes_nothing_and_reports_by_its_exit_code() {
    let place = Place::with(BEFORE);
    let ran = place.run(&["fmt", "-check"]);
    assert_eq!(ran.seen(), "exit 3\n--- out\nmain.runbook.hcl\n--- err\n");
    assert_eq!(place.run(&["fmt", "-check", "-list=false"]).seen(), "exit 3\n--- out\n--- err\n");
    assert_eq!(place.text("main.runbook.hcl"), BEFORE);
    place.run(&["fmt"]);
    assert_eq!(place.run(&["fmt", "-check"]).seen(), "exit 0\n--- out\n--- err\n");
}

#[test]
fn a_difference_is_shown() {
    let place = Place::with(BEFORE);
    let ran = place.run(&["fmt", "-diff", "-write=false"]);
    assert_eq!(ran.code, Some(0));
    insta::assert_snapshot!(ran.out);
    assert_eq!(place.text("main.runbook.hcl"), BEFORE);
    assert_eq!(place.run(&["fmt", "-diff"]).out, ran.out);
    assert_eq!(place.text("main.runbook.hcl"), AFTER);
}

#[test]
fn text_is_printed_when_it_is_neither_written_nor_listed() {
    let place = Place::with(BEFORE);
    assert_eq!(place.run(&["fmt", "-list=false", "-write=false"]).out, AFTER);
    assert_eq!(place.text("main.runbook.hcl"), BEFORE);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let place = Place::new();
    assert_eq!(place.run_with(&["fmt", "-"], BEFORE).seen(), format!("exit 0\n--- out\n{AFTER}--- err\n"));
    assert_eq!(place.run_with(&["fmt", "-check", "-"], BEFORE).seen(), "exit 3\n--- out\n--- err\n");
    assert_eq!(place.run_with(&["fmt", "-check", "-"], AFTER).code, Some(0));
    let ran = place.run_with(&["fmt", "-"], BROKEN);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    assert!(ran.err.contains("<stdin>:3:1"), "{}", ran.err);
}

/// The input and the standard output; formatting a file keeps its end.
const ENDS: [(&str, &str); 6] = [
    ("", "\n"),
    ("\n", "\n"),
    ("a = 1", "a = 1\n"),
    ("a=1\nbc=2", "a  = 1\nbc = 2\n"),
    ("a = 1 # x", "a = 1 # x\n"),
    ("a = 1\n\n", "a = 1\n\n"),
];

#[test]
fn a_line_break_ends_what_is_printed_and_none_is_added_to_a_file() {
    for (input, printed) in ENDS {
        let place = Place::new();
        assert_eq!(place.run_with(&["fmt", "-"], input).out, printed, "{input:?}");
        assert_eq!(place.run_with(&["fmt", "-"], printed).out, printed, "{input:?}: again");
        let changes = input.contains("a=1");
        let code = place.run_with(&["fmt", "-check", "-"], input).code;
        assert_eq!(code, Some(if changes { 3 } else { 0 }), "{input:?}: a line break is no change");
        place.write("a.hcl", input);
        assert_eq!(place.run(&["fmt", "-list=false", "-write=false", "a.hcl"]).out, printed, "{input:?}");
        assert_eq!(place.run(&["fmt", "a.hcl"]).code, Some(0), "{input:?}");
        let ending = if input.ends_with('\n') { printed } else { printed.trim_end() };
        assert_eq!(place.text("a.hcl"), ending, "{input:?}");
    }
}

/// Keys of objects as they are written, and as they are laid out; the last ones are no keys.
const KEYS: [(&str, Option<&str>); 18] = [
    ("azurerm.connectivity=x", Some("azurerm.connectivity = x")),
    ("a.b.c=x,d.e=y", Some("a.b.c = x, d.e = y")),
    ("a[0]=x", Some("a[0] = x")),
    ("a.b[0].c : x", Some("a.b[0].c : x")),
    ("(a.b)=x", Some("(a.b) = x")),
    ("( a.b )=x", Some("(a.b) = x")),
    ("\"q\":x", Some("\"q\" : x")),
    ("\"q${ a }\"=x", Some("\"q${a}\" = x")),
    ("q:x", Some("q : x")),
    ("1=x", Some("1 = x")),
    ("true=x", Some("true = x")),
    ("f(a)=x", Some("f(a) = x")),
    ("a.b={c.d=x}", Some("a.b = { c.d = x }")),
    ("a.b=[{c.d=x}]", Some("a.b = [{ c.d = x }]")),
    ("a.b=x y", None),
    ("a.=x", None),
    ("a.b", None),
    ("=x", None),
];

#[test]
fn every_key_that_can_be_read_is_laid_out() {
    for (written, laid_out) in KEYS {
        let ran = Place::new().run_with(&["fmt", "-"], &format!("a = {{{written}}}\n"));
        match laid_out {
            Some(laid_out) => assert_eq!(ran.out, format!("a = {{ {laid_out} }}\n"), "{}", ran.seen()),
            None => assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{written}: {}", ran.err),
        }
    }
    let place = Place::with("output \"a\" { value = { azurerm.connectivity = 1 } }\n");
    assert!(
        place.run(&["validate"]).err.contains("ambiguous-key"),
        "a runbook still says which one it means"
    );
}

#[test]
fn an_unreadable_file_does_not_stop_the_others() {
    let place = Place::with(BEFORE);
    place.write("a/broken.runbook.hcl", BROKEN);
    place.write("a/latin.runbook.hcl", b"step \"\xe9\" \"a\" {}");
    place.write("z/more.runbook.hcl", BEFORE);
    let ran = place.run(&["fmt", "-recursive"]);
    let laid_out =
        format!("main.runbook.hcl\n{}\n", std::path::Path::new("z").join("more.runbook.hcl").display());
    assert_eq!((ran.code, ran.out), (Some(3), laid_out));
    for part in ["unmatched-bracket", "broken.runbook.hcl:3:1", "not-utf-8", "latin.runbook.hcl"] {
        assert!(ran.err.contains(part), "no {part} in {}", ran.err);
    }
    assert_eq!(place.text("main.runbook.hcl"), AFTER);
    assert_eq!(place.text("z/more.runbook.hcl"), AFTER);
    assert_eq!(place.text("a/broken.runbook.hcl"), BROKEN);
    assert_eq!(place.run(&["fmt", "-check", "-recursive"]).code, Some(3));
}

#[test]
fn a_file_that_is_not_hcl_is_refused() {
    let place = Place::new();
    place.write("a.json", "{}");
    for (path, expected) in
        [("a.json", "not-hcl"), ("none.hcl", "file-not-found"), ("none", "file-not-found")]
    {
        let ran = place.run(&["fmt", path]);
        assert_eq!(ran.code, Some(3), "{path}");
        assert!(ran.err.contains(expected), "{path}: {}", ran.err);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let place = Place::with(BEFORE);
    let path = place.path().join("main.runbook.hcl");
    let mut permissions = fs::metadata(&path).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("set");
    let ran = place.run(&["fmt"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("file-not-written"), "{}", ran.err);
    assert_eq!(place.text("main.runbook.hcl"), BEFORE);
}

#[test]
fn json_output_has_an_object_per_file() {
    let place = Place::with(BEFORE);
    place.write("z.runbook.hcl", AFTER);
    let ran = place.run(&["fmt", "-json"]);
    assert_eq!(
        ran.out,
        "{\"file\":\"main.runbook.hcl\",\"changed\":true}\n{\"file\":\"z.runbook.hcl\",\"changed\":false}\n"
    );
    let ran = place.run_with(&["fmt", "-json", "-"], BEFORE);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(answer["text"], AFTER);
}

#[test]
fn files_of_five_megabytes_are_formatted() {
    let step = "step echo \"a\" {\n input={\n  a=[1,2]# c\n  longer = \"${ b }\"\n }\n}\n";
    let place = Place::with(&step.repeat((5 << 20) / step.len()));
    assert_eq!(place.run(&["fmt"]).seen(), "exit 0\n--- out\nmain.runbook.hcl\n--- err\n");
    let laid_out =
        "step \"echo\" \"a\" {\n  input = {\n    a      = [1, 2] # c\n    longer = \"${b}\"\n  }\n}\n";
    assert_eq!(place.text("main.runbook.hcl"), laid_out.repeat((5 << 20) / step.len()));
}

#[test]
fn the_files_of_this_repository_are_formatted() {
    let mut command =
        Place::new().command(&["fmt", "-check", "-diff", "-recursive", "runbooks", "examples", "benches"]);
    let output = command.current_dir(repository()).output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
