//! Error codes of the guards of a resource: network rules, leases and immutability policies.
//!
//! The service itself returns them, and ARM passes them on.
//!
//! Sources: `general/rest-error-codes.md` of the Key Vault documentation; `common-rest-api-error-codes`,
//! `lease-blob`, `lease-container` of the storage REST reference; `immutable-storage-overview.md` of the
//! storage documentation.

use super::row::{Row, words};

pub(super) const ROWS: &[Row] = &[
    words(
        &["ForbiddenByFirewall"],
        &[
            "the network rules of the resource keep this machine out: allow its address or reach the resource by a private endpoint",
        ],
    ),
    words(
        &["ForbiddenByConnection", "PublicNetworkAccessDisabled"],
        &[
            "the network rules of the resource take private connections only: reach it by an approved private endpoint, and check that this machine resolves its name to its private address",
        ],
    ),
    words(
        &[
            "NetworkSecurityPerimeterDenied",
            "AuthorizationFailureByNsp",
            "ForbiddenByNsp",
            "RequestDeniedByNsp",
        ],
        &[
            "the network security perimeter around the resource keeps this machine out: add an inbound rule for its address or subscription to the perimeter's profile",
        ],
    ),
    words(
        &[
            "LeaseIdMissing",
            "LeaseAlreadyPresent",
            "LeaseIdMismatchWithBlobOperation",
            "LeaseIdMismatchWithContainerOperation",
            "LeaseIdMismatchWithLeaseOperation",
            "LeaseNotPresentWithBlobOperation",
            "LeaseNotPresentWithContainerOperation",
            "LeaseLost",
            "LeaseIsBreakingAndCannotBeAcquired",
            "LeaseIsBreakingAndCannotBeChanged",
            "LeaseIsBrokenAndCannotBeRenewed",
        ],
        &[
            "somebody holds a lease on it: wait until they let go of it, or ask them to",
            "a lease that nobody needs is broken by: az storage blob lease break (or az storage container lease break)",
        ],
    ),
    words(
        &[
            "BlobImmutableDueToPolicy",
            "ContainerImmutabilityPolicyViolation",
            "ContainerImmutableDueToPolicy",
            "ImmutabilityPolicyViolation",
            "ContainerProtectedFromDeletion",
            "BlobCannotBeDeletedDueToImmutabilityPolicy",
        ],
        &[
            "an immutability policy protects it until its time is over: write under another name; az storage container immutability-policy show tells until when",
        ],
    ),
    words(
        &["BlobImmutableDueToLegalHold", "ContainerImmutableDueToLegalHold", "LegalHoldViolation"],
        &[
            "a legal hold protects it: write under another name, or ask who set the hold to clear it: az storage container legal-hold show",
        ],
    ),
];
