//! Suggests built-in roles for permissions, from a small table of roles.
//!
//! The fewest permissions alone are the wrong goal: they answer "read a machine" with a role that may write
//! machines. So a role is suggested only for the provider that it is made for, and its price counts what it allows
//! beyond the need: changes, and above all secrets and rights.

mod price;
mod rights;
mod role;
mod suggest;
mod table;

pub use rights::rights;
pub use role::{Block, Reading, Role};
pub use suggest::{ScopeSuggestion, SuggestedRole, Suggestion, suggest};
pub use table::{DATE, built_in};
