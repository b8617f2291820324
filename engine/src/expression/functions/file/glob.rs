//! Finds files by glob patterns.

use std::path::PathBuf;

use globset::{GlobBuilder, GlobMatcher};

use super::super::arguments::Arguments;
use super::super::call::Failure;
use super::super::string::strings;
use crate::value::{Type, Value, convert};

/// The maximum number of directory entries visited.
const MAX_ENTRIES: usize = 1 << 17;

/// The depth limit of directories, which also ends cycles of links.
const MAX_DEPTH: usize = 64;

/// Returns the files below a directory whose relative paths match a pattern; directories are excluded.
pub(super) fn find(given: &Arguments<'_>) -> Result<Value, Failure> {
    let pattern = given.text(1);
    let glob = GlobBuilder::new(&plain_bangs(pattern)).literal_separator(true).backslash_escape(true).build();
    let glob =
        glob.map_err(|error| Failure::argument(1, format!("not a valid pattern: {}", error.kind())))?;
    let mut walk =
        Walk { root: super::locate(given)?, glob: glob.compile_matcher(), seen: 0, found: Vec::new() };
    if walk.root.is_dir() {
        walk.folder("", 0)?;
    }
    Ok(convert(&strings(walk.found), &Type::set(Type::String))?)
}

/// Moves each `!` at the start of a class to its end, where it is literal: only `^` negates a class.
fn plain_bangs(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['[', '\\']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let class = after.strip_prefix("[!").and_then(|class| Some((class, class.find(']')?)));
        match class {
            Some((_, 0)) => {
                out.push_str("\\!");
                rest = &after[3..];
            }
            // `!-x` is a range from `!`, which continues at the next character, `"`.
            Some((class, end)) => {
                let first = if class[..end].starts_with('-') && end > 1 { "\"" } else { "" };
                out.extend(["[", first, &class[..end], "!]"]);
                rest = &class[end + 1..];
            }
            None => {
                let kept = after.chars().take(2).map(char::len_utf8).sum();
                let kept = if after.starts_with('\\') { kept } else { 1 };
                out.push_str(&after[..kept]);
                rest = &after[kept..];
            }
        }
    }
    out + rest
}

struct Walk {
    root: PathBuf,
    glob: GlobMatcher,
    seen: usize,
    found: Vec<String>,
}

impl Walk {
    fn folder(&mut self, below: &str, depth: usize) -> Result<(), Failure> {
        let full = self.root.join(below);
        let failed = |error: std::io::Error| {
            Failure::new(format!("failed to list {:?}: {error}", full.display().to_string()))
        };
        for entry in full.read_dir().map_err(failed)? {
            self.seen += 1;
            if self.seen > MAX_ENTRIES {
                return Err(Failure::new(format!("there are more than {MAX_ENTRIES} files and folders")));
            }
            let path = format!("{below}{}", entry.map_err(failed)?.file_name().to_string_lossy());
            // A broken link is no file.
            let Ok(kind) = self.root.join(&path).metadata() else { continue };
            if kind.is_dir() && depth < MAX_DEPTH {
                self.folder(&format!("{path}/"), depth + 1)?;
            } else if kind.is_file() && self.glob.is_match(&path) {
                self.found.push(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_caret_negates_a_class() {
        let cases = [
            ("*.txt", "*.txt"),
            ("[!a]*", "[a!]*"),
            ("[^a]*", "[^a]*"),
            ("[!]x", "\\!x"),
            ("[!-z]x", "[\"-z!]x"),
            ("\\[!a]", "\\[!a]"),
            ("[!a", "[!a"),
            ("[x\\", "[x\\"),
        ];
        for (pattern, plain) in cases {
            assert_eq!(plain_bangs(pattern), plain);
        }
    }
}
