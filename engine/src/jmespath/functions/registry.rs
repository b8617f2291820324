//! Finds functions by name.

use super::function::Function;
use super::table::FUNCTIONS;

impl Function {
    /// Returns the function with that name.
    pub(in super::super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// Returns all functions, in the order of their names.
    pub(in super::super) fn all() -> impl Iterator<Item = &'static Self> {
        FUNCTIONS.iter()
    }

    /// Returns the names of all functions.
    pub(in super::super) fn names() -> impl Iterator<Item = &'static str> {
        Self::all().map(|function| function.name)
    }
}
