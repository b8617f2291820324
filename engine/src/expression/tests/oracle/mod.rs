//! Differential test of the parser: every text that `hcl-rs` accepts must give the same tree.
//!
//! `tests/conformance/parser-differences.txt` lists the cases that differ on purpose, each below its reason. The test fails on
//! a case that differs and is not listed, and on one that is listed and does not differ.

mod form;
mod indent;
mod ours;
mod theirs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::generate;
use crate::source::{SourceFile, Sources};
use crate::syntax;

/// The grammar of a text.
#[derive(Clone, Copy, Debug)]
enum Kind {
    File,
    Expression,
    Template,
}

/// A named text for both parsers.
struct Case {
    name: String,
    kind: Kind,
    text: String,
}

impl Case {
    /// Describes the difference, if `hcl-rs` accepts the text.
    fn difference(&self) -> Option<String> {
        let theirs = match self.kind {
            Kind::File => theirs::body(&self.text),
            Kind::Expression => theirs::expression(&self.text),
            Kind::Template => theirs::template(&self.text),
        }?;
        match self.ours() {
            Ok(ours) if ours == theirs => None,
            Ok(ours) => Some(format!("{}: {:?}\n  ours:   {ours}\n  theirs: {theirs}", self.name, self.text)),
            Err(reason) => {
                Some(format!("{}: {:?}\n  ours:   {reason}\n  theirs: {theirs}", self.name, self.text))
            }
        }
    }

    fn ours(&self) -> Result<String, String> {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("case.hcl", self.text.clone()));
        let tree = match self.kind {
            Kind::File => syntax::parse(&sources, file).whole().map(|body| ours::body(&body)),
            Kind::Expression => syntax::parse_expression(&sources, file).map(|tree| ours::expression(&tree)),
            Kind::Template => syntax::parse_template(&sources, file).map(|tree| ours::expression(&tree)),
        };
        tree.map_err(|found| found.iter().map(|one| one.code).collect::<Vec<_>>().join(", "))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder whose names end so, by their paths from the root of the repository.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = crate::source::relative(&root(), &path);
                // What is no text is nothing to a parser.
                found.extend(fs::read_to_string(path).ok().map(|text| (name, text)));
            }
        }
    }
    found.sort();
    found
}

fn cases() -> Vec<Case> {
    let of = |kind, named: Vec<(String, String)>| {
        named.into_iter().map(move |(name, text)| Case { name, kind, text })
    };
    let folders = ["benches", "engine", "examples", "lab", "runbooks", "steps", "tests"];
    let hcl = folders.iter().flat_map(|folder| files(folder, ".hcl")).collect();
    let seeds = |target: &str| files(&format!("fuzz/seeds/{target}"), "");
    let corpus = fs::read_to_string(root().join("engine/tests/conformance/expressions.jsonl")).unwrap();
    let corpus = corpus.lines().map(|line| {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| case[field].as_str().unwrap().to_owned();
        (text("id"), text("expr"))
    });
    let generated = generate::samples(3000).into_iter().map(|text| (format!("generated {text:?}"), text));
    let files =
        of(Kind::File, hcl).chain(of(Kind::File, seeds("parse"))).chain(of(Kind::File, seeds("format")));
    let expressions = of(Kind::Expression, seeds("expression"));
    let expressions = expressions.chain(of(Kind::Expression, corpus.collect()));
    let expressions = expressions.chain(of(Kind::Expression, generated.collect()));
    files.chain(expressions).chain(of(Kind::Template, seeds("template"))).collect()
}

/// The cases that are listed, with their reasons.
fn listed(text: &str) -> BTreeMap<&str, &str> {
    let mut reason = "";
    let mut listed = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with(' ') {
            assert!(listed.insert(line.trim(), reason).is_none(), "{line} is listed twice");
        } else {
            reason = line;
        }
    }
    listed
}

#[test]
fn every_text_that_hcl_rs_accepts_gives_the_same_tree() {
    let list = root().join("engine/tests/conformance/parser-differences.txt");
    let list = fs::read_to_string(list).unwrap();
    let mut listed = listed(&list);
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        match (case.difference(), listed.remove(&*case.name)) {
            (Some(difference), None) => wrong.push(difference),
            (None, Some(reason)) => {
                wrong.push(format!("{}: listed as different, but is not: {reason}", case.name));
            }
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|name| format!("{name}: listed as different, but there is no such case")));
    assert!(wrong.is_empty(), "{} wrong of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let read = cases.iter().filter(|case| case.ours().is_ok()).count();
    assert!(read > cases.len() / 2, "only {read} of {} cases can be read at all", cases.len());
}
