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
            "the network rules of the resource block this machine: allow its address, or reach the resource through a private endpoint",
        ],
    ),
    words(
        &["ForbiddenByConnection", "PublicNetworkAccessDisabled"],
        &[
            "the network rules of the resource allow private connections only: reach it through an approved private endpoint, and check that this machine resolves its name to its private address",
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
            "the network security perimeter around the resource blocks this machine: add an inbound rule for its address or subscription to the perimeter's profile",
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
            "another client holds a lease on it: wait until the lease is released, or ask its holder to release it",
            "to break a lease that is not needed: az storage blob lease break (or az storage container lease break)",
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
            "an immutability policy protects it until its period ends: use another name; az storage container immutability-policy show prints the period",
        ],
    ),
    words(
        &["BlobImmutableDueToLegalHold", "ContainerImmutableDueToLegalHold", "LegalHoldViolation"],
        &[
            "a legal hold protects it: use another name, or ask the owner of the hold to clear it: az storage container legal-hold show",
        ],
    ),
];
