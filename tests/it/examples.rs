//! The runbooks and examples of the repository.

use std::fs;
use std::path::PathBuf;

use crate::support::{Place, repository};
#[cfg(unix)]
use crate::support::{Ran, copy, finished};

/// Returns the directories in a folder of the repository, in order.
fn runbooks(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join(folder)).expect("readable").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    paths
}

#[test]
fn all_are_valid() {
    for path in [runbooks("runbooks"), runbooks("examples"), runbooks("templates")].concat() {
        let ran = Place::new().run(&["validate", path.to_str().expect("UTF-8")]);
        assert_eq!(ran.code, Some(0), "{}: {}", path.display(), ran.seen());
        assert_eq!(ran.err, "", "{}", path.display());
    }
}

#[test]
fn all_are_formatted() {
    let folders = ["runbooks", "examples", "templates"].map(|folder| repository().join(folder));
    let folders = folders.iter().map(|folder| folder.to_str().expect("UTF-8"));
    let ran =
        Place::new().run(&["fmt", "-check", "-recursive"].into_iter().chain(folders).collect::<Vec<_>>());
    assert_eq!(ran.seen(), "exit 0\n--- out\n--- err\n");
}

/// Each example runs in one command, with the world beside it or the built-in one, and can be planned live
/// after that.
#[cfg(unix)]
#[test]
fn all_examples_run_on_the_lab() {
    for path in runbooks("examples") {
        let place = Place::new();
        copy(&path, &place.path().join("example"));
        let ran = place.run(&["run", "-lab", "-auto-approve", "example"]);
        assert_eq!(ran.code, Some(0), "{}: {}", path.display(), ran.seen());
        let planned = place.run(&["plan", "-live", "-lab", "example"]);
        assert_eq!(planned.code, Some(0), "{}: {}", path.display(), planned.seen());
    }
}

/// Returns the commands in the first lines of a runbook, each with the remark after it.
#[cfg(unix)]
fn commands(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    let commands = lines.filter_map(|line| line.strip_prefix("   arcbook "));
    commands.map(|command| command.split_once("      ").unwrap_or((command, ""))).collect()
}

/// The commands at the start of an example are the whole truth: a shell runs them in their order, and the remark
/// says if one fails.
#[cfg(unix)]
#[test]
fn the_commands_of_an_example_do_as_they_say() {
    for path in runbooks("examples") {
        let name = path.file_name().expect("a name").to_str().expect("UTF-8");
        let (_, idea) = name.split_once('-').expect("a number and a name");
        let text = fs::read_to_string(path.join(format!("{idea}.runbook.hcl"))).expect("the runbook");
        let commands = commands(&text);
        let run = format!("run -lab examples/{name}");
        assert!(commands.iter().any(|(command, _)| *command == run), "{name}: {commands:?}");
        let place = Place::new();
        copy(&path, &place.path().join("examples").join(name));
        for (command, remark) in commands {
            // There is no terminal to approve at.
            let approval = if command.starts_with("run ") || command.starts_with("undo ") {
                " -auto-approve"
            } else {
                ""
            };
            let ran = Ran::of(finished(&mut place.shell(&format!("arcbook {command}{approval}"))));
            let expected = match remark {
                remark if remark.contains("reject") => 3,
                remark if remark.contains("fails") => 1,
                _ => 0,
            };
            assert_eq!(ran.code, Some(expected), "{command}: {}", ran.seen());
            assert_eq!(ran.err.contains("warning"), remark.contains("warns"), "{command}: {}", ran.seen());
        }
    }
}

/// The tour has every example, in the order of the numbers.
#[test]
fn the_tour_is_complete_and_in_order() {
    let tour = fs::read_to_string(repository().join("examples/README.md")).expect("the tour");
    let rows = tour.lines().filter_map(|line| line.strip_prefix("| ["));
    let listed: Vec<_> =
        rows.filter_map(|row| row.split_once(']')).map(|(name, _)| name.to_owned()).collect();
    let names =
        runbooks("examples").into_iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    // The database of `postgres` is no part of the lab.
    let names: Vec<_> = names.filter(|name| name != "postgres").collect();
    assert_eq!(listed, names);
    for name in listed {
        let (_, idea) = name.split_once('-').expect("a number and a name");
        assert!(tour.contains(&format!("({name}/{idea}.runbook.hcl)")), "{name}");
    }
}
