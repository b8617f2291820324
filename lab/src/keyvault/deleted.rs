//! The operations on deleted secrets.

use hyper::StatusCode;

use super::secrets::{has_name, not_found};
use super::store::{Deleted, Secrets};
use super::{VaultRequest, Vaults, answer, bundle};
use crate::clock;
use crate::exchange::{Answer, Refused};
use crate::world::SecretPermission;

impl Vaults {
    pub(super) fn delete(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, Some(name), SecretPermission::Delete)?;
        let mut secrets = request.store.lock();
        is_settled(&secrets, name)?;
        let key = name.to_lowercase();
        let secret = secrets.live.shift_remove(&key).ok_or_else(|| not_found(name, None))?;
        let deleted = Deleted { secret, at: clock::seconds(), unseen: request.vault.deletion_polls };
        let body = bundle::deleted(request, &deleted);
        secrets.deleted.insert(key, deleted);
        Ok(Answer::json(StatusCode::OK, &body).changed())
    }

    /// Returns a deleted secret, once the deletion has ended: each request before counts as a poll of it.
    pub(super) fn deleted(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        // A deleted secret is shown without its value.
        self.requires_as(request, Some(name), SecretPermission::Get, "readMetadata/action")?;
        let mut secrets = request.store.lock();
        let deleted = secrets.deleted.get_mut(&name.to_lowercase()).ok_or_else(|| not_found(name, None))?;
        if deleted.unseen > 0 {
            deleted.unseen -= 1;
            return Err(not_found(name, None));
        }
        Ok(Answer::json(StatusCode::OK, &bundle::deleted(request, deleted)))
    }

    pub(super) fn list_deleted(&self, request: VaultRequest<'_>) -> Result<Answer, Refused> {
        self.requires(request, None, SecretPermission::List)?;
        let secrets = request.store.lock();
        let items = secrets.deleted.values().map(|deleted| bundle::deleted_item(request, deleted)).collect();
        self.page(request, items)
    }

    pub(super) fn purge(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, None, SecretPermission::Purge)?;
        let mut secrets = request.store.lock();
        is_settled(&secrets, name)?;
        let removed = secrets.deleted.shift_remove(&name.to_lowercase());
        removed.map(|_| Answer::new(StatusCode::NO_CONTENT).changed()).ok_or_else(|| not_found(name, None))
    }

    pub(super) fn recover(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, None, SecretPermission::Recover)?;
        let mut secrets = request.store.lock();
        is_settled(&secrets, name)?;
        let key = name.to_lowercase();
        let Deleted { mut secret, .. } =
            secrets.deleted.shift_remove(&key).ok_or_else(|| not_found(name, None))?;
        secret.unseen = request.vault.deletion_polls;
        let body = secret.latest().map(|version| bundle::version_item(request, &secret, version));
        secrets.live.insert(key, secret);
        Ok(Answer::json(StatusCode::OK, &body.unwrap_or_default()).changed())
    }
}

/// Refuses a change of a secret while another one is being deleted or recovered under its name.
pub(super) fn is_settled(secrets: &Secrets, name: &str) -> Result<(), Refused> {
    let key = name.to_lowercase();
    let conflict = |inner: &str, message: &str| {
        Err(answer::refused_because(StatusCode::CONFLICT, "Conflict", inner, message))
    };
    if secrets.deleted.get(&key).is_some_and(|deleted| deleted.unseen > 0) {
        return conflict("ObjectIsBeingDeleted", &format!("Secret {name} is currently being deleted."));
    }
    if secrets.live.get(&key).is_some_and(|secret| secret.unseen > 0) {
        return conflict("ObjectIsBeingRecovered", &format!("Secret {name} is currently being recovered."));
    }
    Ok(())
}
