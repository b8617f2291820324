//! Values as plans, plan files, records and events hold them: JSON beside the paths of the parts that it lacks.

mod marks;
mod named;
mod path;
mod redaction;
mod shown_text;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod shown_value;
mod text;

#[cfg(test)]
mod tests;

pub use named::Named;
pub use path::{Key, Path};
pub use shown_value::ShownValue;
