//! Names a finding by its rule and its place in the structure of the file.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::source::{FileId, Sources, Span};
use crate::syntax::{Body, parse};

/// The number of hexadecimal digits of a fingerprint.
const DIGITS: usize = 32;

/// Makes the fingerprints of one audit, in the order of the findings.
pub(super) struct Fingerprints<'a> {
    sources: &'a Sources,
    bodies: HashMap<FileId, Body>,
    /// The number of findings with the same rule and place so far.
    seen: HashMap<String, usize>,
}

impl<'a> Fingerprints<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, bodies: HashMap::new(), seen: HashMap::new() }
    }

    /// Returns the fingerprint of what a rule found at `span`: a digest of the name of the file, of the headers of the
    /// blocks around and the name of the argument, and of a number for several at the same place. Lines do not count.
    pub fn of(&mut self, rule: &str, span: Span) -> String {
        let sources = self.sources;
        let body = self.bodies.entry(span.file).or_insert_with(|| parse(sources, span.file).body);
        let file = sources.file(span.file).path();
        let mut place = vec![rule.to_owned(), name(file)];
        path(body, span, sources, &mut place);
        let place = place.join("\n");
        let number = self.seen.entry(place.clone()).or_default();
        *number += 1;
        let mut digest = format!("{:x}", Sha256::digest(format!("{place}\n{number}")));
        digest.truncate(DIGITS);
        digest
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Adds the headers of the blocks around `span`, and the name of the argument.
fn path(body: &Body, span: Span, sources: &Sources, found: &mut Vec<String>) {
    let contains = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    // The blocks of a body follow each other in its text.
    let at = body.blocks.partition_point(|block| block.span.end < span.end);
    if let Some(block) = body.blocks.get(at).filter(|block| contains(block.span)) {
        let header = sources.text(block.header).split_whitespace().collect::<Vec<_>>().join(" ");
        found.push(header);
        path(&block.body, span, sources, found);
    } else if let Some(attribute) = body.attributes.iter().find(|attribute| contains(attribute.span)) {
        found.push(attribute.name.value.to_string());
    }
}
