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
            "the account's network rules keep this machine out: allow its address or reach the account by a private \
           endpoint",
        ],
    ),
    words(
        &["AuthorizationProtocolMismatch", "AccountRequiresHttps"],
        &["the account takes HTTPS only: reach it by an https URL"],
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
        &["check the names of the blob and its container; blobs' names tell upper from lower case"],
    ),
    words(
        &["ContainerBeingDeleted", "FilesystemBeingDeleted"],
        &[
            "a container of that name was deleted just now, and its name is free when that is over: run again in a few minutes, or choose another name",
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
    words(&["SnapshotsPresent"], &["the blob has snapshots: delete them first, if nobody needs them"]),
    words(
        &["BlobArchived", "BlobBeingRehydrated"],
        &[
            "the blob is in the archive tier: rehydrate it first: az storage blob set-tier --tier Hot, which takes hours",
        ],
    ),
    words(
        &["InvalidBlobType", "BlobOperationNotSupported", "BlobTypeNotSupported"],
        &["a blob of another type has this name: choose another name, or delete it if nobody needs it"],
    ),
    words(
        &["ConditionNotMet", "TargetConditionNotMet"],
        &["somebody else changed the blob meanwhile: look at it, then run again"],
    ),
    words(&["RequestBodyTooLarge"], &["upload less in one blob; the message names the limit"]),
    words(&["Md5Mismatch"], &["the content was changed on its way: look for a proxy in between"]),
    words(
        &["KeyBasedAuthenticationNotPermitted", "PublicAccessNotPermitted", "NoAuthenticationInformation"],
        &[
            "the account did not get the token that was sent: look for a proxy in between that removes headers",
        ],
    ),
    words(
        &["KeyVaultEncryptionKeyNotFound", "KeyVaultAccessTokenCannotBeAcquired", "KeyVaultVaultNotFound"],
        &[
            "the account is encrypted with a key in a vault that it cannot use now: ask the account's owner to mend that",
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
        &["check the names and values that the step is given; the service does not take one of them"],
    ),
];
