//! Suggests roles for permissions, from a small table of built-in roles or from a list of all of them.
//!
//! The fewest permissions alone are the wrong goal: they answer "read a machine" with a role that may write
//! machines. So a role is suggested only for the provider that it is made for, and its price counts what it allows
//! beyond the need: changes, and above all secrets and rights. The suggested set is the cheapest one.

mod block;
mod choose;
mod custom;
mod directory;
mod file;
mod price;
mod rights;
mod risk;
mod role;
mod suggest;
mod table;

pub use block::{Allowed, Block, Reading};
pub use custom::{CustomRole, CustomRoleError};
pub use file::{RoleFileError, read};
pub use price::price;
pub use rights::rights;
pub use role::{Origin, Role};
pub use table::{DATE, RoleTable, built_in};
