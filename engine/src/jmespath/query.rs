//! Defines compiled queries.

use std::str::FromStr;

use super::compile::compile;
use super::functions::{Function, FunctionDocs};
use super::guard::guard;
use super::hints::Hint;
use super::node::Node;
use super::search::Search;
use super::{QueryError, SearchError};
use crate::value::Value;

/// A JMESPath query, parsed and checked.
#[derive(Clone, Debug)]
pub struct Query {
    pub(super) root: Node,
    hints: Vec<Hint>,
}

impl Query {
    /// Parses a query of at most 16 KiB that nests at most 256 deep.
    ///
    /// In addition to the specification, `let $name = expression in expression` (JEP 18) binds a name, and
    /// backticks around something other than JSON contain text, as for `az --query`.
    ///
    /// Functions, their numbers of arguments and slices are checked, so a search fails only if the data has
    /// an unexpected type or size.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        guard(text)?;
        let (root, hints) = compile(text)?;
        Ok(Self { root, hints })
    }

    /// Returns the hints, in the order of the text.
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// Returns a text that is the same for two queries only if they are the same but for their layout.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{:?}", self.root)
    }

    /// Evaluates the query on `value`.
    ///
    /// A result that depends on something unknown is unknown, with the same origins; it has the marks of the
    /// values that it is made from or depends on.
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

/// The functions that a query may call, in the order of their names.
pub fn functions() -> impl Iterator<Item = FunctionDocs> {
    Function::all().map(Function::docs)
}
