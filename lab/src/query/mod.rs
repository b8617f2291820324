//! The part of the Kusto query language that the lab's Resource Graph answers; `docs/lab.md` lists it.

mod evaluate;
mod functions;
mod lexer;
mod operators;
mod parser;
mod syntax;

#[cfg(test)]
mod tests;

pub(crate) use evaluate::Row;
pub(crate) use operators::run;
pub(crate) use parser::parse;
pub(crate) use syntax::{QueryError, Table};
