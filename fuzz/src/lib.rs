//! The properties that every input must satisfy: one function per target, which panics on a violation.
//!
//! The fuzzer calls them with generated inputs, and `engine/tests/it/fuzz.rs` with those in `seeds/` and
//! `kept/`.

mod allow;
mod baseline;
mod evaluated;
mod expression;
mod format;
mod jinja;
mod jmespath;
mod journal;
mod parse;
mod plan;
mod policy;
mod signature;
mod statement;
mod template;
mod world;

pub use allow::allow;
pub use baseline::baseline;
pub use expression::expression;
pub use format::format;
pub use jinja::jinja;
pub use jmespath::jmespath;
pub use journal::journal;
pub use parse::parse;
pub use plan::plan;
pub use policy::policy;
pub use signature::signature;
pub use statement::statement;
pub use template::template;

/// A function that accepts any input and panics if a property does not hold for it.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: [(&str, Target); 13] = [
    ("allow", allow),
    ("baseline", baseline),
    ("expression", expression),
    ("format", format),
    ("jinja", jinja),
    ("jmespath", jmespath),
    ("journal", journal),
    ("parse", parse),
    ("plan", plan),
    ("policy", policy),
    ("signature", signature),
    ("statement", statement),
    ("template", template),
];
