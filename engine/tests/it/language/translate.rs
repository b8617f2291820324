//! Translation of Terraform configurations into runbooks.
//!
//! A file is parsed, and its keywords are replaced in place. A file with syntax errors stays unchanged, since
//! it must not parse in arcbook either.

use std::ops::Range;

use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::{Block, Body, Expression, ExpressionKind, parse};

/// Returns the name and the text of a file as in a runbook.
pub fn translate(name: &str, text: &str) -> (String, String) {
    let Some(stem) = name.strip_suffix(".tf") else { return (name.to_owned(), text.to_owned()) };
    let name = format!("{stem}.runbook.hcl");
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new(&*name, text.to_owned()));
    let Ok(body) = parse(&sources, file).whole() else { return (name, text.to_owned()) };
    let mut edits = Edits::default();
    edits.body(&body);
    (name, edits.apply(text))
}

/// Converts a resource address into a step address.
pub fn address(resource: &str) -> String {
    resource.replace("terraform_data.", "step.echo.")
}

/// Replacements for ranges of the text.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, &'static str)>);

impl Edits {
    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.expression(&attribute.expression);
        }
        for block in &body.blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        let kind = block.kind.span.range();
        match &*block.kind.value {
            "resource" => {
                self.0.push((kind, "step"));
                let ty = block.labels.first().filter(|label| &*label.value == "terraform_data");
                self.0.extend(ty.map(|label| (label.span.range(), "\"echo\"")));
            }
            "terraform" => {
                self.0.push((kind, "runbook"));
                let version = block.body.attribute("required_version");
                self.0.extend(version.map(|attribute| (attribute.name.span.range(), "requires")));
                let providers = block.body.blocks_of("required_providers");
                self.0.extend(providers.map(|block| (block.span.range(), "")));
                return;
            }
            "lifecycle" => {
                let braces = block.body.span.range();
                self.0.push((kind.start..braces.start + 1, ""));
                self.0.push((braces.end - 1..braces.end, ""));
            }
            _ => {}
        }
        self.body(&block.body);
    }

    fn expression(&mut self, expression: &Expression) {
        expression.walk(&mut |part| match &part.kind {
            ExpressionKind::Variable(name) if &**name == "terraform_data" => {
                self.0.push((part.span.range(), "step.echo"));
            }
            _ => {}
        });
    }

    fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut text = text.to_owned();
        for (range, new) in self.0.into_iter().rev() {
            text.replace_range(range, new);
        }
        text
    }
}
