//! Tracks names that unreadable parts may declare.
//!
//! Reporting each use of a name whose declaration is unreadable would help nobody: the first error is the
//! cause.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::read::kinds;
use crate::source::Span;
use crate::step::Registry;
use crate::syntax::{self, Block, Body, ExpressionKind, Reference, Segment};

/// The names that unreadable parts may declare.
#[derive(Default)]
pub struct Missing {
    /// All words in the unreadable parts.
    words: HashSet<String>,
    /// The labels of the blocks that were read, but may be invalid in another way.
    labels: FxHashSet<Vec<Arc<str>>>,
    /// The names declared by blocks whose kind, step type or number of labels is wrong.
    misspelt: HashSet<Arc<str>>,
    /// True if a whole file is missing.
    file: bool,
}

impl Missing {
    /// Adds the unreadable parts of a file.
    pub fn note(&mut self, body: &Body, text: &str, registry: &Registry) {
        for block in &body.blocks {
            self.note_misspelt(block, registry);
            let labels = std::iter::once(&block.kind).chain(&block.labels);
            self.labels.insert(labels.map(|label| label.value.clone()).collect());
        }
        self.note_body(body, text);
    }

    /// Adds a file that could not be read at all.
    pub fn note_file(&mut self) {
        self.file = true;
    }

    /// Adds the names that a misspelt block would declare.
    fn note_misspelt(&mut self, block: &Block, registry: &Registry) {
        let is_known = match (&*block.kind.value, block.labels.as_slice()) {
            ("step", [type_name, _]) => registry.get(&type_name.value).is_some(),
            ("identity", [kind, _]) => registry.identity(&kind.value).is_some(),
            ("variable" | "module", labels) => labels.len() == 1,
            ("step" | "identity", _) => false,
            (kind, _) => kinds().any(|known| known == kind),
        };
        if is_known {
            return;
        }
        self.misspelt.extend(block.labels.iter().map(|label| label.value.clone()));
        if !kinds().any(|kind| kind == &*block.kind.value) {
            // It may be meant to be `locals`.
            self.misspelt.extend(block.body.attributes.iter().map(|attribute| attribute.name.value.clone()));
        }
    }

    fn note_body(&mut self, body: &Body, text: &str) {
        for gap in &body.gaps {
            self.note_gap(*gap, text);
        }
        for attribute in &body.attributes {
            if matches!(attribute.expression.kind, ExpressionKind::Invalid) {
                self.note_gap(attribute.expression.span, text);
            }
        }
        for block in &body.blocks {
            self.note_body(&block.body, text);
        }
    }

    fn note_gap(&mut self, gap: Span, text: &str) {
        let words = text[gap.range()].split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
        self.words.extend(words.filter(|word| syntax::is_identifier(word)).map(str::to_owned));
    }

    /// Returns true if an unreadable part contains `name`.
    pub fn may_hold(&self, name: &str) -> bool {
        self.file || self.words.contains(name)
    }

    /// Returns true if an unreadable or invalid part may declare the target of `reference`.
    pub fn may_declare(&self, reference: &Reference) -> bool {
        let (kind, count) = match &*reference.root.value {
            "var" => ("variable", 1),
            "step" => ("step", 2),
            "identity" => ("identity", 2),
            "local" => ("", 1),
            "module" => ("module", 1),
            // Other roots are not declared by a runbook.
            _ => return false,
        };
        let names: Vec<_> = reference.path.iter().take(count).filter_map(Segment::name).collect();
        if !names.is_empty() && names.iter().all(|name| self.may_hold(name)) {
            return true;
        }
        if names.last().is_some_and(|name| self.misspelt.contains(*name)) {
            return true;
        }
        let labels = std::iter::once(kind.into()).chain(names.into_iter().cloned());
        self.labels.contains(&labels.collect::<Vec<Arc<str>>>())
    }
}
