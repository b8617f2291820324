//! Access: roles, their assignments, groups, and the decision about each request.

mod assignment;
mod built_in;
mod decision;
mod denial;
mod directory;
mod role;
mod saved;

pub(crate) use assignment::{Assignment, Effective, Propagation, is_within};
pub(crate) use decision::{Access, Permission};
pub(crate) use denial::Denial;
pub(crate) use directory::{Directory, Group, Membership};
pub(crate) use role::{Role, Roles, matches};
pub(crate) use saved::Saved;
