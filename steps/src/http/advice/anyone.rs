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
            "the deny assignment {deny} forbids this whatever roles the identity has: ask who made it, such as the owner of the deployment stack or managed application",
        ],
    ),
    words(
        &["ScopeLocked"],
        &["remove the lock on {lock} first: az lock list --output table, then az lock delete --ids ID"],
    ),
    words(
        &["AADSTS500011", "AADSTS50001", "invalid_resource"],
        &["check the resource that the token is for; Azure knows it by exactly one spelling"],
    ),
    words(
        &["AADSTS53003", "AADSTS530032", "AADSTS50076", "AADSTS50079", "AADSTS50158"],
        &[
            "a conditional access policy of the tenant keeps the identity out: ask its administrator to let it in",
        ],
    ),
    words(
        &["AADSTS700016", "AADSTS7000112", "AADSTS90002"],
        &[
            "the tenant does not know the machine's identity any more: connect the machine again: azcmagent disconnect, azcmagent connect",
        ],
    ),
];
