//! Follows each secret from its source, through the values that are made from it, to the places where it ends.

mod carriers;
mod ends;
mod files;
mod place;
mod refused;
mod rows;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod secret_path;
mod source;

pub use carriers::secret_chains;
pub use place::Place;
pub use refused::{SECRET_ERRORS, refused_ends};
pub use rows::rows;
pub use secret_path::{SecretEnd, SecretPath};
pub use source::{SecretSource, SourceKind};
