//! The properties that every input must satisfy: one function per target, which panics on a violation.
//!
//! The fuzzer calls them with generated inputs, and `engine/tests/it/fuzz.rs` with those in `seeds/` and
//! `kept/`.

mod evaluated;
mod expression;
mod format;
mod jinja;
mod jmespath;
mod journal;
mod parse;
mod plan;
mod signature;
mod template;
mod world;

pub use expression::expression;
pub use format::format;
pub use jinja::jinja;
pub use jmespath::jmespath;
pub use journal::journal;
pub use parse::parse;
pub use plan::plan;
pub use signature::signature;
pub use template::template;

/// A function that accepts any input and panics if a property does not hold for it.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("expression", expression),
    ("format", format),
    ("jinja", jinja),
    ("jmespath", jmespath),
    ("journal", journal),
    ("parse", parse),
    ("plan", plan),
    ("signature", signature),
    ("template", template),
];
