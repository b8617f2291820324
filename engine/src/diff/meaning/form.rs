//! Defines the canonical form of an expression.

use sha2::{Digest, Sha256};

use crate::diff::renames::Renames;

/// The text in place of a part that may be a secret.
const SENSITIVE: &str = "(sensitive value)";

/// The size above which the form of a local value is replaced by its digest where the value is used, in bytes: values
/// that use each other twice would grow without end.
const LARGEST: usize = 1 << 14;

/// The canonical form of an expression: text like HCL, with the addresses of other blocks apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pieces: Vec<Piece>,
    /// True if it needs parentheses as a part of another one.
    is_operation: bool,
    /// The forms of the values that it declares not to be secret, with `nonsensitive`.
    reveals: Vec<Self>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Text.
    Text(String),
    /// Text that may be a secret: it is compared, and not shown.
    Secret(String),
    /// The address of a block, without instance keys.
    Block(String),
    /// Text for people with addresses in it, such as `(known after step.a.b)`.
    Phrase(String),
    /// Text that is compared by `key` and shown as `shown`.
    Keyed { key: String, shown: String },
}

impl Form {
    /// Returns a form of plain text.
    pub fn of(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())], ..Self::default() }
    }

    /// Returns the form of text that is compared, and never shown.
    pub fn hidden(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Secret(text.into())], ..Self::default() }
    }

    /// Returns the form of text for people, which may name blocks by their addresses.
    pub fn phrase(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Phrase(text.into())], ..Self::default() }
    }

    /// Returns the form of text that is compared by `key` and shown as `shown`.
    pub fn keyed(key: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Keyed { key: key.into(), shown: shown.into() }], ..Self::default() }
    }

    /// Returns the reference to a block.
    pub fn block(address: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Block(address.into())], ..Self::default() }
    }

    /// Marks the form as one that needs parentheses as a part of another one.
    pub fn operation(mut self) -> Self {
        self.is_operation = true;
        self
    }

    /// Hides the quoted texts: the form is used where a secret is expected.
    pub fn concealed(mut self) -> Self {
        for piece in &mut self.pieces {
            if let Piece::Text(text) = piece
                && text.contains('"')
            {
                *piece = Piece::Secret(std::mem::take(text));
            }
        }
        self
    }

    /// Notes that the form declares a value not to be secret.
    pub fn revealing(mut self, value: Self) -> Self {
        self.reveals.push(value);
        self
    }

    /// Returns the forms of the values that it declares not to be secret.
    pub fn reveals(&self) -> &[Self] {
        &self.reveals
    }

    /// Appends text.
    pub fn text(mut self, text: &str) -> Self {
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
        self
    }

    /// Appends another form.
    pub fn then(mut self, other: &Self) -> Self {
        self.reveals.extend(other.reveals.iter().cloned());
        for piece in &other.pieces {
            match piece {
                Piece::Text(text) => self = self.text(text),
                piece => self.pieces.push(piece.clone()),
            }
        }
        self
    }

    /// Appends another form, in parentheses if it needs them.
    pub fn operand(self, other: &Self) -> Self {
        if other.is_operation { self.text("(").then(other).text(")") } else { self.then(other) }
    }

    /// Returns forms with a separator between them.
    pub fn joined(forms: &[Self], separator: &str) -> Self {
        let mut all = Self::default();
        for (at, form) in forms.iter().enumerate() {
            all = all.text(if at == 0 { "" } else { separator }).then(form);
        }
        all
    }

    /// Returns the form for use in another one: by its digest if it is too large.
    pub fn limited(self) -> Self {
        if self.size() <= LARGEST {
            return self;
        }
        let key = format!("{:x}", Sha256::digest(self.key(&Renames::default())));
        Self { reveals: self.reveals, ..Self::keyed(key, "(a long expression)") }
    }

    fn size(&self) -> usize {
        let size = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Secret(text) | Piece::Block(text) | Piece::Phrase(text) => text.len(),
            Piece::Keyed { key, shown } => key.len() + shown.len(),
        };
        self.pieces.iter().map(size).sum()
    }

    /// Returns the text by which forms are compared; equal texts mean the same. Addresses are those after `renames`.
    pub fn key(&self, renames: &Renames) -> String {
        let mut key = String::with_capacity(self.size());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Secret(text) => key.push_str(text),
                Piece::Block(address) => key.push_str(renames.now(address)),
                Piece::Phrase(text) => key.push_str(&renames.text(text)),
                // Quoted text has no control character, so nothing else looks like this.
                Piece::Keyed { key: inner, .. } => key.extend(["\u{1}", inner, "\u{2}"]),
            }
        }
        key
    }

    /// Returns the text for people, with hidden parts replaced and addresses as they are after `renames`.
    pub fn shown(&self, renames: &Renames) -> String {
        let part = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Secret(_) => SENSITIVE.to_owned(),
            Piece::Block(address) => renames.now(address).to_owned(),
            Piece::Phrase(text) => renames.text(text),
            Piece::Keyed { shown, .. } => shown.clone(),
        };
        self.pieces.iter().map(part).collect()
    }
}
