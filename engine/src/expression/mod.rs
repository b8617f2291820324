//! Evaluates expressions.

mod bad_query;
mod check;
mod constant;
mod docs;
mod evaluate;
mod foreign;
pub mod functions;
mod scope;
#[cfg(test)]
mod tests;
mod tree;
mod type_expression;

pub use bad_query::{asked, bad_query, odd_query, queries_within, query_error, query_messages};
pub use check::check;
pub use constant::constant;
pub use docs::{FunctionDocs, function_docs};
pub use evaluate::{
    TemplateLanguage, check_template, check_template_text, evaluate, explain, function_names, given_by,
    is_jinja, render_template, seen,
};
pub(crate) use evaluate::{references_within, texts};
pub use foreign::{literal, suggest_function};
use scope::unknown_name;
pub use scope::{Bindings, InstanceScope, Meaning, Resolved, Scope, WhyNothing};
pub use tree::Tree;
pub use type_expression::type_constraint;
