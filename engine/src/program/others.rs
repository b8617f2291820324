//! Reads the options of programs that run scripts beside their own work.

use super::place::Place;

/// The settings of `git` whose values are commands, in lower case.
const GIT_COMMANDS: [&str; 7] =
    ["sshcommand=", "editor=", "pager=", "fsmonitor=", "hookspath=", "helper=", "=!"];

/// Returns the words behind a program, as far as they are known, with their indices.
fn words<'a>(argv: &'a [Option<&'a str>], at: usize) -> impl Iterator<Item = (usize, &'a str)> {
    argv.iter().enumerate().skip(at + 1).map_while(|(index, text)| Some((index, (*text)?)))
}

/// Returns true if a word is an option with this letter, alone or behind others.
fn is_option(word: &str, letter: char) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with(letter)
}

/// Reads the options of a program that gives the value of `-c` to a shell.
pub(super) fn command_option(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let found = words(argv, at).find(|(_, word)| is_option(word, 'c') || *word == "--command");
    found.map(|(index, _)| Place::Argument(index + 1))
}

/// Reads the options of `awk`, up to its program.
pub(super) fn pattern_language(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let mut is_value = false;
    for (index, word) in words(argv, at) {
        if std::mem::take(&mut is_value) {
            continue;
        }
        if word == "-f" {
            return Some(Place::File(index + 1));
        }
        if !word.starts_with('-') {
            return Some(Place::Argument(index));
        }
        is_value = matches!(word, "-F" | "-v");
    }
    None
}

/// Reads the settings of `git` that are commands.
pub(super) fn git(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let is_command = |word: &str| {
        let word = word.to_ascii_lowercase();
        GIT_COMMANDS.iter().any(|setting| word.contains(setting))
    };
    let settings = words(argv, at).filter(|(index, _)| argv[index - 1] == Some("-c"));
    settings
        .map(|(index, word)| (index, is_command(word)))
        .find(|(_, is)| *is)
        .map(|(index, _)| Place::Argument(index))
}

/// Reads the options of the programs that run later what they read.
pub(super) fn scheduler(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let file = words(argv, at).find(|(_, word)| *word == "-f").map(|(index, _)| Place::File(index + 1));
    let reads = argv[at].is_some_and(|program| !program.ends_with("crontab"))
        || words(argv, at).any(|(_, word)| word == "-");
    file.or(reads.then_some(Place::Input))
}

/// Reads the options of `make`: its file is a script.
pub(super) fn make(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let (index, _) = words(argv, at).find(|(_, word)| is_option(word, 'f') || *word == "--file")?;
    match argv.get(index + 1) {
        Some(Some("-")) => Some(Place::Input),
        _ => Some(Place::File(index + 1)),
    }
}
