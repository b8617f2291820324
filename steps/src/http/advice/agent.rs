//! Codes of the Azure Arc agent.
//!
//! The agent's own are those of the instance metadata service, whose documentation lists them; what Entra says of the
//! token that it asked for comes through it as `AADSTS…`.

use super::row::{Row, words};

pub(super) const ROWS: &[Row] = &[
    words(
        &["bad_request_102", "bad_request_101"],
        &["check that it is the Arc agent that listens at this address, and no other program"],
    ),
    words(
        &["identity_not_found"],
        &["the machine has no identity of that kind: check that it is connected: azcmagent show"],
    ),
];
