//! Finds files by glob patterns.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use regex::Regex;

use super::super::arguments::Arguments;
use super::super::failure::Failure;
use super::super::string::strings;
use crate::source::{FileKind, FileSystem};
use crate::value::{Type, Value, convert};

/// The maximum number of directory entries visited.
const MAX_ENTRIES: usize = 1 << 17;

/// The depth limit of directories, which also ends cycles of links.
const MAX_DEPTH: usize = 64;

/// Returns the files below a directory whose relative paths match a pattern; directories are excluded.
pub(super) fn find(given: &Arguments<'_>) -> Result<Value, Failure> {
    let glob = compile(given.text(1))
        .map_err(|reason| Failure::argument(1, format!("not a valid pattern: {reason}")))?;
    let file_system = given.context.files.file_system();
    let mut walk = Walk { file_system, root: super::locate(given)?, glob, seen: 0, found: Vec::new() };
    if walk.kind("").map_err(|error| walk.failed("", &error))? == Some(FileKind::Directory) {
        walk.folder("", 0)?;
    }
    Ok(convert(&strings(walk.found), &Type::set(Type::String))?)
}

/// Translates a pattern to a regular expression over whole paths.
///
/// `*` and `?` match characters other than `/`, `[a-z]` and `[^a-z]` match a character class, `{a,b}` matches either
/// alternative, and `\` escapes the next character. A path component `**` matches any number of directories.
fn compile(pattern: &str) -> Result<Regex, String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|before| *before != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let mut out = "^".to_owned();
    let mut is_open = false;
    for (at, part) in parts.iter().enumerate() {
        if is_open {
            out.push('/');
        }
        let is_last = at + 1 == parts.len();
        is_open = *part != "**";
        match (*part, is_last) {
            ("**", true) => out.push_str(".+"),
            ("**", false) => out.push_str("(?:[^/]+/)*"),
            _ => translate(part, &mut out)?,
        }
    }
    out.push('$');
    let regex = ::regex::RegexBuilder::new(&out).dot_matches_new_line(true).build();
    regex.map_err(|_| "it is too long".to_owned())
}

/// Translates a path component and appends it to `out`.
fn translate(part: &str, out: &mut String) -> Result<(), String> {
    let mut rest = part;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                let (class, after) = until(rest, ']').ok_or("a [ has no ]")?;
                translate_class(class, out)?;
                rest = after;
            }
            '{' => {
                let (mut choices, after) = until(rest, '}').ok_or("a { has no }")?;
                out.push_str("(?:");
                while let Some((choice, more)) = until(choices, ',') {
                    translate(choice, out)?;
                    out.push('|');
                    choices = more;
                }
                translate(choices, out)?;
                out.push(')');
                rest = after;
            }
            '\\' => {
                let literal = rest.chars().next().ok_or("a backslash ends it")?;
                push_literal(literal, out);
                rest = &rest[literal.len_utf8()..];
            }
            literal => push_literal(literal, out),
        }
    }
    Ok(())
}

/// Translates the inside of brackets and appends it to `out`.
fn translate_class(class: &str, out: &mut String) -> Result<(), String> {
    out.push('[');
    let mut characters = class.chars().peekable();
    if characters.next_if_eq(&'^').is_some() {
        out.push_str("^/");
    }
    if characters.peek().is_none() && class != "^" {
        return Err("there is nothing between [ and ]".to_owned());
    }
    while let Some(first) = characters.next() {
        let first = class_character(first, &mut characters)?;
        push_literal(first, out);
        if characters.next_if_eq(&'-').is_some() {
            let last = characters.next().ok_or("a range between [ and ] has no end")?;
            let last = class_character(last, &mut characters)?;
            if last < first {
                return Err("a range between [ and ] ends before it begins".to_owned());
            }
            out.push('-');
            push_literal(last, out);
        }
    }
    out.push(']');
    Ok(())
}

fn class_character(character: char, rest: &mut impl Iterator<Item = char>) -> Result<char, String> {
    match character {
        '-' => Err("a - between [ and ] must stand between two characters".to_owned()),
        '\\' => rest.next().ok_or_else(|| "a backslash ends it".to_owned()),
        literal => Ok(literal),
    }
}

fn push_literal(character: char, out: &mut String) {
    out.push_str(&::regex::escape(character.encode_utf8(&mut [0; 4])));
}

/// Splits at the first unescaped `end`.
fn until(text: &str, end: char) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        if character == end && !is_escaped {
            return Some((&text[..at], &text[at + end.len_utf8()..]));
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    None
}

struct Walk<'a> {
    file_system: &'a dyn FileSystem,
    root: PathBuf,
    glob: Regex,
    seen: usize,
    found: Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, below: &str, depth: usize) -> Result<(), Failure> {
        let names = self.file_system.list(&self.root.join(below), MAX_ENTRIES + 1 - self.seen);
        let names = names.map_err(|error| self.failed(below, &error))?;
        self.seen += names.len();
        if self.seen > MAX_ENTRIES {
            return Err(Failure::new(format!("there are more than {MAX_ENTRIES} files and folders")));
        }
        for name in names {
            let path = format!("{below}{}", name.to_string_lossy());
            match self.kind(&path).map_err(|error| self.failed(&path, &error))? {
                Some(FileKind::Directory) if depth < MAX_DEPTH => {
                    self.folder(&format!("{path}/"), depth + 1)?;
                }
                Some(FileKind::Regular) if self.glob.is_match(&path) => self.found.push(path),
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the kind of a file; none if it cannot be known, as of a broken link. A source that has no content
    /// for a file is an error, because another source may have the file.
    fn kind(&self, path: &str) -> io::Result<Option<FileKind>> {
        match self.file_system.kind(&self.root.join(path)) {
            Ok(kind) => Ok(Some(kind)),
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn failed(&self, path: &str, error: &io::Error) -> Failure {
        let full = self.root.join(path).display().to_string();
        Failure::new(format!("failed to list {full:?}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_terraform() {
        let cases = [
            ("?.txt", "ü.txt", true),
            ("?.txt", "ab.txt", false),
            ("a?b", "a/b", false),
            ("[ü-ý].txt", "ü.txt", true),
            ("[^a].txt", "ü.txt", true),
            ("[^a]b", "/b", false),
            ("[!a]*", "a", true),
            ("[!a]*", "!", true),
            ("[!a]*", "b", false),
            ("[a&&b]", "&", true),
            ("[a\\]]", "]", true),
            ("[\\^a]", "^", true),
            ("*.txt", "a/b.txt", false),
            ("*", ".hidden", true),
            ("**", "a/b/c", true),
            ("**/c", "c", true),
            ("**/c", "a/b/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true),
            ("a/**", "a", false),
            ("a/**", "a/b/c", true),
            ("a**c", "abc", true),
            ("a**c", "a/c", false),
            ("{a,b}.txt", "b.txt", true),
            ("{a,}x", "x", true),
            ("{a\\,b,c}", "a,b", true),
            ("{a?,[bc]}", "c", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a.b", "axb", false),
            ("./a", "a", true),
            ("x/../a", "a", true),
            ("a//b/", "a/b", true),
            ("", "a", false),
            ("a(b|c)$", "a(b|c)$", true),
            ("*", "a\nb", true),
        ];
        for (pattern, path, is_match) in cases {
            assert_eq!(compile(pattern).unwrap().is_match(path), is_match, "{pattern} {path:?}");
        }
        for pattern in ["[", "[a", "[]", "[]a]", "{a", "{a,b", "a\\", "[b-a]", "[-a]", "[a-]", "[a\\"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }
}
