//! Error codes of the Azure Arc agent.
//!
//! The agent uses the codes of the instance metadata service, whose documentation lists them; it passes on
//! Entra's errors about a token request as `AADSTS…`.

use super::row::{Row, words};

pub(super) const ROWS: &[Row] = &[
    words(
        &["bad_request_102", "bad_request_101"],
        &["check that the Arc agent, and no other program, listens at this address"],
    ),
    words(
        &["identity_not_found"],
        &["the machine does not have this identity: check that it is connected: azcmagent show"],
    ),
];
