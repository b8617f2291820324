//! Names a finding by its rule and its place in the structure of the file, and its block by its text.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::block_text::BlockText;
use crate::runbook::SecretPlaces;
use crate::source::{FileId, Sources, Span};
use crate::syntax::{Body, parse};

/// The number of hexadecimal digits of a fingerprint.
const DIGITS: usize = 32;

/// Makes the fingerprints of one audit, in the order of the findings.
pub(super) struct Fingerprints<'a> {
    sources: &'a Sources,
    secrets: SecretPlaces,
    files: HashMap<FileId, (Body, BlockText)>,
    /// The number of findings with the same rule and place so far.
    seen: HashMap<String, usize>,
    /// The digests of blocks.
    contents: HashMap<Span, String>,
}

/// The names of a finding.
pub(super) struct Fingerprint {
    /// A digest of the rule, of the name of the file, of the headers of the blocks around and the name of the argument, and
    /// of a number for several at the same place. Lines and values do not count.
    pub place: String,
    /// A digest of the outermost block around, as it is written, without its comments and its secrets.
    pub content: String,
}

impl<'a> Fingerprints<'a> {
    pub fn new(sources: &'a Sources, secrets: SecretPlaces) -> Self {
        Self { sources, secrets, files: HashMap::new(), seen: HashMap::new(), contents: HashMap::new() }
    }

    /// Returns the names of what a rule found at `span`.
    pub fn of(&mut self, rule: &str, span: Span) -> Fingerprint {
        let Self { sources, secrets, files, seen, contents } = self;
        let (body, text) = files.entry(span.file).or_insert_with(|| {
            let body = parse(sources, span.file).body;
            let text = BlockText::of(sources.file(span.file), span.file);
            secret_defaults(&body, sources).for_each(|default| secrets.add(default));
            (body, text)
        });
        let block = around(body, span).map_or(Span { end: span.start, ..span }, |block| block.span);
        let content = contents.entry(block).or_insert_with(|| digest(&text.plain(block, secrets)));
        let mut place = vec![rule.to_owned(), name(sources.file(span.file).path())];
        path(body, span, sources, &mut place);
        let place = place.join("\n");
        let number = seen.entry(place.clone()).or_default();
        *number += 1;
        Fingerprint { place: digest(&format!("{place}\n{number}")), content: content.clone() }
    }
}

fn digest(text: &str) -> String {
    let mut digest = format!("{:x}", Sha256::digest(text));
    digest.truncate(DIGITS);
    digest
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the places of the defaults of sensitive and ephemeral variables.
fn secret_defaults<'a>(body: &'a Body, sources: &'a Sources) -> impl Iterator<Item = Span> {
    let is_variable = |header: Span| sources.text(header).trim_start().starts_with("variable");
    let is_secret =
        |body: &Body| ["sensitive", "ephemeral"].iter().any(|name| body.attribute(name).is_some());
    let variables =
        body.blocks.iter().filter(move |block| is_variable(block.header) && is_secret(&block.body));
    variables.filter_map(|block| Some(block.body.attribute("default")?.expression.span))
}

/// Returns the block of a body that contains `span`.
fn around(body: &Body, span: Span) -> Option<&crate::syntax::Block> {
    // The blocks of a body follow each other in its text.
    let at = body.blocks.partition_point(|block| block.span.end < span.end);
    body.blocks.get(at).filter(|block| block.span.start <= span.start)
}

/// Adds the headers of the blocks around `span`, and the name of the argument.
fn path(body: &Body, span: Span, sources: &Sources, found: &mut Vec<String>) {
    if let Some(block) = around(body, span) {
        let header = sources.text(block.header).split_whitespace().collect::<Vec<_>>().join(" ");
        found.push(header);
        path(&block.body, span, sources, found);
    } else if let Some(attribute) = body.attributes.iter().find(|attribute| attribute.span.contains(span)) {
        found.push(attribute.name.value.to_string());
    }
}
