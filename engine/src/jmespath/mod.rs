//! JMESPath queries over values.
//!
//! The `jmespath` crate parses; [`Query`] checks what it parsed and compiles it, and interprets it over [`Value`] with
//! marks kept on every leaf, unknowns carried along and numbers exact, none of which that crate's interpreter knows.
//!
//! Lists, sets and tuples are arrays, maps and objects are objects. What a query makes is a tuple or an object; what it
//! takes whole from its input keeps its type.
//!
//! [`Value`]: crate::value::Value

mod budget;
mod compare;
mod compile;
mod dialect;
mod error;
mod functions;
mod guard;
mod node;
mod query;
mod search;
mod token;
mod view;

pub use error::{QueryError, SearchError};
pub use query::{Hint, Query, functions};

#[cfg(test)]
mod tests;
