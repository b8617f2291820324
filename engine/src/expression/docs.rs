//! Functions for people who write expressions: how each is called, and an example.

use std::collections::BTreeMap;

use super::evaluate::SPECIAL;
use super::functions::{self, Example};

/// A function, for people who write expressions.
#[derive(Clone, Debug)]
pub struct FunctionDocs {
    /// Its name.
    pub name: &'static str,
    /// The signature, such as `join(separator, lists...)`.
    pub signature: String,
    /// The result, in one sentence.
    pub description: &'static str,
    /// A call of it, and what that gives.
    pub example: Example,
}

/// Every function that can be called, the console's own included, in the order of their names.
#[must_use]
pub fn function_docs() -> Vec<FunctionDocs> {
    let plain = functions::names().filter_map(functions::find).map(|function| FunctionDocs {
        name: function.name(),
        signature: function.signature(),
        description: function.description(),
        example: function.example(),
    });
    let special = SPECIAL.iter().map(|special| FunctionDocs {
        name: special.name,
        signature: special.signature.to_owned(),
        description: special.description,
        example: special.example,
    });
    let by_name: BTreeMap<_, _> = plain.chain(special).map(|docs| (docs.name, docs)).collect();
    by_name.into_values().collect()
}
