//! `arcbook init`: a first runbook that works at once, and nothing that is lost.

use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::support::{Place, Ran, started};

/// The templates, each with the options that choose it and its files.
const TEMPLATES: [(&str, &[&str], &[&str]); 4] = [
    ("the default", &[], &["main.runbook.hcl"]),
    ("lab", &["-template", "lab"], &["main.runbook.hcl"]),
    ("secret", &["-template", "secret"], &["main.runbook.hcl"]),
    ("onboard", &["-template", "onboard"], &["main.runbook.hcl", "onboard.lab.hcl"]),
];

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran
}

/// Returns the names of the files in a place, with their content.
fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let name = |path: &std::path::Path| {
        path.strip_prefix(place.path()).expect("in the place").to_string_lossy().replace('\\', "/")
    };
    let mut files: Vec<_> = place.files().iter().map(|(path, bytes)| (name(path), bytes.clone())).collect();
    files.sort();
    files
}

fn names(place: &Place) -> Vec<String> {
    files(place).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_template_works_at_once_and_again() {
    for (template, options, expected) in TEMPLATES {
        let place = Place::new();
        let said = ok(place.run(&[&["init"], options].concat()));
        let expected = std::iter::once(".gitignore").chain(expected.iter().copied());
        let expected: Vec<_> = expected.map(ToOwned::to_owned).collect();
        assert_eq!(names(&place), expected, "{template}");
        assert!(
            expected.iter().all(|name| said.out.contains(&format!("Created {name}.\n"))),
            "{}",
            said.seen()
        );
        let next: Vec<_> = said.out.lines().filter_map(|line| line.strip_prefix("  arcbook ")).collect();
        assert_eq!(next, ["plan", "run -lab"], "{template}");
        assert_eq!(ok(place.run(&["fmt", "-check"])).out, "", "{template}");
        for command in [
            &["validate"][..],
            &["plan"],
            &["run", "-lab"],
            &["run", "-lab"],
            &["plan", "-live", "-lab"],
            &["verify"],
        ] {
            let ran = ok(place.run(command));
            assert_eq!(ran.err, "", "{template} {command:?}");
        }
        let before = files(&place);
        let again = place.run(&["init"]);
        assert_eq!(again.code, Some(3), "{}", again.seen());
        assert!(again.err.contains("main.runbook.hcl"), "{}", again.seen());
        assert_eq!(files(&place), before, "{template}");
    }
}

/// A record holds what a run found, so it does not belong into a repository.
#[cfg(unix)]
#[test]
fn the_records_stay_out_of_a_repository() {
    let place = Place::new();
    ok(place.run(&["init"]));
    ok(place.run(&["run", "-lab"]));
    let git = |arguments: &[&str]| {
        std::process::Command::new("git").args(arguments).current_dir(place.path()).output().expect("git")
    };
    assert!(git(&["init", "-q"]).status.success());
    let listed = git(&["status", "--porcelain", "--untracked-files=all"]).stdout;
    assert_eq!(String::from_utf8_lossy(&listed), "?? .gitignore\n?? main.runbook.hcl\n");
}

#[test]
fn every_file_in_the_way_is_named_and_stays() {
    for (template, options, _) in TEMPLATES {
        let place = Place::new();
        let others = [
            "a.runbook.hcl",
            "b.auto.vars.hcl",
            "c.auto.vars.json",
            "d.lab.hcl",
            "notes.md",
            ".hidden.runbook.hcl",
            "below/e.runbook.hcl",
        ];
        for name in others {
            place.write(name, "kept");
        }
        let before = files(&place);
        let ran = place.run(&[&["init"], options].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{template}: {}", ran.seen());
        assert!(
            ran.err.contains("[runbook-exists]: there are files of a runbook here already"),
            "{}",
            ran.seen()
        );
        assert!(
            ran.err.contains("a.runbook.hcl, b.auto.vars.hcl, c.auto.vars.json, d.lab.hcl."),
            "{}",
            ran.seen()
        );
        assert!(ran.err.contains("help: name another directory: `arcbook init DIR`"), "{}", ran.seen());
        assert_eq!(files(&place), before, "{template}");
        // Files that are no part of a runbook are in nobody's way.
        for name in &others[..4] {
            std::fs::remove_file(place.path().join(name)).expect("removed");
        }
        ok(place.run(&[&["init"], options].concat()));
        ok(place.run(&["run", "-lab"]));
        let after = files(&place);
        let kept = before.iter().filter(|(name, _)| !others[..4].contains(&name.as_str()));
        assert!(kept.into_iter().all(|file| after.contains(file)), "{template}");
    }
}

#[test]
fn a_gitignore_that_exists_is_not_touched() {
    for (text, is_told) in [("target\n", true), ("", true), ("#.arcbook\n", true), ("/.arcbook/\n", false)] {
        let place = Place::new();
        place.write(".gitignore", text);
        let said = ok(place.run(&["init", "-template", "secret"]));
        assert_eq!(said.out.contains("add the line `.arcbook/` to it"), is_told, "{text:?}: {}", said.seen());
        assert!(!said.out.contains("Created .gitignore"), "{}", said.seen());
        assert_eq!(std::fs::read_to_string(place.path().join(".gitignore")).ok().as_deref(), Some(text));
    }
}

#[test]
fn a_directory_is_created_and_the_way_there_is_told() {
    let place = Place::new();
    let said = ok(place.run(&["init", "-template=secret", "sites/my site"]));
    assert_eq!(names(&place), ["sites/my site/.gitignore", "sites/my site/main.runbook.hcl"]);
    assert!(
        said.out.contains("\n  cd 'sites/my site'\n  arcbook plan\n  arcbook run -lab\n"),
        "{}",
        said.seen()
    );
    ok(place.run(&["run", "-lab", "sites/my site"]));
    let said = ok(place.run(&["init", "--", "-x"]));
    assert!(said.out.contains("\n  cd ./-x\n"), "{}", said.seen());
    let again = place.run(&["init", "sites/my site"]);
    assert!(again.err.contains("there are files of a runbook in sites/my site already"), "{}", again.seen());
}

#[test]
fn a_directory_that_cannot_be_used_is_told_with_the_reason() {
    let place = Place::new();
    place.write("file", "kept");
    for directory in ["file", "file/below"] {
        let ran = place.run(&["init", directory]);
        assert_eq!(ran.code, Some(1), "{directory:?}: {}", ran.seen());
        assert!(ran.err.contains("[directory-not-usable]") && ran.err.contains("help: "), "{}", ran.seen());
        assert!(directory != "file" || ran.err.contains("It is a file."), "{}", ran.seen());
    }
    assert_eq!(files(&place), [("file".to_owned(), b"kept".to_vec())]);
    let ran = place.run(&["init", "-template", "onbord"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("onboard"), "{}", ran.seen());
}

/// A link that leads nowhere would let `init` write somewhere else.
#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let place = Place::new();
    std::os::unix::fs::symlink("elsewhere", place.path().join("main.runbook.hcl")).expect("a link");
    let ran = place.run(&["init"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("main.runbook.hcl"), "{}", ran.seen());
    assert!(!place.path().join("elsewhere").exists());
}

#[test]
fn of_several_at_once_one_succeeds() {
    let place = Place::new();
    let start = || {
        let mut command = place.command(&["init", "-template", "onboard"]);
        started(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
    };
    let children: Vec<_> = std::iter::repeat_with(start).take(8).collect();
    let rans: Vec<_> =
        children.into_iter().map(|child| Ran::of(child.wait_with_output().expect("its output"))).collect();
    let done = rans.iter().filter(|ran| ran.code == Some(0)).count();
    assert_eq!(done, 1, "{:?}", rans.iter().map(Ran::seen).collect::<Vec<_>>());
    assert_eq!(names(&place), [".gitignore", "main.runbook.hcl", "onboard.lab.hcl"]);
    ok(place.run(&["run", "-lab"]));
}

#[test]
fn tools_get_an_object() {
    let place = Place::new();
    let said = ok(place.run(&["init", "-json", "site"]));
    let object: Json = serde_json::from_str(&said.out).expect("one object");
    let created =
        ["main.runbook.hcl", ".gitignore"].map(|name| format!("site{}{name}", std::path::MAIN_SEPARATOR));
    let expected =
        json!({ "created": created, "directory": "site", "next": ["arcbook plan", "arcbook run -lab"] });
    assert_eq!(object, expected);
    let again = place.run(&["init", "-json", "site"]);
    let object: Json = serde_json::from_str(&again.out).expect("one object");
    assert_eq!(
        (again.code, &object["diagnostic"]["code"]),
        (Some(3), &json!("runbook-exists")),
        "{}",
        again.seen()
    );
}
