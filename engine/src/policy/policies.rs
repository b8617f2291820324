//! Loads policies and asks them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regorus::{Engine, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::Answers;
use super::answer::messages;
use super::asked;
use crate::diagnostic::{Diagnostic, visible_line};
use crate::redact::Redact;
use crate::source::slashed;

/// The size limit of a policy, in bytes.
const MOST: u64 = 1 << 20;

/// A policy that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// The name of the file.
    pub file: String,
    /// The SHA-256 of its content, in hexadecimal.
    #[redact(word)]
    pub sha256: String,
    /// The warnings of its package, if it is the first file of the package.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The policies of a directory.
pub struct Policies {
    /// The files, by name.
    pub files: Vec<PolicyFile>,
    engine: Engine,
    /// The package of each file.
    packages: Vec<String>,
    /// The path of each file, and its text.
    texts: Vec<(PathBuf, String)>,
}

impl Policies {
    /// Loads the files `*.rego` of a directory and of those in it, without tests (`*_test.rego`).
    ///
    /// It is an error if a file or a rule would never be asked although its name says that it should be.
    pub fn load(directory: &Path) -> Result<Self, Box<Diagnostic>> {
        let paths = files(directory)?;
        if paths.is_empty() {
            let summary = format!("{} has no policy", directory.display());
            return Err(Box::new(
                Diagnostic::error("invalid-policy", summary).help("name a directory with files `*.rego`"),
            ));
        }
        let mut policies =
            Self { files: Vec::new(), engine: Engine::new(), packages: Vec::new(), texts: Vec::new() };
        policies.engine.set_rego_v0(false);
        policies.engine.set_strict_builtin_errors(true);
        for path in paths {
            policies.add(directory, &path)?;
        }
        let files = policies.files.iter().map(|file| file.file.as_str());
        asked::check(&files.zip(policies.texts.iter().map(|(_, text)| text.as_str())).collect::<Vec<_>>())?;
        Ok(policies)
    }

    /// Returns the package, the path and the text of each file.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &Path, &str)> {
        let packages = self.packages.iter().map(String::as_str);
        packages.zip(&self.texts).map(|(package, (path, text))| (package, path.as_path(), text.as_str()))
    }

    fn add(&mut self, directory: &Path, path: &Path) -> Result<(), Box<Diagnostic>> {
        let shown = path.display().to_string();
        let text = read(path).map_err(|why| invalid(&shown, &why))?;
        let sha256 = format!("{:x}", Sha256::digest(text.as_bytes()));
        let file = slashed(path.strip_prefix(directory).unwrap_or(path));
        let package = self
            .engine
            .add_policy(file.clone(), text.clone())
            .map_err(|error| invalid(&shown, &error.to_string()))?;
        self.packages.push(package);
        self.files.push(PolicyFile { file, sha256, warnings: Vec::new() });
        self.texts.push((path.to_owned(), text));
        Ok(())
    }

    /// Returns the files that were asked, with the warnings of their packages.
    #[must_use]
    pub fn asked(self, answers: &Answers) -> Vec<PolicyFile> {
        let mut files = self.files;
        for warning in &answers.warn {
            let at = self.packages.iter().position(|package| *package == warning.package);
            if let Some(file) = at.and_then(|at| files.get_mut(at)) {
                file.warnings.push(warning.message.clone());
            }
        }
        files
    }

    /// Asks the policies about a plan and a runbook, as JSON.
    pub fn ask(&self, plan: &Json, runbook: &Json) -> Result<Answers, Box<Diagnostic>> {
        let mut engine = self.engine.clone();
        let input = serde_json::json!({ "plan": plan, "runbook": runbook });
        let input = Value::from_json_str(&input.to_string())
            .map_err(|error| invalid("the input", &error.to_string()))?;
        engine.set_input(input);
        let mut answers = Answers::default();
        for package in self.packages.iter().collect::<BTreeSet<_>>() {
            for (rule, found) in [("deny", &mut answers.deny), ("warn", &mut answers.warn)] {
                let query = format!("{package}.{rule}");
                let value = value(&mut engine, &query).map_err(|why| invalid(&query, &why))?;
                found.extend(messages(package, rule, &value).map_err(|why| invalid(package, &why))?);
            }
        }
        answers.deny.sort();
        answers.warn.sort();
        Ok(answers)
    }
}

/// Returns the value of a rule; null if it is undefined.
fn value(engine: &mut Engine, query: &str) -> Result<Json, String> {
    let results = engine.eval_query(query.to_owned(), false).map_err(|error| error.to_string())?;
    let expression = results.result.first().and_then(|result| result.expressions.first());
    let Some(found) =
        expression.map(|expression| &expression.value).filter(|value| **value != Value::Undefined)
    else {
        return Ok(Json::Null);
    };
    let text = found.to_json_str().map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// The number of directories inside each other.
const DEEPEST: usize = 8;

/// Returns the policies of a directory and of those in it, by name; links to directories are not followed.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let unreadable = |error: std::io::Error| {
        let summary = format!("the policies in {} cannot be read", directory.display());
        Box::new(Diagnostic::error("invalid-policy", summary).detail(format!("{error}.")))
    };
    let mut found = Vec::new();
    let mut open = vec![(directory.to_owned(), 0)];
    while let Some((inner, depth)) = open.pop() {
        for entry in fs::read_dir(inner).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_ascii_lowercase());
            if entry.file_type().map_err(unreadable)?.is_dir() {
                // Such as `.git`.
                if depth < DEEPEST && !name.starts_with('.') {
                    open.push((path, depth + 1));
                }
            } else if name.strip_suffix(".rego").is_some_and(|stem| !stem.ends_with("_test")) {
                found.push(path);
            } else if ["data.json", "data.yaml", "data.yml"].contains(&name.as_str()) {
                let why = "arcbook reads no data files: write the values into a policy";
                return Err(invalid(&path.display().to_string(), why));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = crate::source::read_plain(path, MOST).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Returns the error of a policy; its own words are foreign text.
fn invalid(what: &str, why: &str) -> Box<Diagnostic> {
    let lines: Vec<String> = why.lines().map(visible_line).filter(|line| !line.trim().is_empty()).collect();
    let found = Diagnostic::error("invalid-policy", format!("the policy {what} cannot be evaluated"));
    Box::new(found.detail(lines.join("\n")).help("check it with `opa check --v1-compatible`, or `opa eval`"))
}
