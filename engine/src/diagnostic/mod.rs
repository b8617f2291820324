//! Defines the diagnostic, the common error type of all stages, and its renderers.

mod article;
#[expect(clippy::module_inception, reason = "the noun of this folder is its first file")]
mod diagnostic;
mod diagnostics;
mod excerpt;
pub mod json;
mod lookalike;
mod render;
mod suggest;
mod visible;

pub use article::with_article;
pub use diagnostic::{Diagnostic, Label, MESSAGE, Severity, Shown, announced, one_line};
pub use diagnostics::Diagnostics;
pub use lookalike::{Lookalike, odd_character, plain};
pub use render::{Style, render, render_all};
pub use suggest::{closest, did_you_mean};
pub(crate) use visible::is_hidden;
pub use visible::{visible, visible_colored, visible_json, visible_line};
