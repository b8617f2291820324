//! Revisions in git and plan files as sides of a difference.

use std::process::Command;

use super::support::{difference, ended, lines};
use crate::support::Place;

const OLD: &str = r#"
step "file" "motd" {
  path    = "/tmp/motd"
  content = file("text.txt")
}
"#;

fn git(place: &Place, arguments: &[&str]) {
    let mut command = Command::new("git");
    // In a hook of git these name another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    command.arg("-C").arg(place.path()).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
    command.args(["-c", "commit.gpgsign=false"]);
    let output = command.args(arguments).output().expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(place: &Place, content: &str) {
    place.write("book/text.txt", content);
    git(place, &["add", "."]);
    git(place, &["commit", "--quiet", "-m", content]);
}

/// Returns a repository with a runbook in two revisions, and a third state on the disk.
fn place() -> Place {
    let place = Place::new();
    git(&place, &["init", "--quiet"]);
    place.write("book/main.runbook.hcl", OLD);
    commit(&place, "one");
    commit(&place, "two");
    place.write("book/main.runbook.hcl", OLD.replace("/tmp/motd", "/tmp/issue"));
    place
}

#[test]
fn a_revision_is_one_of_the_runbook_on_the_other_side() {
    let place = place();
    let changed = ["changed step.file.motd: content: \"one\" → \"two\"", "changed the file text.txt"];
    assert_eq!(lines(&difference(&place, "HEAD~1", "book"))[0], changed[0]);
    let path = "changed step.file.motd: path: \"/tmp/motd\" → \"/tmp/issue\"";
    assert_eq!(lines(&difference(&place, "HEAD", "book"))[0], path);
    assert_eq!(
        lines(&difference(&place, "book", "HEAD"))[0],
        "changed step.file.motd: path: \"/tmp/issue\" → \"/tmp/motd\""
    );
    let mut command = place.command(&["diff", "-json", "HEAD~1", "HEAD"]);
    let output = command.current_dir(place.path().join("book")).output().expect("the program");
    let both = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(lines(&both), changed);
}

#[test]
fn a_plan_file_is_compared_by_what_it_shows() {
    let place = place();
    ended(place.run(&["plan", "-out", "approved.plan", "book"]), 0);
    assert_eq!(lines(&difference(&place, "approved.plan", "book")), Vec::<String>::new());
    let said = lines(&difference(&place, "approved.plan", "HEAD"));
    assert_eq!(said[0], "changed step.file.motd: path: \"/tmp/issue\" → \"/tmp/motd\"");
    let grows = "grows, file: write /tmp/motd";
    assert!(said.iter().any(|line| line.starts_with(grows)), "{said:?}");
    let page = ended(place.run(&["diff", "approved.plan", "HEAD"]), 0);
    assert!(page.out.contains("A plan file has no expressions"), "{}", page.out);
}

/// Nothing that a plan leaves out, or does not show, is a difference as long as the files are those that it was made from.
#[test]
fn a_plan_file_and_its_runbook_are_the_same() {
    let place = Place::new();
    place.write("go.sh", "id\n");
    place.write("input.txt", "id");
    let runbook = r#"
variable "on" { default = false }
locals { script = sensitive("id") }
step "exec" "left_out" {
  when = var.on
  argv = ["touch", "a"]
}
step "exec" "none" {
  count = var.on ? 1 : 0
  argv  = ["touch", "b"]
}
step "exec" "hidden" {
  argv  = ["bash"]
  stdin = local.script
}
step "exec" "elsewhere" { argv = ["echo", file("/etc/hostname"), file("input.txt"), plantimestamp()] }
step "exec" "beside" { argv = ["bash", "go.sh"] }
"#;
    place.write("main.runbook.hcl", runbook);
    ended(place.run(&["plan", "-out", "p.plan"]), 0);
    for sides in [["p.plan", "p.plan"], ["p.plan", "."], [".", "p.plan"]] {
        let ran = ended(place.run(&["diff", sides[0], sides[1], "-fail-on", "change"]), 0);
        assert_eq!(ran.out.contains("read /etc/hostname"), sides[0] != sides[1], "{}", ran.out);
    }
    // Each of these edits may be more power: the plan does not show what it leaves out or hides.
    for (old, new, kind) in [
        ("[\"touch\", \"a\"]", "[\"rm\", \"a\"]", "program"),
        ("[\"touch\", \"b\"]", "[\"rm\", \"b\"]", "program"),
        ("sensitive(\"id\")", "sensitive(\"id; id\")", "unknown"),
    ] {
        place.write("main.runbook.hcl", runbook.replace(old, new));
        let told = difference(&place, "p.plan", ".");
        let kinds: Vec<_> =
            told["privilege"].as_array().expect("a list").iter().map(|one| &one["kind"]).collect();
        assert!(kinds.iter().any(|found| *found == kind), "{new}: {told:#}");
        ended(place.run(&["diff", "p.plan", ".", "-fail-on", "privilege"]), 2);
    }
    place.write("main.runbook.hcl", runbook);
    place.write("go.sh", "id; id\n");
    assert_eq!(difference(&place, "p.plan", ".")["privilege"][0]["kind"], "code");
}

/// A file of the reader's machine is shown by no comparison.
#[test]
fn a_comparison_with_a_plan_file_reads_no_file_elsewhere() {
    let place = Place::new();
    let elsewhere = tempfile::tempdir().expect("a directory");
    let file = elsewhere.path().join("canary.txt");
    std::fs::write(&file, "canary-3314").expect("written");
    place.write("main.runbook.hcl", "step \"exec\" \"a\" { argv = [\"echo\", \"b\"] }\n");
    ended(place.run(&["plan", "-out", "p.plan"]), 0);
    let read = format!("step \"exec\" \"a\" {{ argv = [\"echo\", file(\"{}\")] }}\n", file.display());
    place.write("main.runbook.hcl", read);
    for extent in ["-verbose", "-markdown", "-json"] {
        let ran = place.run(&["diff", "p.plan", ".", extent]);
        assert!(ran.code == Some(0) && !ran.seen().contains("canary-3314"), "{}", ran.seen());
    }
}

/// A file with a secret has another digest in each plan file.
#[test]
fn two_plan_files_of_one_runbook_are_the_same() {
    let place = Place::new();
    place.write("secret.txt", "canary-7781");
    place.write(
        "main.runbook.hcl",
        "step \"file\" \"kept\" {\n  path    = \"kept\"\n  content = sensitive(file(\"secret.txt\"))\n  mode    = \"0600\"\n}\n",
    );
    for name in ["a.plan", "b.plan"] {
        ended(place.run(&["plan", "-out", name]), 0);
    }
    assert_eq!(lines(&difference(&place, "a.plan", "b.plan")), Vec::<String>::new());
    assert_eq!(lines(&difference(&place, "a.plan", ".")), Vec::<String>::new());
    place.write("secret.txt", "canary-7782");
    assert_eq!(lines(&difference(&place, "a.plan", ".")), ["changed the file secret.txt"]);
}

#[test]
fn the_exit_code_says_whether_privilege_grows() {
    let place = place();
    for (arguments, code) in [
        (&["diff", "HEAD", "book", "-fail-on", "privilege"][..], 2),
        (&["diff", "HEAD~1", "HEAD", "-fail-on", "privilege"], 3),
        (&["diff", "book", "book", "-fail-on", "privilege"], 0),
        (&["diff", "book", "book", "-fail-on", "change"], 0),
        (&["diff", "HEAD", "book", "-fail-on", "change"], 2),
        (&["diff", "HEAD", "book"], 0),
    ] {
        ended(place.run(arguments), code);
    }
    place.write("book/text.txt", "three");
    ended(place.run(&["diff", "HEAD", "book", "-fail-on", "privilege"]), 2);
    place.write("book/main.runbook.hcl", OLD);
    ended(place.run(&["diff", "HEAD", "book", "-fail-on", "privilege"]), 0);
    ended(place.run(&["diff", "HEAD", "book", "-fail-on", "change"]), 2);
}

#[test]
fn a_side_that_is_nothing_is_an_error() {
    let place = place();
    place.write("bad/main.runbook.hcl", "step \"none\" \"x\" {}\n");
    for (arguments, expected) in [
        (["diff", "no-such-thing", "book"], "has no commit `no-such-thing`"),
        (["diff", "book", "bad"], "bad/main.runbook.hcl:1:6"),
        (["diff", "book", "book/text.txt"], "book/text.txt"),
    ] {
        let ran = ended(place.run(&arguments), 3);
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.seen());
    }
}

