//! Error codes of Blob storage.
//!
//! Sources: `blob-service-error-codes`, `common-rest-api-error-codes`, `lease-blob`, `lease-container` of the
//! storage REST reference; `immutable-storage-overview.md` of the storage documentation.

use super::row::{Row, role, words};

pub(super) const ROWS: &[Row] = &[
    role(&["AuthorizationPermissionMismatch", "InsufficientAccountPermissions"]),
    words(
        &["AuthorizationFailure", "AuthorizationSourceIPMismatch"],
        &[
            "the account's network rules block this machine: allow its address, or reach the account through a private \
           endpoint",
        ],
    ),
    words(
        &["AuthorizationProtocolMismatch", "AccountRequiresHttps"],
        &["the account accepts HTTPS only: use an https URL"],
    ),
    words(
        &["AccountIsDisabled"],
        &["the account is disabled, often with its subscription: ask its owner to enable it"],
    ),
    words(
        &["ContainerNotFound", "FilesystemNotFound"],
        &["create the container first, with a `blob_container` step that this one depends on"],
    ),
    words(
        &["BlobNotFound", "PathNotFound"],
        &["check the names of the blob and its container; blob names are case-sensitive"],
    ),
    words(
        &["ContainerBeingDeleted", "FilesystemBeingDeleted"],
        &[
            "a container of this name is still being deleted: run again in a few minutes, or choose another name",
        ],
    ),
    words(
        &["ContainerDisabled"],
        &["the container is disabled by an administrator of the service: ask the account's owner"],
    ),
    words(
        &["AccountBeingCreated", "StorageAccountIsNotProvisioned"],
        &["the account is still being created: wait a minute and run again"],
    ),
    words(&["SnapshotsPresent"], &["the blob has snapshots: delete them first, if they are not needed"]),
    words(
        &["BlobArchived", "BlobBeingRehydrated"],
        &[
            "the blob is in the archive tier: rehydrate it first: az storage blob set-tier --tier Hot, which takes hours",
        ],
    ),
    words(
        &["InvalidBlobType", "BlobOperationNotSupported", "BlobTypeNotSupported"],
        &["a blob of another type has this name: choose another name, or delete it if it is not needed"],
    ),
    words(
        &["ConditionNotMet", "TargetConditionNotMet"],
        &["another client changed the blob in the meantime: inspect it, then run again"],
    ),
    words(
        &["InvalidBlockList", "InvalidBlobOrBlock", "BlockCountExceedsLimit"],
        &[
            "another client changed the blob or its blocks in the meantime: wait until it is done, then run again",
        ],
    ),
    words(&["RequestBodyTooLarge"], &["upload less in one blob; the message names the limit"]),
    words(&["Md5Mismatch"], &["the content was changed in transit: look for a proxy in between"]),
    words(
        &["KeyBasedAuthenticationNotPermitted", "PublicAccessNotPermitted", "NoAuthenticationInformation"],
        &["the account did not receive the token: look for a proxy in between that removes headers"],
    ),
    words(
        &["KeyVaultEncryptionKeyNotFound", "KeyVaultAccessTokenCannotBeAcquired", "KeyVaultVaultNotFound"],
        &[
            "the account cannot use its encryption key in a key vault: ask the account's owner to restore access",
        ],
    ),
    words(
        &[
            "InvalidHeaderValue",
            "InvalidMetadata",
            "EmptyMetadataKey",
            "MetadataTooLarge",
            "InvalidResourceName",
        ],
        &["check the names and values in the step's arguments; the service rejected one of them"],
    ),
];
