//! The operations on secrets.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::deleted::is_settled;
use super::store::{Secret, Version};
use super::{VaultRequest, Vaults, answer, bundle};
use crate::exchange::{Answer, Refused};
use crate::names;
use crate::world::SecretPermission;

/// Default and maximum number of secrets per page.
const PAGE_SIZE: usize = 25;

/// Maximum length of a value, in bytes.
const MAX_VALUE_LENGTH: usize = 25_600;

impl Vaults {
    pub(super) fn get(
        &self,
        request: VaultRequest<'_>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, Some(name), SecretPermission::Get)?;
        let mut secrets = request.store.lock();
        let secret = secrets.seen(name).ok_or_else(|| not_found(name, None))?;
        let found = secret.version(version).ok_or_else(|| not_found(name, version))?;
        is_usable(found)?;
        Ok(Answer::json(StatusCode::OK, &bundle::bundle(request, secret, found)))
    }

    pub(super) fn list(&self, request: VaultRequest<'_>) -> Result<Answer, Refused> {
        self.requires(request, None, SecretPermission::List)?;
        let secrets = request.store.lock();
        let item = |secret: &Secret| secret.latest().map(|version| bundle::item(request, secret, version));
        let items = secrets.live.values().filter_map(item).collect();
        self.page(request, items)
    }

    pub(super) fn versions(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, Some(name), SecretPermission::List)?;
        let mut secrets = request.store.lock();
        let items = secrets.seen(name).map_or_else(Vec::new, |secret| {
            secret.versions.iter().map(|version| bundle::version_item(request, secret, version)).collect()
        });
        self.page(request, items)
    }

    pub(super) fn set(&self, request: VaultRequest<'_>, name: &str) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires(request, Some(name), SecretPermission::Set)?;
        let body: bundle::SetBody = serde_json::from_slice(&request.call.body)
            .map_err(|_| bad("The request body is not a secret: a JSON object with a text named value."))?;
        if body.length() > MAX_VALUE_LENGTH {
            return Err(bad("The value of the secret is longer than 25 KB."));
        }
        let mut secrets = request.store.lock();
        is_settled(&secrets, name)?;
        let key = name.to_lowercase();
        if secrets.deleted.contains_key(&key) {
            let message = format!(
                "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this \
                 state, the secret can only be recovered or purged."
            );
            let inner = "ObjectIsDeletedButRecoverable";
            return Err(answer::refused_because(StatusCode::CONFLICT, "Conflict", inner, &message));
        }
        let version = body.into_version();
        let empty = || Secret { name: name.to_owned(), versions: Vec::new(), unseen: 0 };
        let secret = secrets.live.entry(key).or_insert_with(empty);
        secret.versions.push(version.clone());
        Ok(Answer::json(StatusCode::OK, &bundle::bundle(request, secret, &version)).changed())
    }

    /// Changes the attributes of a version, or of the latest one: those that the body leaves out stay.
    pub(super) fn update(
        &self,
        request: VaultRequest<'_>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Answer, Refused> {
        has_name(name)?;
        self.requires_as(request, Some(name), SecretPermission::Set, "update/action")?;
        let body: bundle::UpdateBody = serde_json::from_slice(&request.call.body)
            .map_err(|_| bad("The request body does not have the attributes of a secret."))?;
        let mut secrets = request.store.lock();
        is_settled(&secrets, name)?;
        let secret = secrets.live.get_mut(&name.to_lowercase()).ok_or_else(|| not_found(name, version))?;
        let found = match version {
            Some(id) => secret.versions.iter_mut().find(|own| own.id.eq_ignore_ascii_case(id)),
            None => secret.versions.last_mut(),
        };
        let found = found.ok_or_else(|| not_found(name, version))?;
        body.apply(found);
        let found = found.clone();
        Ok(Answer::json(StatusCode::OK, &bundle::version_item(request, secret, &found)).changed())
    }

    pub(super) fn page(&self, request: VaultRequest<'_>, items: Vec<Value>) -> Result<Answer, Refused> {
        let size = match request.call.query.get("maxresults").map(str::parse::<usize>) {
            None => PAGE_SIZE,
            Some(Ok(size)) if (1..=PAGE_SIZE).contains(&size) => size,
            Some(_) => return Err(bad("maxresults must be a number from 1 to 25.")),
        };
        let (page, next) = self
            .links
            .page(request.call, &request.call.base(), items, size)
            .map_err(|_| bad("The skip token is invalid. Follow the nextLink exactly as it was given."))?;
        // Key Vault's last page has a null `nextLink`.
        Ok(Answer::json(StatusCode::OK, &json!({ "value": page, "nextLink": next })))
    }
}

fn bad(message: &str) -> Refused {
    answer::refused(StatusCode::BAD_REQUEST, "BadParameter", message)
}

pub(super) fn has_name(name: &str) -> Result<(), Refused> {
    if names::is_secret(name) {
        return Ok(());
    }
    Err(bad(&format!("The request URI contains an invalid name: {name}")))
}

pub(super) fn not_found(name: &str, version: Option<&str>) -> Refused {
    let name = version.map_or_else(|| name.to_owned(), |version| format!("{name}/{version}"));
    let message = format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be \
         able to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    answer::refused(StatusCode::NOT_FOUND, "SecretNotFound", &message)
}

fn is_usable(version: &Version) -> Result<(), Refused> {
    if version.enabled {
        return Ok(());
    }
    let message = "Operation get is not allowed on a disabled secret.";
    Err(answer::refused_because(StatusCode::FORBIDDEN, "Forbidden", "SecretDisabled", message))
}
