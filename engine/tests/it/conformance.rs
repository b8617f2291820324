//! Every expression of the corpus has the same value, type and marks as in Terraform, or fails as in
//! Terraform.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::{Bindings, Scope, evaluate};
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::parse;
use arcbook_engine::value::Value;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    id: String,
    expr: String,
    ok: bool,
    json_text: Option<String>,
    #[serde(rename = "type")]
    ty: Option<String>,
    #[serde(default)]
    unknown: bool,
    sensitive: Option<Sensitivity>,
    error: Option<String>,
    #[serde(default)]
    oracle_panic: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Sensitivity {
    Root,
    Nested,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Fails,
    Value { json: Option<String>, ty: Option<String>, sensitive: Option<Sensitivity> },
}

impl Case {
    fn expected(&self) -> Answer {
        if !self.ok {
            return Answer::Fails;
        }
        Answer::Value { json: self.json_text.clone(), ty: self.ty.clone(), sensitive: self.sensitive }
    }

    /// Returns a description of the difference from Terraform, if any.
    fn difference(&self, folder: &Path) -> Option<String> {
        let result = evaluate_in(folder, &self.expr);
        let answer = result.as_ref().map_or(Answer::Fails, answer_of);
        if answer == self.expected() || self.oracle_panic {
            return None;
        }
        assert!(!self.unknown || self.json_text.is_none());
        let ours = match result {
            Ok(_) => format!("{answer:?}"),
            Err(found) => format!(
                "fails: {}",
                found.iter().map(|one| one.summary.clone()).collect::<Vec<_>>().join("; ")
            ),
        };
        let theirs = self.error.clone().unwrap_or_else(|| format!("{:?}", self.expected()));
        Some(format!("{}: {}\n  ours:   {ours}\n  theirs: {theirs}", self.id, self.expr))
    }
}

fn answer_of(value: &Value) -> Answer {
    let sensitive = if value.is_sensitive() {
        Some(Sensitivity::Root)
    } else {
        value.deep_marks().is_sensitive().then_some(Sensitivity::Nested)
    };
    // A partly unknown value has no JSON, as a wholly unknown one.
    Answer::Value { json: value.to_json_text().ok(), ty: Some(value.ty().to_string()), sensitive }
}

fn evaluate_in(folder: &Path, expression: &str) -> Result<Value, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("case.hcl", format!("locals {{\n  e = {expression}\n}}\n")));
    let body = parse(&sources, file).whole()?;
    let paths = ["module", "root"].map(|name| (name, Value::from(".")));
    let scope = Bindings::new(folder).with("path", Value::object(paths));
    let expression = &body.blocks[0].body.attributes[0].expression;
    // As for a loaded runbook, every reference must be valid, even if it is not evaluated.
    for reference in expression.references() {
        scope.resolve(&reference).map_err(|error| *error)?;
    }
    evaluate(expression, &scope)
}

/// Parses the intended differences: a line with the reason, then the indented ids of its cases.
pub fn differences(text: &str) -> BTreeMap<&str, &str> {
    let mut reason = "";
    let mut listed = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with(' ') {
            let twice = listed.insert(line.trim(), reason);
            assert!(twice.is_none(), "{line} is listed twice");
        } else {
            reason = line;
        }
    }
    listed
}

/// The cases about paths of Linux, which Terraform was asked on; those of Windows have a drive and another separator.
const ROOTED: [&str; 5] =
    ["func/basename/008", "func/abspath/001", "func/abspath/003", "func/abspath/006", "func/pathexpand/006"];

#[test]
fn every_expression_has_the_same_result_as_in_terraform() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (cases, listed) = (read("expressions.jsonl"), read("differences.txt"));
    let mut listed = differences(&listed);
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        if cfg!(windows) && ROOTED.contains(&case.id.as_str()) {
            continue;
        }
        match (case.difference(&folder), listed.remove(case.id.as_str())) {
            (Some(difference), None) => wrong.push(difference),
            (None, Some(reason)) => {
                wrong.push(format!("{}: listed as different, but is not: {reason}", case.id));
            }
            _ => {}
        }
    }
    wrong.extend(listed.keys().map(|id| format!("{id}: listed as different, but there is no such case")));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
