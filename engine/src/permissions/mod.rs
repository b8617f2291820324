//! Reports the permissions that a plan needs: who needs what, where, for which step, and the roles that grant it.
//!
//! [`Needs`] are collected from a plan, or from the listing in a plan file. [`PermissionReport`] is the data of the report,
//! which [`page`] lays out for people. Permissions of a directory, logins of databases and rights on the machine itself
//! are kinds of their own.

mod collect;
mod explain;
mod make;
mod needs;
mod page;
mod report;
mod shown;

pub use explain::{Explanation, explain};
pub use needs::{Actor, DatabaseNeed, LocalNeed, Need, Needs, Place};
pub use page::page;
pub use report::{
    DatabaseLogin, IdentityNeeds, LocalRight, Login, NeededPermission, NeedingRequest, PermissionReport,
    ScopeNeeds,
};
