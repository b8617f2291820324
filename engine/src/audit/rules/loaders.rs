//! The programs that load files from elsewhere.

use crate::plan::host;
use crate::program::{Started, commands, name as program};

use super::addresses::{addresses, hosts, is_flag_letter};
use super::transport::is_loopback;
use super::words::Word;

/// The programs that load files.
const LOADERS: [&str; 8] =
    ["curl", "wget", "aria2c", "invoke-webrequest", "iwr", "invoke-restmethod", "irm", "start-bitstransfer"];

/// The programs behind a pipe that neither run nor save what they get.
const READERS: [&str; 17] = [
    "grep",
    "egrep",
    "jq",
    "head",
    "tail",
    "wc",
    "cut",
    "sort",
    "uniq",
    "tr",
    "sed",
    "awk",
    "cat",
    "diff",
    "column",
    "convertfrom-json",
    "select-string",
];

/// The files that keep nothing.
const NOWHERE: [&str; 5] = ["-", "/dev/null", "/dev/stdout", "/dev/stderr", "NUL"];

/// The use of what a program loads from another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Load {
    /// It loads nothing from another machine.
    Nothing,
    /// It writes what it loads to its standard output.
    Shown,
    /// It saves what it loads, or gives it to another program.
    Used,
}

/// Tells what a program loads, by its words; also behind programs such as `sudo`.
pub(super) fn load(words: &[Word<'_>]) -> Load {
    let known: Vec<Option<&str>> = words.iter().map(|word| word.whole()).collect();
    let started = Started::of(&known);
    let is_loader = |at: &usize| known[*at].is_some_and(|word| LOADERS.contains(&program(word).as_str()));
    let Some(at) = (0..known.len()).filter(is_loader).find(|at| started.at(*at)) else {
        return Load::Nothing;
    };
    let (name, rest) = (program(known[at].unwrap_or_default()), &words[at + 1..]);
    let is_elsewhere = |host: &String| !is_loopback(host) && !host.is_empty();
    match hosts(&addresses(&name, rest)).iter().any(is_elsewhere) {
        false => Load::Nothing,
        true if saves(&name, rest) => Load::Used,
        true => Load::Shown,
    }
}

/// Returns true if a loader saves what it loads.
fn saves(name: &str, words: &[Word<'_>]) -> bool {
    let file_behind = |options: &[&str]| {
        (0..words.len()).find_map(|at| {
            let word = words[at].shown;
            let joined = options.iter().find_map(|option| word.strip_prefix(&format!("{option}=")));
            let next = || options.contains(&word).then(|| words.get(at + 1).map_or("", |next| next.shown));
            joined.or_else(next)
        })
    };
    let combined = |letter: char| {
        let is_it = |word: &str| {
            let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            // An option with a value takes the rest of the word.
            let before = letters.and_then(|letters| letters.split_once(letter)).map(|(before, _)| before);
            before.is_some_and(|before| before.chars().all(|one| is_flag_letter(name, one)))
        };
        (0..words.len()).find(|at| is_it(words[*at].shown))
    };
    let is_kept = |file: &str| !NOWHERE.contains(&file);
    match name {
        "curl" => {
            let is_named =
                combined('O').is_some() || words.iter().any(|word| word.shown.starts_with("--remote-name"));
            let file = file_behind(&["--output"]).or_else(|| {
                let at = combined('o')?;
                let (_, joined) = words[at].shown.split_once('o')?;
                Some(if joined.is_empty() { words.get(at + 1).map_or("", |next| next.shown) } else { joined })
            });
            is_named || file.is_some_and(is_kept)
        }
        "wget" => {
            let file = file_behind(&["--output-document"]).or_else(|| {
                let at = combined('O')?;
                let (_, joined) = words[at].shown.split_once('O')?;
                Some(if joined.is_empty() { words.get(at + 1).map_or("", |next| next.shown) } else { joined })
            });
            let is_probe = words.iter().any(|word| word.shown == "--spider");
            !is_probe && file.is_none_or(is_kept)
        }
        "aria2c" | "start-bitstransfer" => true,
        _ => words.iter().any(|word| word.shown.to_ascii_lowercase().starts_with("-outf")),
    }
}

/// Tells what a script loads, and whether it uses it: it saves it, gives it to another program, or keeps it in a variable.
pub(super) fn load_in_script(script: &str) -> Load {
    let lines = script.split(['\n', '\r', ';']).flat_map(|line| line.split("&&"));
    lines.map(load_in_line).max().unwrap_or(Load::Nothing)
}

fn load_in_line(line: &str) -> Load {
    let mut most = Load::Nothing;
    for command in commands(line) {
        let words: Vec<Word<'_>> = command.into_iter().map(Word::known).collect();
        most = most.max(load(&words));
    }
    if most == Load::Nothing && names_loader(line) && has_address(line) {
        // Another language calls it, in a list of words.
        return Load::Used;
    }
    if most == Load::Shown && is_used(line) { Load::Used } else { most }
}

/// Returns true if a line uses what its loader writes.
fn is_used(line: &str) -> bool {
    let is_reader = |stage: &str| {
        let first = stage.split_whitespace().next().unwrap_or_default();
        READERS.contains(&program(first).as_str())
    };
    let bare = ["2>&1", "2>/dev/null", "2> /dev/null", ">/dev/null", "> /dev/null", "||"]
        .iter()
        .fold(line.to_owned(), |line, nothing| line.replace(nothing, " "));
    let is_piped = bare.split('|').skip(1).any(|stage| !stage.trim().is_empty() && !is_reader(stage));
    is_piped || ["$(", "`", "<(", ">"].iter().any(|mark| bare.contains(mark))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|next: char| next.is_whitespace() || "\"'`()[],$<>".contains(next))
        .filter(|word| !word.is_empty())
}

fn names_loader(line: &str) -> bool {
    words(line).any(|word| LOADERS.contains(&program(word).as_str()))
}

fn has_address(line: &str) -> bool {
    words(line).any(|word| word.contains("://") && !is_loopback(&host(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_loads_if_it_has_an_address_elsewhere() {
        for (words, expected) in [
            ("curl --version", Load::Nothing),
            ("curl -fsS http://localhost:8080/health", Load::Nothing),
            ("curl -o x http://127.0.0.1/x", Load::Nothing),
            ("curl -fsS https://web.test/health", Load::Shown),
            ("curl -o /dev/null https://web.test/health", Load::Shown),
            ("curl -fsSLo x https://web.test/x", Load::Used),
            ("curl -O https://web.test/x", Load::Used),
            ("curl --output=x https://web.test/x", Load::Used),
            ("curl -ox https://web.test/x", Load::Used),
            ("sudo curl -o x https://web.test/x", Load::Used),
            ("wget https://web.test/x", Load::Used),
            ("wget -qO- https://web.test/x", Load::Shown),
            ("wget -O x http://localhost/x", Load::Nothing),
            ("wget --spider https://web.test/x", Load::Shown),
            ("iwr https://web.test/x -OutFile x", Load::Used),
            ("apt-get install curl", Load::Nothing),
        ] {
            let words: Vec<Word<'_>> = words.split(' ').map(|shown| Word { shown, is_known: true }).collect();
            assert_eq!(load(&words), expected, "{}", words[0].shown);
        }
    }

    #[test]
    fn a_script_uses_what_it_saves_or_gives_away() {
        for (script, expected) in [
            ("curl -fsS https://web.test/health", Load::Shown),
            ("curl -fsS https://web.test/health 2>/dev/null || exit 1", Load::Shown),
            ("curl -fsS https://web.test/health | grep -q ok", Load::Shown),
            ("curl -fsS https://web.test/x | sh", Load::Used),
            ("curl -fsS https://web.test/x | grep x | sudo sh", Load::Used),
            ("bash <(curl -fsS https://web.test/x)", Load::Used),
            ("eval \"$(curl -fsS https://web.test/x)\"", Load::Used),
            ("curl -fsS https://web.test/x > /opt/x", Load::Used),
            ("cd /opt && wget https://web.test/x", Load::Used),
            ("irm https://web.test/x | iex", Load::Used),
            ("curl -o x http://localhost/x | sh", Load::Nothing),
            ("import os; os.system('curl -o x https://web.test/x')", Load::Used),
            ("apt-get install -y curl\necho https://web.test/", Load::Nothing),
        ] {
            assert_eq!(load_in_script(script), expected, "{script}");
        }
    }
}
