//! The rules of `CONTRIBUTING.md` that can be counted. clippy holds the length of functions (`clippy.toml`).

use std::path::{Path, PathBuf};

use crate::support::repository;

/// The most lines of a file of code.
const MOST_LINES: usize = 400;

/// Words that a documentation sentence begins with only when it asks something.
const QUESTION_WORDS: [&str; 9] =
    ["What", "That", "Who", "Whom", "Whose", "How", "Where", "Whether", "Which"];

/// Tests that may sleep, with the reason.
const SLEEPERS: [(&str, &str); 1] = [("tests/it/unread.rs", "watches files that another process writes")];

/// Every file of code, by its path from the root of the repository.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for directory in ["src", "os", "engine", "steps", "lab", "benches", "fuzz", "tests"] {
        collect(&repository().join(directory), &mut found);
    }
    assert!(found.len() > 400, "only {} files of code were found", found.len());
    found
        .into_iter()
        .map(|path| (name(&path), std::fs::read_to_string(&path).expect("a source file")))
        .collect()
}

fn name(path: &Path) -> String {
    let path = path.strip_prefix(repository()).expect("a file of the repository");
    path.to_string_lossy().replace('\\', "/")
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Fails with the list of everything that breaks a rule.
fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let lines = sources().into_iter().map(|(name, text)| (name, text.lines().count()));
    let long: Vec<String> = lines
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(name, lines)| format!("{name}: {lines}"))
        .collect();
    assert_none("a file has at most 400 lines", &long);
}

/// The text of a documentation line.
fn documentation(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("/// ").or_else(|| line.strip_prefix("//! "))
}

/// Returns true if a line of documentation begins a statement with a question word.
fn begins_oddly(text: &str) -> bool {
    let sentence = text.split_inclusive(['.', '?', ':', ';']).next().unwrap_or(text);
    let word = sentence.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    QUESTION_WORDS.contains(&word) && !sentence.ends_with('?')
}

#[test]
fn question_words_begin_questions_alone() {
    for (text, odd) in [
        ("What the step gives.", true),
        ("How long it waits, in seconds.", true),
        ("Whatever follows is kept.", false),
        ("What was changed? Nothing.", false),
        ("The outputs of a step.", false),
    ] {
        assert_eq!(begins_oddly(text), odd, "{text}");
    }
    let odd: Vec<String> = sources()
        .iter()
        .flat_map(|(name, text)| {
            let lines = text.lines().enumerate();
            let odd = lines.filter(|(_, line)| documentation(line).is_some_and(begins_oddly));
            odd.map(move |(at, line)| format!("{name}:{}: {}", at + 1, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert_none("a sentence of the documentation names its subject", &odd);
}

#[test]
fn no_test_sleeps() {
    let is_test = |name: &str| name.contains("tests") && name != "tests/it/house.rs";
    let may = |name: &str| SLEEPERS.iter().any(|(sleeper, _)| *sleeper == name);
    let sleepers: Vec<String> = sources()
        .into_iter()
        .filter(|(name, text)| is_test(name) && text.contains("thread::sleep") && !may(name))
        .map(|(name, _)| name)
        .collect();
    assert_none("a test waits for something that happens, not for a time", &sleepers);
}
