//! What must hold for every input: a function a target, which panics where it does not.
//!
//! The fuzzer calls them with inputs it makes up; `engine/tests/it/fuzz.rs` with those in `seeds/` and `kept/`.

mod evaluated;
mod expression;
mod format;
mod jinja;
mod jmespath;
mod journal;
mod parse;
mod plan;
mod template;
mod world;

pub use expression::expression;
pub use format::format;
pub use jinja::jinja;
pub use jmespath::jmespath;
pub use journal::journal;
pub use parse::parse;
pub use plan::plan;
pub use template::template;

/// Takes any input, and panics when something does not hold for it.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: [(&str, Target); 8] = [
    ("expression", expression),
    ("format", format),
    ("jinja", jinja),
    ("jmespath", jmespath),
    ("journal", journal),
    ("parse", parse),
    ("plan", plan),
    ("template", template),
];