/// A runbook that a revision does not have is an empty one; one that neither has is an error.
#[test]
fn a_runbook_that_a_revision_does_not_have_is_empty() {
    let place = place();
    place.write("ops/new/main.runbook.hcl", OLD);
    place.write("ops/new/text.txt", "x");
    for (path, block) in [("ops/new", "step.file.motd"), ("ops/new/main.runbook.hcl", "step.file.motd")] {
        let added = difference(&place, "HEAD", path);
        assert_eq!(added["notes"][0], format!("{path} does not exist at HEAD."), "{added}");
        assert_eq!(lines(&added)[0], format!("added {block}"));
        assert_eq!(lines(&difference(&place, path, "HEAD"))[0], format!("removed {block}"));
    }
    let page = ended(place.run(&["diff", "HEAD", "ops/new", "-fail-on", "privilege"]), 2).out;
    assert!(page.contains("ops/new does not exist at HEAD."), "{page}");
    let mut command = place.command(&["diff", "HEAD~1", "HEAD"]);
    let output = command.current_dir(place.path().join("ops/new")).output().expect("the program");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains(". does not exist at HEAD~1"));
}

/// The error for a directory without a runbook names those below it, on the disk and in a revision.
#[test]
fn a_directory_without_a_runbook_names_runbooks_below_it() {
    let place = place();
    for arguments in [&["diff", "HEAD~1", "HEAD"][..], &["plan"], &["diff", "HEAD", "."]] {
        let ran = ended(place.run(arguments), 3);
        assert!(ran.err.contains("name a directory with a runbook, such as book"), "{}", ran.seen());
    }
}

/// A secret that a run would refuse does not hide the rest of the difference.
#[test]
fn a_secret_that_a_run_would_refuse_does_not_stop_the_comparison() {
    let place = Place::new();
    let runbook = |argument: &str| {
        format!(
            "variable \"p\" {{\n  sensitive = true\n  default   = \"canary-5512\"\n}}\n\n\
             step \"http\" \"x\" {{\n  url              = \"http://web.test/\"\n  allow_plain_http = true\n  \
             method           = \"POST\"\n  json             = {{ password = {argument} }}\n}}\n"
        )
    };
    place.write("old/main.runbook.hcl", runbook("\"x\""));
    place.write("new/main.runbook.hcl", runbook("var.p"));
    let told = difference(&place, "old", "new");
    let note = told["notes"][0].as_str().unwrap_or_default();
    assert!(note.starts_with("new cannot run: a secret would be sent without TLS"), "{told}");
    assert!(lines(&told)[0].starts_with("changed step.http.x: json"), "{told}");
    assert!(!told.to_string().contains("canary"), "{told}");
    ended(place.run(&["plan", "new"]), 3);
}
