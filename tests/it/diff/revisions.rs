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
    let page = ended(place.run(&["diff", "approved.plan", "book"]), 0);
    assert!(page.out.contains("A plan file has no expressions"), "{}", page.out);
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
