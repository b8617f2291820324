//! Error codes that several services use.
//!
//! Sources: `troubleshooting/common-deployment-errors.md` and `troubleshooting/error-*.md` of the Azure
//! Resource Manager documentation; `reference-error-codes.md` of the Entra documentation for `AADSTS…`.

use super::row::{Row, words};

pub(super) const ROWS: &[Row] = &[
    words(
        &["RequestDisallowedByPolicy", "PolicyViolation", "PolicyVerificationFailed"],
        &["the policy {policy} does not allow this: change the request, or ask its owner for an exemption"],
    ),
    words(
        &["DenyAssignmentAuthorizationFailed", "DeniedByDenyAssignment"],
        &[
            "the deny assignment {deny} forbids this regardless of the identity's roles: ask its creator, such as the owner of the deployment stack or managed application",
        ],
    ),
    words(
        &["ScopeLocked"],
        &["remove the lock on {lock} first: az lock list --output table, then az lock delete --ids ID"],
    ),
    words(
        &["AADSTS500011", "AADSTS50001", "invalid_resource"],
        &["check the audience of the token: Azure accepts exactly one spelling"],
    ),
    words(
        &["AADSTS53003", "AADSTS530032", "AADSTS50076", "AADSTS50079", "AADSTS50158"],
        &[
            "a conditional access policy of the tenant blocks the identity: ask its administrator to exclude the identity",
        ],
    ),
    words(
        &["AADSTS700016", "AADSTS7000112", "AADSTS90002"],
        &["the tenant no longer contains the machine's identity: reconnect the machine: {reconnect}"],
    ),
];
