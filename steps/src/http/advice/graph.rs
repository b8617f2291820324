//! Error codes of Microsoft Graph.
//!
//! Source: `graph/errors.md` and `group-post-members.md` of the Microsoft Graph documentation.

use super::row::{Row, role, words};

pub(super) const ROWS: &[Row] = &[
    role(&["Authorization_RequestDenied"]),
    words(
        &["Request_ResourceNotFound"],
        &[
            "check the object ids of the group and of the member: an application (client) id is not one",
            "an identity that was created minutes ago is not known everywhere yet: run again",
        ],
    ),
];
