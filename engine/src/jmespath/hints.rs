//! Finds valid parts of a query that are rarely intended.

use std::ops::Range;

use jmespath::ast::{Ast, Comparator};

use super::edit::{Edit, edited, text_literal};
use super::token::{Kind, token_at, tokens};
use crate::value::Number;

/// A hint about a valid part of a query that is rarely intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The range in the query, in bytes.
    pub offset: Range<usize>,
    /// The problem.
    pub message: String,
    /// The whole query, corrected, if the intention is clear.
    pub corrected: Option<String>,
}

/// Collects the hints of a query.
pub(super) struct Hints<'a> {
    text: &'a str,
    slips: Vec<Slip>,
}

/// A hint, and the edits that correct the query; none if the intention is unclear.
struct Slip {
    offset: Range<usize>,
    message: String,
    edits: Vec<Edit>,
}

fn is_date(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'a> Hints<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, slips: Vec::new() }
    }

    /// Returns the hints in the order of the text. Each corrected query contains the corrections of all hints.
    pub(super) fn finish(mut self) -> Vec<Hint> {
        self.slips.sort_by_key(|slip| slip.offset.start);
        let corrected = edited(self.text, self.slips.iter().flat_map(|slip| &slip.edits));
        let hint = |slip: Slip| Hint {
            offset: slip.offset,
            message: slip.message,
            corrected: (!slip.edits.is_empty()).then(|| corrected.clone()),
        };
        self.slips.into_iter().map(hint).collect()
    }

    fn push(&mut self, offset: Range<usize>, message: impl Into<String>, edits: Vec<Edit>) {
        self.slips.push(Slip { offset, message: message.into(), edits });
    }

    /// Adds a hint about backticks around `text`, which is not JSON.
    pub(super) fn bare_text(&mut self, range: Range<usize>, text: &str) {
        let message = format!("{} is not JSON, and is taken for text", &self.text[range.clone()]);
        self.push(range.clone(), message, vec![Edit::new(range, text_literal(text))]);
    }

    /// Checks an argument of a function other than the first, which is the input and usually a field.
    pub(super) fn argument(&mut self, tree: &Ast) {
        if let Some((range, name)) = self.quoted_field(tree) {
            self.field(range, name);
        }
    }

    pub(super) fn comparison(&mut self, comparator: &Comparator, a: &Ast, b: &Ast) {
        self.quotes(a, b);
        if matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            self.word(a);
            self.word(b);
        } else {
            self.order(a);
            self.order(b);
        }
    }

    /// Adds a hint about `type == "x"`, which compares with the field `x`: a quoted field beside anything but a
    /// literal is probably meant as text.
    fn quotes(&mut self, a: &Ast, b: &Ast) {
        let quoted = match (self.quoted_field(a), self.quoted_field(b)) {
            (_, Some(quoted)) => Some(quoted),
            (Some(quoted), None) if !matches!(b, Ast::Literal { .. }) => Some(quoted),
            _ => None,
        };
        if let Some((range, name)) = quoted {
            self.field(range, name);
        }
    }

    /// Adds a hint about `enabled == true`, which compares with the field `true`.
    fn word(&mut self, side: &Ast) {
        let Ast::Field { offset, name } = side else { return };
        let word = name.to_lowercase();
        let range = token_at(self.text, *offset);
        if self.text[range.clone()] == **name && matches!(word.as_str(), "true" | "false") {
            let message = format!("{name} is the field of that name, not the value {word}");
            self.push(range.clone(), message, vec![Edit::new(range, format!("`{word}`"))]);
        }
    }

    /// Adds a hint about a literal that can be ordered with nothing, or with text only.
    fn order(&mut self, side: &Ast) {
        let Ast::Literal { offset, value } = side else { return };
        let range = token_at(self.text, *offset);
        match value.as_string() {
            // Four digits and more may be a date.
            Some(text) if text.parse::<Number>().is_ok() && !is_date(text) => {
                let message = "this text compares only with text, character by character";
                self.push(range.clone(), message, vec![Edit::new(range, format!("`{}`", text.trim()))]);
            }
            None if !value.is_number() => {
                let message = "only two numbers or two texts can be ordered: this comparison is always null";
                self.push(range, message, Vec::new());
            }
            _ => {}
        }
    }

    /// Adds a hint about `!a.b`, which is parsed as `(!a).b`.
    pub(super) fn not(&mut self, dot: usize, before: &Ast) {
        let dot = token_at(self.text, dot);
        let Ast::Not { offset, .. } = before else { return };
        if &self.text[dot.clone()] != "." {
            return;
        }
        let inner = token_at(self.text, *offset).end;
        let end = self.end_of_path(dot.start);
        self.push(
            *offset..dot.end,
            "`!` binds more tightly than `.`: this looks into true or false, and is always null",
            vec![Edit::new(inner..inner, "("), Edit::new(end..end, ")")],
        );
    }

    /// Returns the end of the path that continues at `start`.
    fn end_of_path(&self, start: usize) -> usize {
        let (mut open, mut end) = (0_usize, start);
        for (range, kind) in tokens(&self.text[start..]) {
            let token = &self.text[start..][range.clone()];
            match kind {
                Kind::Open => open += 1,
                Kind::Close if open == 0 => break,
                Kind::Close => open -= 1,
                _ if open > 0 => {}
                Kind::Comma => break,
                Kind::Operator if !matches!(token, "." | "*" | "[*]" | "[]") => break,
                Kind::Other if token == "in" => break,
                _ => {}
            }
            end = start + range.end;
        }
        end
    }

    /// Returns the range and the name of a field in double quotes.
    fn quoted_field<'t>(&self, tree: &'t Ast) -> Option<(Range<usize>, &'t str)> {
        let Ast::Field { offset, name } = tree else { return None };
        let range = token_at(self.text, *offset);
        self.text[range.clone()].starts_with('"').then_some((range, name))
    }

    fn field(&mut self, range: Range<usize>, name: &str) {
        let message = format!("{} is the field of that name, not a text", &self.text[range.clone()]);
        self.push(range.clone(), message, vec![Edit::new(range, text_literal(name))]);
    }
}
