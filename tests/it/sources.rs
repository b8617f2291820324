//! A file that cannot be uploaded is reported before any change.

use crate::cloud::Cloud;
use crate::support::Place;

/// Returns a runbook that creates a container, then uploads `source` into it, with `more` in the step.
fn book(source: &str, more: &str) -> String {
    format!(
        r#"
variable "file" {{ default = {source:?} }}

step "blob_container" "new" {{
  account = "acc01"
  name    = "new"
}}

step "blob_upload" "it" {{
  account   = "acc01"
  container = step.blob_container.new.name
  name      = "it.bin"
  source    = var.file
  {more}
}}
"#
    )
}

fn place(source: &str, more: &str) -> Place {
    let place = Place::with(&book(source, more));
    place.write("there.bin", "x");
    std::fs::create_dir(place.path().join("folder")).expect("made");
    place
}

#[test]
fn a_file_that_cannot_be_sent_stops_the_plan_and_the_run() {
    let cloud = Cloud::start();
    for (source, code, said) in [
        ("none.bin", "file-not-found", "there is no file none.bin"),
        ("folder", "not-a-file", "folder is a directory"),
        #[cfg(unix)]
        ("there.bin/x", "file-not-readable", "there.bin/x cannot be read"),
        #[cfg(unix)]
        ("/dev/null", "not-a-file", "/dev/null is not a regular file"),
        #[cfg(windows)]
        ("NUL", "not-a-file", "NUL is not a regular file"),
    ] {
        let place = place(source, "");
        for arguments in [
            &["plan"][..],
            &["plan", "-live"],
            &["plan", "-out", "x.plan"],
            &["run", "-auto-approve"],
            &["run", "-lab", "-world", "w.lab.hcl"],
        ] {
            place.write("w.lab.hcl", crate::cloud::WORLD);
            let ran = cloud.run(&place, arguments);
            assert_eq!(ran.code, Some(3), "{source} {arguments:?}: {}", ran.seen());
            assert!(ran.err.contains(&format!("[{code}]")) && ran.err.contains(said), "{}", ran.seen());
            assert!(ran.err.contains("main.runbook.hcl:13"), "{}", ran.seen());
        }
        assert!(!place.path().join("x.plan").exists(), "nothing is saved");
    }
    assert!(cloud.changes().is_empty(), "{:?}", cloud.changes());
}

/// A step that holds a file in memory takes no file of any size.
#[test]
fn a_file_that_is_too_large_to_copy_stops_the_plan() {
    let place = Place::with("step \"file\" \"copy\" {\n  path   = \"copy\"\n  source = \"large.bin\"\n}\n");
    let large = std::fs::File::create(place.path().join("large.bin")).expect("made");
    large.set_len(256 * 1024 * 1024 + 1).expect("long");
    let ran = place.run(&["plan"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("[file-too-large]"), "{}", ran.seen());
    assert!(ran.err.contains("large.bin is larger than 256 MiB"), "{}", ran.seen());
}

#[test]
fn a_missing_file_of_an_uncertain_step_is_a_warning() {
    let cloud = Cloud::start();
    for (more, code) in [
        ("on_error = \"continue\"", Some(0)),
        ("run_on = \"failure\"", Some(0)),
        ("when = step.blob_container.new.created", Some(0)),
    ] {
        let ran = cloud.run(&place("none.bin", more), &["plan"]);
        assert_eq!(ran.code, code, "{more}: {}", ran.seen());
        assert!(
            ran.err.contains("warning") && ran.err.contains("there is no file none.bin"),
            "{}",
            ran.seen()
        );
    }
    for arguments in [&["plan"][..], &["plan", "-target", "step.blob_container.new"]] {
        let more = if arguments.len() == 1 { "when = false" } else { "" };
        let ran = cloud.run(&place("none.bin", more), arguments);
        assert_eq!(ran.code, Some(0), "{more}: {}", ran.seen());
        assert!(!ran.err.contains("none.bin"), "what is not run needs no file: {}", ran.seen());
    }
}

#[test]
fn a_file_known_only_at_run_time_is_checked_before_its_upload() {
    let cloud = Cloud::start();
    let book =
        book("none.bin", "").replace("var.file", "step.keyvault_secret.word.enabled ? \"none.bin\" : \"\"");
    let more = "\nstep \"keyvault_secret\" \"word\" {\n  vault = \"kv01\"\n  name = \"word\"\n}\n";
    let place = Place::with(&(book + more));
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let sent =
        cloud.lab.requests().iter().filter(|request| format!("{request:?}").contains("it.bin")).count();
    assert_eq!(sent, 0, "{}", ran.seen());
    assert!(ran.seen().contains("none.bin"), "{}", ran.seen());
    let records =
        place.files().into_iter().filter(|(path, _)| path.extension().is_some_and(|it| it == "jsonl"));
    let text: String = records.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect();
    assert!(text.contains("change_intended"), "the container is recorded: {text}");
    let intended =
        text.lines().filter(|line| line.contains("change_intended") && line.contains("blob_upload"));
    assert_eq!(intended.count(), 0, "{text}");
}
