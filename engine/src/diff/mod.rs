//! Compares two runbooks, or plans of them, by their meaning.
//!
//! [`compare`] says which blocks are added, removed, renamed and changed, and how the accesses of a run differ: its
//! permissions, hosts, secrets, files, programs and statements. [`Difference::privilege`] lists the accesses by which
//! the new one is more powerful than the old one.

mod access;
mod block;
mod code;
mod compare;
mod difference;
mod excerpt;
mod grows;
mod listed;
mod made_from;
mod meaning;
mod pairing;
mod part;
mod permission;
mod powers;
mod privilege;
mod renames;
mod run_files;
mod same;
mod secret_end;
mod show;
mod side;
mod subject;
mod unknown;

pub use access::{Access, FileUse, Host, Program, Statement};
pub use block::{BlockDifference, Change};
pub use compare::compare;
pub use difference::{Changes, Difference, FileChange, Used};
pub use grows::{Growth, GrowthKind};
pub use meaning::BlockKind;
pub use part::PartDifference;
pub use permission::HeldPermission;
pub use secret_end::SecretEnd;
pub use show::{Extent, show};
pub use subject::Subject;
