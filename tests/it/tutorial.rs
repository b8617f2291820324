//! Follows the walkthroughs word for word, each in an empty directory.
//!
//! A block `console` holds commands after `$ `, input of the last one after `> `, and what they print. A block
//! `hcl FILE` is the text of that file. In what is printed, a line `…` stands for any number of lines.
//!
//! `TUTORIAL=write cargo test --test it tutorial` puts what is printed now in place of what is not printed any more.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use regex::Regex;

use crate::cloud::Cloud;
use crate::support::{PATTERNS, Place, Ran, repository, started};

/// Parts that differ from run to run, beside those of snapshots.
const MORE_PATTERNS: [(&str, &str); 7] = [
    (r"\b\d{8}-\d{6}\.\d{3}-[0-9a-f]{6}-[0-9a-f]{8}\b", "[part]"),
    (r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{3})?Z", "[moment]"),
    (r"\(sha256 [0-9a-f]{8}…\)", "([digest])"),
    (r"With        arcbook .*", "[platform]"),
    (r"\(\d+ ms\)", "([time])"),
    (r"at line \d+", "at [line]"),
    (r"after [\d.]+ m?s", "after [time]"),
];

/// Any number of lines.
const GAP: &str = "…";

/// A command of a walkthrough.
struct Command {
    line: String,
    input: String,
    /// The number of the first line of what it prints.
    at: usize,
    printed: Vec<String>,
}

/// A block of a walkthrough.
enum Block {
    Commands(Vec<Command>),
    File { name: String, text: String },
}

/// Returns the blocks of a text.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<_> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        blocks.push(match kind.split_once(' ') {
            None if kind == "console" => Block::Commands(commands(&block)),
            Some(("hcl", name)) => {
                let text = block.iter().flat_map(|(_, line)| [line, "\n"]).collect();
                Block::File { name: name.to_owned(), text }
            }
            _ => panic!("line {}: a block is `console` or `hcl FILE`, since a test follows it", number + 1),
        });
    }
    blocks
}

fn commands(block: &[(usize, &str)]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (number, line) in block {
        if let Some(line) = line.strip_prefix("$ ") {
            let line = line.to_owned();
            commands.push(Command { line, input: String::new(), at: number + 1, printed: Vec::new() });
            continue;
        }
        let command = commands.last_mut().expect("a block begins with a command");
        match line.strip_prefix("> ") {
            Some(input) => command.input.extend([input, "\n"]),
            None => command.printed.push((*line).to_owned()),
        }
    }
    commands
}

/// Runs a command as a user types it, and returns the lines that it prints.
fn printed(place: &Place, directory: &str, command: &Command, cloud: Option<&Cloud>) -> Vec<String> {
    let mut shell = place.shell(&format!("{{ {}; }} 2>&1", command.line));
    if let Some(cloud) = cloud {
        shell.envs(cloud.environment());
    }
    shell.current_dir(place.path().join(directory));
    let mut child = started(shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut input = child.stdin.take().expect("its input");
    // A command that reads nothing may have ended.
    let _ = input.write_all(command.input.as_bytes());
    drop(input);
    let ran = Ran::of(child.wait_with_output().expect("its output"));
    ran.out.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Replaces the parts of lines that differ from run to run, and leaves out the line that only long runs have.
fn alike(lines: &[String]) -> Vec<String> {
    let patterns = PATTERNS.into_iter().chain(MORE_PATTERNS).rev();
    let patterns: Vec<_> =
        patterns.map(|(pattern, name)| (Regex::new(pattern).expect("a pattern"), name)).collect();
    let alike = |line: &String| {
        let replaced = patterns
            .iter()
            .fold(line.clone(), |line, (pattern, name)| pattern.replace_all(&line, *name).into_owned());
        // A shorter part leaves more room beside it.
        if replaced == *line { replaced } else { replaced.split_whitespace().collect::<Vec<_>>().join(" ") }
    };
    lines.iter().filter(|line| !line.starts_with("Critical path: ")).map(alike).collect()
}

/// Returns true if the lines are those that are expected.
fn is_expected(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == GAP => {
            (0..=lines.len()).any(|skipped| is_expected(rest, &lines[skipped..]))
        }
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| line == first && is_expected(rest, lines))
        }
    }
}

#[test]
fn the_tutorial_says_what_happens() {
    says_what_happens("docs/tutorial.md", None);
}

/// The machine of the page is one of a lab.
#[test]
fn the_page_for_auditors_says_what_happens() {
    says_what_happens("docs/audit.md", Some(&Cloud::start()));
}

/// Does what a page says, and asserts that the commands print what it shows.
fn says_what_happens(page: &str, cloud: Option<&Cloud>) {
    let path = repository().join(page);
    let text = std::fs::read_to_string(&path).expect("a page");
    let place = Place::new();
    let mut directory = PathBuf::new();
    let mut different: Vec<(Command, Vec<String>)> = Vec::new();
    for block in blocks(&text) {
        match block {
            Block::File { name, text } => place.write(&directory.join(name).to_string_lossy(), text),
            Block::Commands(commands) => {
                for command in commands {
                    if let Some(name) = command.line.strip_prefix("cd ") {
                        directory.push(name);
                        continue;
                    }
                    let lines = printed(&place, &directory.to_string_lossy(), &command, cloud);
                    if !is_expected(&alike(&command.printed), &alike(&lines)) {
                        different.push((command, lines));
                    }
                }
            }
        }
    }
    if std::env::var_os("TUTORIAL").is_some_and(|value| value == "write") {
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        // Input stands between the lines that are printed.
        for (command, printed) in different.into_iter().filter(|(command, _)| command.input.is_empty()).rev()
        {
            lines.splice(command.at..command.at + command.printed.len(), printed);
        }
        std::fs::write(path, lines.join("\n") + "\n").expect("written");
        return;
    }
    let different: Vec<_> = different
        .iter()
        .map(|(command, lines)| {
            let Command { line, at, printed, .. } = command;
            format!("line {at}: $ {line}\n{}\n--- and not\n{}", lines.join("\n"), printed.join("\n"))
        })
        .collect();
    assert!(different.is_empty(), "arcbook prints now:\n{}", different.join("\n\n"));
}
