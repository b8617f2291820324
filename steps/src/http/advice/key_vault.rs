//! Error codes of Key Vault.
//!
//! Sources: `general/rest-error-codes.md` and `general/common-error-codes.md` of the Key Vault documentation.

use super::row::{Row, role, words};

pub(super) const ROWS: &[Row] = &[
    role(&["ForbiddenByRbac"]),
    words(
        &["AccessDenied", "ForbiddenByPolicy"],
        &["this vault uses access policies: az keyvault set-policy --name {host} --object-id OBJECT_ID \
           --secret-permissions get"],
    ),
    words(
        &["SecretDisabled"],
        &[
            "enable the secret: az keyvault secret set-attributes --vault-name {host} --name NAME --enabled true",
        ],
    ),
    words(
        &["SecretNotFound"],
        &[
            "check the secret's name; if it was deleted: az keyvault secret recover --vault-name {host} --name NAME",
        ],
    ),
    words(
        &["ObjectIsDeletedButRecoverable", "ObjectIsDeletedAndRecoverable"],
        &[
            "a secret of that name was deleted: recover it: az keyvault secret recover --vault-name {host} --name NAME",
        ],
    ),
    words(
        &["ObjectIsBeingDeleted", "ObjectIsBeingRecovered", "ConflictError"],
        &["another operation on the secret or the vault is in progress: wait until it ends, then run again"],
    ),
    words(
        &["AKV10022"],
        &["the service does not accept tokens for {audience}; check that the right cloud is selected"],
    ),
    words(&["AKV10032"], &["the resource is in another tenant than this machine's identity"]),
    words(
        &["VaultNotFound"],
        &["the vault does not exist, or its name is wrong: each vault has its own host"],
    ),
    words(&["Throttled"], &["the vault throttles requests: run again later, or with a lower `-parallelism`"]),
];
