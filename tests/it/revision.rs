//! Runbooks in revisions of git.

use std::process::Command;

use crate::support::Place;

const MAIN: &str = r#"
step "echo" "a" {
  input = templatefile("greeting.j2", { name = "you" })
}

module "part" {
  source = "./part"
}

output "all" {
  value = "${step.echo.a.output} ${module.part.out}"
}
"#;

const PART: &str = r#"
output "out" {
  value = join(",", fileset(path.module, "*.txt"))
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

fn commit(place: &Place, tag: &str) {
    git(place, &["add", "."]);
    git(place, &["commit", "--quiet", "-m", tag]);
    git(place, &["tag", tag]);
}

/// Returns a repository with a valid runbook at `good`, an invalid one at `bad`, and neither on the disk.
fn place() -> Place {
    let place = Place::new();
    git(&place, &["init", "--quiet"]);
    place.write("book/main.runbook.hcl", MAIN);
    place.write("book/greeting.j2", "Hello {{ name }}");
    place.write("book/part/part.runbook.hcl", PART);
    place.write("book/part/a.txt", "");
    commit(&place, "good");
    place.write("book/part/part.runbook.hcl", "\noutput \"out\" { value = var.none }\n");
    commit(&place, "bad");
    std::fs::remove_dir_all(place.path().join("book")).expect("removed");
    place
}

#[test]
fn a_revision_is_validated_and_planned_as_it_was() {
    let place = place();
    let valid = place.run(&["validate", "-revision", "good", "book"]);
    assert_eq!((valid.code, valid.out.as_str()), (Some(0), "The runbook book is valid: 1 step in 1 file.\n"));
    let plan = place.run(&["plan", "-revision", "good", "book"]);
    assert_eq!(plan.code, Some(0), "{}", plan.seen());
    assert!(plan.out.contains("Hello you"), "{}", plan.seen());
    let wrong = place.run(&["validate", "-revision", "bad", "book"]);
    assert_eq!(wrong.code, Some(3));
    assert!(wrong.err.contains("book/part/part.runbook.hcl:2:28"), "{}", wrong.seen());
    assert!(!place.path().join("book").exists());
}

#[test]
fn a_revision_that_cannot_be_read_is_an_error() {
    let place = place();
    for (arguments, expected) in [
        (&["validate", "-revision", "none", "book"][..], "has no commit `none`"),
        (&["validate", "-revision", "HEAD", "other"], "other"),
        (&["plan", "-revision", "HEAD", "-live", "book"], "cannot be used with"),
        (&["plan", "-revision", "HEAD", "-out", "x.plan", "book"], "cannot be used with"),
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.seen());
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.seen());
    }
    let elsewhere = Place::with("");
    let ran = elsewhere.run(&["validate", "-revision", "HEAD"]);
    assert!(ran.err.contains("is in no git repository"), "{}", ran.seen());
    let mut command = place.command(&["validate", "-revision", "good", "book"]);
    let output = command.env("PATH", place.path()).output().expect("the program");
    let seen = String::from_utf8_lossy(&output.stderr);
    assert!(seen.contains("the program `git` is not installed") && seen.contains("install git"), "{seen}");
}
