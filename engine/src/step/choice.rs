//! Defines arguments that accept one of several words.

use crate::diagnostic::did_you_mean;
use crate::value::Value;

use super::{ArgumentError, listed};

/// A word that an argument accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// Its documentation: Markdown, with one sentence as the first line.
    pub docs: &'static str,
}

/// An argument type with a fixed set of words; derived for an enum, with the doc comments of its variants as
/// their documentation.
///
/// The word of a variant is its name in snake case, unless `#[choice(name = "…")]` gives another.
///
/// ```
/// use arcbook_engine::step::Choice;
///
/// #[derive(Choice, Clone, Copy)]
/// enum Kind {
///     /// A block blob.
///     BlockBlob,
///     /// An append blob.
///     #[choice(name = "append")]
///     AppendBlob,
/// }
///
/// assert_eq!(Kind::BlockBlob.word(), "block_blob");
/// assert!(matches!(Kind::from_word("append"), Some(Kind::AppendBlob)));
/// ```
pub trait Choice: Sized {
    /// The words, in declaration order.
    const WORDS: &'static [Word];

    /// Returns the variant with this word.
    fn from_word(word: &str) -> Option<Self>;

    /// Returns the word.
    fn word(&self) -> &'static str;

    /// Converts the text of an argument.
    fn choose(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = value.as_str().unwrap_or_default();
        let names: Vec<&str> = Self::WORDS.iter().map(|word| word.name).collect();
        let error = || {
            let error = ArgumentError::value(format!("must be {}", listed(&names, "or")));
            error.hint(did_you_mean(text, names.iter().copied()))
        };
        Self::from_word(text).ok_or_else(|| error().into())
    }
}
