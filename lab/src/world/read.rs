//! Reads a world file into its blocks, and finds the line of an error.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use hcl::edit::Span as _;
use hcl::edit::expr::Expression;
use hcl::edit::structure::{Block, BlockLabel, Body, Structure};
use serde_json::Value;

use super::error::{Problem, WorldError};
use super::file::WorldFile;

/// Size limit in bytes. A world of a thousand resources is a tenth of this.
const MAX_SIZE: u64 = 4 << 20;

pub(super) fn text(path: &Path) -> Result<String, WorldError> {
    let name = || path.display().to_string();
    let refused = |source| WorldError::Read { file: name(), source };
    let mut text = String::new();
    let length =
        open(path).map_err(refused)?.take(MAX_SIZE + 1).read_to_string(&mut text).map_err(|error| {
            let not_text = error.kind() == io::ErrorKind::InvalidData;
            refused(if not_text {
                io::Error::new(error.kind(), "it is not UTF-8 text; save it as UTF-8")
            } else {
                error
            })
        })?;
    if length as u64 > MAX_SIZE {
        return Err(WorldError::TooLong { file: name(), limit: MAX_SIZE });
    }
    Ok(text)
}

/// Opens the regular file at `path` without blocking. Other kinds of file may never end.
fn open(path: &Path) -> io::Result<File> {
    let is_regular = |regular: bool| {
        let error = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
        regular.then_some(()).ok_or_else(error)
    };
    is_regular(path.metadata()?.is_file())?;
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.read(true).open(path)?;
    is_regular(file.metadata()?.is_file())?;
    Ok(file)
}

/// Reads the blocks of a world file as plain values.
pub(super) fn values(text: &str, name: &str) -> Result<Value, Vec<WorldError>> {
    let text = without_mark(text);
    let syntax = |error: hcl::edit::parser::Error| WorldError::Syntax {
        file: name.to_owned(),
        line: error.location().line(),
        column: error.location().column(),
        message: error.message().trim().replace('\n', ", "),
    };
    let body: Body = text.parse().map_err(|error| vec![syntax(error)])?;
    let mut found = Vec::new();
    check(&body, &mut Vec::new(), &mut found);
    if !found.is_empty() {
        return Err(found.into_iter().map(|problem| problem.in_file(text, name)).collect());
    }
    // Deserialization goes through plain values, since HCL's own deserializer would turn a number into a
    // template where a string is wanted.
    hcl::from_body(body.into())
        .map_err(|error| vec![meaning(Vec::new(), error.to_string()).in_file(text, name)])
}

pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Reads plain values as the blocks and attributes of a world.
pub(super) fn file(values: &Value) -> Result<WorldFile, Problem> {
    serde_path_to_error::deserialize(values).map_err(|error| {
        let path = error.path().iter().map(ToString::to_string).collect();
        meaning(path, error.into_inner().to_string())
    })
}

fn meaning(path: Vec<String>, message: String) -> Problem {
    let remedy = "see docs/lab.md for the blocks and attributes of a world file".to_owned();
    Problem { path, message, remedy }
}

/// Finds content that the conversion to plain values would silently change: expressions, and repeated blocks of one
/// name.
fn check(body: &Body, path: &mut Vec<String>, found: &mut Vec<Problem>) {
    let mut seen: HashSet<Vec<String>> = HashSet::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                if !is_literal(&attribute.value) {
                    path.push(attribute.key.as_str().to_owned());
                    found.push(Problem {
                        path: path.clone(),
                        message: "a world file holds plain values, and this is an expression".to_owned(),
                        remedy: "write the value itself".to_owned(),
                    });
                    path.pop();
                }
            }
            Structure::Block(block) => {
                let name = name_of(block);
                path.extend(name.iter().cloned());
                if name.len() > 1 && seen.contains(&name) {
                    found.push(Problem {
                        path: path.clone(),
                        message: "declared twice".to_owned(),
                        remedy: "rename one of the two or remove it".to_owned(),
                    });
                }
                check(&block.body, path, found);
                path.truncate(path.len() - name.len());
                seen.insert(name);
            }
        }
    }
}

fn is_literal(value: &Expression) -> bool {
    match value {
        Expression::Null(_) | Expression::Bool(_) | Expression::Number(_) | Expression::String(_) => true,
        Expression::Array(array) => array.iter().all(is_literal),
        Expression::Object(object) => object.iter().all(|(_, value)| is_literal(value.expr())),
        Expression::HeredocTemplate(heredoc) => {
            heredoc.template.iter().all(|element| matches!(element, hcl::edit::template::Element::Literal(_)))
        }
        _ => false,
    }
}

fn name_of(block: &Block) -> Vec<String> {
    let label = |label: &BlockLabel| label.as_str().to_owned();
    std::iter::once(block.ident.as_str().to_owned()).chain(block.labels.iter().map(label)).collect()
}

/// Returns the line of the deepest block or attribute on `path`.
pub(super) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let body: Body = text.parse().ok()?;
    let offset = offset_of(&body, path)?;
    Some(text.get(..offset)?.matches('\n').count() + 1)
}

fn offset_of(body: &Body, path: &[String]) -> Option<usize> {
    let same_name: Vec<_> =
        body.iter()
            .filter_map(|structure| match structure {
                Structure::Attribute(attribute) => (path.first()? == attribute.key.as_str())
                    .then(|| (attribute.key.span(), None, &path[1..])),
                Structure::Block(block) => {
                    let rest = path.strip_prefix(name_of(block).as_slice())?;
                    Some((block.ident.span(), Some(&block.body), rest))
                }
            })
            .collect();
    // An index counts blocks of one name, or items of one attribute. Of two blocks that should be one, the
    // error is at the second.
    let indexed = index_of(path).and_then(|index| same_name.get(index));
    let (own, inner, rest) = indexed.or(same_name.last())?.clone();
    let rest = if rest.first().is_some_and(|first| first.starts_with('[')) { &rest[1..] } else { rest };
    inner.and_then(|body| offset_of(body, rest)).or(own.map(|span| span.start))
}

/// Returns the index of a repeated block in a path that starts with its name: `role_assignment`, `[1]`.
fn index_of(path: &[String]) -> Option<usize> {
    path.get(1)?.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}
