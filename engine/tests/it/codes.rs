//! Tests that `docs/diagnostics.md` lists every diagnostic code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/diagnostics.md");

/// Appends the text of every source file without its tests.
fn sources(folder: &Path, out: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            *out += text.split("#[cfg(test)]").next().unwrap();
        }
    }
}

/// Returns the codes in calls that create a diagnostic, where the code is the first argument.
fn used(text: &str) -> BTreeSet<&str> {
    let calls = ["error(", "warning("].into_iter().flat_map(|call| text.split(call).skip(1));
    let codes = calls.filter_map(|after| after.trim_start().strip_prefix('"')?.split_once("\","));
    let is_code = |code: &&str| code.bytes().all(|byte| byte.is_ascii_lowercase() || b"-8".contains(&byte));
    codes.map(|(code, _)| code).filter(is_code).collect()
}

#[test]
fn every_code_is_listed_once_and_every_listed_one_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for folder in ["engine/src", "steps/src", "src"] {
        sources(&root.join(folder), &mut text);
    }
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let mut listed = BTreeSet::new();
    for code in rows.map(|(code, _)| code).skip_while(|code| *code != "ambiguous-key") {
        assert!(listed.insert(code), "docs/diagnostics.md lists `{code}` twice");
    }
    let missing: Vec<_> = used(&text).difference(&listed).copied().collect();
    assert!(missing.is_empty(), "docs/diagnostics.md does not list {missing:?}");
    let unused: Vec<_> = listed.iter().filter(|code| !text.contains(&format!("\"{code}\""))).collect();
    assert!(unused.is_empty(), "docs/diagnostics.md lists what is never said: {unused:?}");
}
