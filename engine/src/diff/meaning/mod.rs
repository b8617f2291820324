//! Describes the meaning of a runbook: its blocks, with their expressions in a canonical form.
//!
//! Two expressions have the same form if they always have the same value: layout, comments, parentheses, the order of
//! attributes, the names of local values and of `for` variables, and the way in which a constant is written do not
//! count. Expressions with different forms may still be equal; then a difference is reported that is none.

mod block;
mod blocks;
mod form;
mod inlined;
mod names;
mod step;
mod template;
mod writer;

pub use block::{BlockForm, BlockKind};
pub use blocks::blocks;
pub use form::Form;
