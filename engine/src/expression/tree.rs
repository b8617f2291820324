//! Defines a scope of nested names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::functions::{self, Clock, Files};
use super::{Resolved, Scope};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::Span;
use crate::syntax::{Reference, Segment};
use crate::value::Value;

/// A scope of nested names, such as `step.echo.hello`.
#[derive(Clone, Debug)]
pub struct Tree {
    names: Names,
    /// The remedy for an unknown name.
    remedy: String,
    files: Files,
    clock: Clock,
}

type Names = BTreeMap<Arc<str>, Node>;

#[derive(Clone, Debug)]
enum Node {
    Names(Names),
    Value(Value),
}

impl Tree {
    /// Returns a scope without names, in which functions resolve paths relative to `base_dir` and nothing
    /// depends on a run. `remedy` is the remedy for an unknown name.
    pub fn new(base_dir: impl Into<PathBuf>, remedy: impl Into<String>) -> Self {
        let (files, clock) = (Files::new(base_dir), Clock::plan().run());
        Self { names: Names::new(), remedy: remedy.into(), files, clock }
    }

    /// Inserts `value` at a path of names, replacing anything at the path or at its prefixes.
    pub fn insert(&mut self, path: &[&str], value: Value) {
        let Some((last, way)) = path.split_last() else { return };
        let mut names = &mut self.names;
        for &name in way {
            let node = names.entry(name.into()).or_insert_with(|| Node::Names(Names::new()));
            if matches!(node, Node::Value(_)) {
                *node = Node::Names(Names::new());
            }
            let Node::Names(inner) = node else { return };
            names = inner;
        }
        names.insert((*last).into(), Node::Value(value));
    }

    /// Returns the addresses of all values, in order.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.names, "", &mut found);
        found
    }

    fn unknown(&self, name: &str, at: Span, before: &str, names: &Names) -> Box<Diagnostic> {
        let summary = if before.is_empty() {
            format!("unknown name `{name}`")
        } else {
            format!("`{before}` has no `{name}`")
        };
        let hint = did_you_mean(name, names.keys().map(AsRef::as_ref));
        Box::new(
            Diagnostic::error("unknown-reference", summary)
                .at(at, "unknown name")
                .help(hint.unwrap_or_else(|| self.remedy.clone())),
        )
    }
}

fn collect(names: &Names, before: &str, found: &mut Vec<String>) {
    for (name, node) in names {
        match node {
            Node::Names(inner) => collect(inner, &format!("{before}{name}."), found),
            Node::Value(_) => found.push(format!("{before}{name}")),
        }
    }
}

impl Scope for Tree {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let (mut name, mut at) = (&reference.root.value, reference.root.span);
        let mut names = &self.names;
        let mut before = String::new();
        for used in 0.. {
            match names.get(name) {
                Some(Node::Value(value)) => return Ok(Resolved::one(value.clone(), used)),
                Some(Node::Names(inner)) => names = inner,
                None => return Err(self.unknown(name, at, &before, names)),
            }
            before = if before.is_empty() { name.to_string() } else { format!("{before}.{name}") };
            let Some(segment) = reference.path.get(used) else { break };
            let Some(next) = Segment::name(segment) else { break };
            (name, at) = (next, segment.span());
        }
        Err(Box::new(
            Diagnostic::error("incomplete-reference", format!("`{before}` is not complete"))
                .at(reference.span, "must be followed by a name")
                .maybe_help(names.keys().next().map(|name| format!("for example `{before}.{name}`"))),
        ))
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.files, self.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};
    use crate::syntax::parse_expression;

    fn resolved(tree: &Tree, text: &str) -> Result<(Value, usize), String> {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("x", text.to_owned()));
        let expression = parse_expression(&sources, file).unwrap();
        let found = tree.resolve(&expression.references()[0]);
        found
            .map(|found| found.value(&[]))
            .map_err(|error| format!("{}: {}", error.summary, error.help.first().map_or("", String::as_str)))
    }

    #[test]
    fn names_lead_to_values() {
        let mut tree = Tree::new(".", "look elsewhere");
        tree.insert(&["step", "echo", "a"], Value::from("1"));
        tree.insert(&["step", "echo", "b"], Value::from("2"));
        tree.insert(&["output", "x"], Value::from("3"));
        assert_eq!(tree.addresses(), ["output.x", "step.echo.a", "step.echo.b"]);
        let fails = |text: &str| Err(text.to_owned());
        let cases = [
            ("step.echo.a.more", Ok((Value::from("1"), 2))),
            ("step[\"echo\"].b", Ok((Value::from("2"), 2))),
            ("output.x", Ok((Value::from("3"), 1))),
            ("stp.echo.a", fails("unknown name `stp`: did you mean `step`?")),
            ("step.ecko.a", fails("`step` has no `ecko`: did you mean `echo`?")),
            ("output.zebra", fails("`output` has no `zebra`: look elsewhere")),
            ("step.echo", fails("`step.echo` is not complete: for example `step.echo.a`")),
            ("output[0]", fails("`output` is not complete: for example `output.x`")),
        ];
        for (text, expected) in cases {
            assert_eq!(resolved(&tree, text), expected, "{text}");
        }
    }
}
