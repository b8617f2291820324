//! A query that is ready to be asked.

use std::ops::Range;
use std::str::FromStr;

use super::compile::compile;
use super::functions::Function;
use super::guard::guard;
use super::node::Node;
use super::search::Search;
use super::{QueryError, SearchError};
use crate::value::Value;

/// A JMESPath query, parsed and checked.
#[derive(Clone, Debug)]
pub struct Query {
    root: Node,
    hints: Vec<Hint>,
}

/// Something that is allowed in a query and hardly ever meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The place in the query, in bytes.
    pub offset: Range<usize>,
    /// What is odd there.
    pub message: String,
    /// What is probably meant.
    pub help: String,
}

impl Query {
    /// Reads a query of at most 16 KiB that nests at most 256 deep.
    ///
    /// Beside the specification's grammar, `let $name = expression in expression` (JEP 18) gives an expression a name, and
    /// backticks around what is no JSON hold text, as they do for `az --query`.
    ///
    /// Functions, the number of their arguments and slices are checked too; what is left to go wrong in a search is that
    /// the data is not what the query takes it for.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        guard(text)?;
        let (root, hints) = compile(text)?;
        Ok(Self { root, hints })
    }

    /// What in it is probably not meant so, in the order of the text.
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// Asks it of `value`.
    ///
    /// What depends on something unknown is unknown, with the same origins; a result is marked as what it was made of, and
    /// as what decided over it.
    pub fn search(&self, value: &Value) -> Result<Value, SearchError> {
        Search::new().evaluate(&self.root, value)
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

/// The functions that a query may call: an example of the use of each, and what it gives, in the order of their names.
pub fn functions() -> impl Iterator<Item = (String, &'static str)> {
    Function::all().map(|function| (function.usage(), function.description))
}
