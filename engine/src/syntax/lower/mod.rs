//! From the tree of `hcl-edit` to ours.

mod expression;
mod template;
mod text;
mod whitespace;

use std::ops::Range;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Lowers what was parsed from `text[base..]`.
pub(super) struct Lowering<'a> {
    pub text: &'a str,
    pub file: FileId,
    pub base: usize,
}

/// One error is enough: the expression parsed, so what is refused here is rare.
type Lowered<T> = Result<T, Box<Diagnostic>>;

impl<'a> Lowering<'a> {
    /// A range that counts from the start of the file.
    fn range(&self, node: &impl hcl_edit::Span) -> Range<usize> {
        let range = node.span().unwrap_or_default();
        self.base + range.start..self.base + range.end
    }

    fn span(&self, node: &impl hcl_edit::Span) -> Span {
        Span::new(self.file, self.range(node))
    }

    fn written(&self, node: &impl hcl_edit::Span) -> &'a str {
        self.text.get(self.range(node)).unwrap_or_default()
    }
}

/// `text` in normal form C, as Terraform holds all text.
pub(super) fn normal(text: &str) -> Arc<str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}
