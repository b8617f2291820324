//! Evaluates JMESPath queries on values.
//!
//! The `jmespath` crate parses queries. [`Query`] checks the parsed tree, compiles it, and interprets it over
//! [`Value`] with marks on every leaf, unknown values and exact numbers, which that crate's interpreter does
//! not support.
//!
//! Lists, sets and tuples are arrays; maps and objects are objects. A query builds tuples and objects; a
//! value selected whole from the input keeps its type.
//!
//! [`Value`]: crate::value::Value

mod budget;
mod compare;
mod compile;
mod dialect;
mod edit;
mod error;
mod functions;
mod guard;
mod hints;
mod jq;
mod members;
mod node;
mod nothing;
mod query;
mod search;
mod shape;
mod token;
mod view;
mod words;

pub use error::{QueryError, SearchError};
pub use functions::{Example, FunctionDocs};
pub use hints::Hint;
pub use jq::{Definition, Filter, NoFilter};
pub use nothing::Nothing;
pub use query::{Query, functions};
pub use shape::UnknownMember;

#[cfg(test)]
mod tests;
