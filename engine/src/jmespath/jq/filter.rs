//! Defines filters.

use std::collections::BTreeSet;

use super::Definition;

/// A filter of jq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub(super) text: String,
    /// True for a path from the input, such as `.value[0].name`.
    pub(super) is_path: bool,
    /// True if the filter is one operand of any operator.
    pub(super) is_term: bool,
    /// True if the result is true or false.
    pub(super) is_bool: bool,
    pub(super) needs: BTreeSet<Definition>,
}

impl Filter {
    /// Returns the filter that returns its input.
    #[must_use]
    pub fn identity() -> Self {
        Self { is_path: true, ..Self::term(".") }
    }

    /// Returns the filter as jq reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the functions that it calls and jq does not have.
    pub fn needs(&self) -> impl Iterator<Item = Definition> {
        self.needs.iter().copied()
    }

    /// Returns the member `name` of the result.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.then(Self::field(name))
    }

    /// Returns the element of the result at an index, from the end if it is negative.
    #[must_use]
    pub fn element(&self, index: i64) -> Self {
        self.then(Self::path(format!(".[{index}]")))
    }

    /// Returns the result of a function of jq for the result.
    #[must_use]
    pub fn piped(&self, function: &str, needs: &[Definition]) -> Self {
        let mut other = Self::term(function);
        other.needs.extend(needs);
        self.then(other)
    }

    pub(super) fn term(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_path: false, is_term: true, is_bool: false, needs: BTreeSet::new() }
    }

    pub(super) fn path(text: impl Into<String>) -> Self {
        Self { is_path: true, ..Self::term(text) }
    }

    /// Returns the member `name` of the input.
    pub(super) fn field(name: &str) -> Self {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.is_empty();
        if is_plain {
            Self::path(format!(".{name}"))
        } else {
            Self::path(format!(".[{}]", serde_json::Value::from(name)))
        }
    }

    /// Returns an expression with operators, of these parts.
    pub(super) fn of<'a>(text: String, parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let needs = parts.into_iter().flat_map(Self::needs).collect();
        Self { text, is_path: false, is_term: false, is_bool: false, needs }
    }

    /// Returns the same filter, whose text is one operand.
    pub(super) fn closed(self) -> Self {
        Self { is_term: true, ..self }
    }

    pub(super) fn with(mut self, definition: Definition) -> Self {
        self.needs.insert(definition);
        self
    }

    pub(super) fn of_bool(self) -> Self {
        Self { is_bool: true, ..self }
    }

    /// Returns the text as an operand.
    pub(super) fn operand(&self) -> String {
        if self.is_term { self.text.clone() } else { format!("({})", self.text) }
    }

    /// Returns the filter that applies `next` to the result.
    pub(super) fn then(&self, next: Self) -> Self {
        if next.text == "." {
            return self.clone();
        }
        if self.text == "." {
            return next;
        }
        let needs = self.needs.iter().chain(&next.needs).copied().collect();
        if self.is_path && next.is_path {
            // `.a` and `.[0]` make `.a[0]`, but `.[0]` of the input stays.
            let joined = next.text.strip_prefix('.').filter(|rest| rest.starts_with('['));
            let text = self.text.clone() + joined.unwrap_or(&next.text);
            return Self { text, needs, ..next };
        }
        let is_bool = next.is_bool;
        Self {
            text: format!("{} | {}", self.text, next.text),
            is_path: false,
            is_term: false,
            is_bool,
            needs,
        }
    }

    /// Returns the filter as a condition.
    pub(super) fn condition(self) -> Self {
        if self.is_bool {
            return self;
        }
        self.then(Self::term("truthy").with(Definition::Truthy).of_bool())
    }
}
