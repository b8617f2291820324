//! Defines the errors of queries.

use std::ops::Range;

use super::budget::STEPS;
use super::token::token_at;
use crate::value::NumberError;

/// The reason why a text is not a valid query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The range in the query, in bytes.
    pub offset: Range<usize>,
    /// The problem.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The whole query, corrected, if the intention is clear.
    pub corrected: Option<String>,
}

/// The reason why a search failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// An argument of a function has the wrong type; correct the query or the data.
    #[error("{message}")]
    Argument {
        /// The range of the function's name in the query, in bytes.
        offset: Range<usize>,
        /// The argument, and the expected type.
        message: String,
    },
    /// The result of a function is out of range.
    #[error("{error}")]
    Number {
        /// The range of the function's name in the query, in bytes.
        offset: Range<usize>,
        /// The reason.
        error: NumberError,
    },
    /// The query multiplies its input too much; select less before combining.
    #[error("the query takes more than {STEPS} steps")]
    Effort,
}

impl SearchError {
    /// Returns the range in the query, if there is one.
    #[must_use]
    pub fn offset(&self) -> Option<&Range<usize>> {
        match self {
            Self::Argument { offset, .. } | Self::Number { offset, .. } => Some(offset),
            Self::Effort => None,
        }
    }
}

impl QueryError {
    pub(super) fn new(offset: Range<usize>, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), help: None, corrected: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Converts a message of the parser.
    pub(super) fn syntax(text: &str, offset: usize, reason: &str) -> Self {
        let range = token_at(text, offset);
        let found = match &text[range.clone()] {
            "" => "the end of the query".to_owned(),
            token => format!("`{}`", shortened(token)),
        };
        let error = |message: String| Self::new(range.clone(), message);
        let expected = reason.split(" -- found").next().unwrap_or(reason);
        match expected {
            _ if expected.starts_with("'='") => {
                error("`=` is not an operator".to_owned()).with_help("write `==` to compare")
            }
            _ if expected.starts_with("Unclosed") => error(format!("{found} is not closed")),
            _ if expected.starts_with("Invalid character") => error(format!("unexpected {found}")),
            _ if expected.starts_with("Unable to parse literal") => {
                error("backticks enclose JSON, and this is not JSON".to_owned())
                    .with_help("write text in single quotes, as in 'text'")
            }
            _ if expected.starts_with("Unable to parse quoted") => {
                error(format!("{found} has an escape that JSON does not know"))
            }
            "Expected valid number" => error(format!("{found} is not an index: it has too many digits")),
            _ if expected.starts_with("'-'") => {
                error("`-` is only allowed before the digits of an index".to_owned())
            }
            "Quoted strings can't be a function name" => error("a function's name is not quoted".to_owned()),
            "Invalid function name" => error("only a name can be called".to_owned()),
            "Unexpected nud token" => error(format!("an expression is expected here, not {found}")),
            "invalid token after ','" => {
                error(format!("an expression is expected after the comma, not {found}"))
            }
            "Expected ']'" | "Expected ']' for wildcard index" => {
                error(format!("`]` is expected here, not {found}"))
            }
            "Expected ')' to close '('" => error(format!("`)` is expected here, not {found}")),
            "Expected '}' or ','" => error(format!("`}}` or `,` is expected here, not {found}")),
            "Expected ':' to follow key" => error(format!("`:` is expected after the key, not {found}")),
            "Expected Field to start key value pair" => error(format!("a key is expected here, not {found}"))
                .with_help("pairs are written as in {name: expression}"),
            "Expected number, ':', or '*'" => {
                error(format!("a number, `*`, `:` or `?` is expected after `[`, not {found}"))
                    .with_help("to make a list, write `.[a, b]`; to filter, `[?a == b]`; for a name, `.name`")
            }
            "Expected number, ':', or ']'" | "Expected ':', or ']'" => {
                error(format!("an index or a slice is expected here, not {found}"))
            }
            "Too many colons in slice expr" => error("a slice has at most two colons".to_owned()),
            _ if expected.starts_with("Expected identifier") => {
                error(format!("a name, `*`, `[` or `{{` is expected after the dot, not {found}"))
            }
            _ if expected.starts_with("Expected '.'") => {
                error(format!("`.`, `[`, or the end is expected here, not {found}"))
            }
            _ if &text[range.clone()] == "{" => error(format!("unexpected {found}"))
                .with_help("a multi-select hash follows a dot: .{name: expression}"),
            _ => error(format!("unexpected {found}")),
        }
    }
}

/// Shortens a token for a message.
pub(super) fn shortened(token: &str) -> String {
    match token.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &token[..end]),
        None => token.to_owned(),
    }
}
