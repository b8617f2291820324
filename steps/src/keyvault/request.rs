//! Requests and permissions of Key Vault.

use arcbook_engine::step::{Action, Arg, ArgumentError, HttpRequest, Method, Permission, Text, Title};

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::firewall;
use crate::names::{SecretName, SecretVersion, Vault};

/// The API version of every request.
const VERSION: &str = "?api-version=7.4";

/// The permissions of secrets. A vault with access policies calls them `get`, `list`, `set`, `delete`, `recover` and
/// `purge`; changing attributes is part of `set` there, and reading a deleted secret, which has no value, part of `get`.
#[derive(Clone, Copy)]
pub(crate) enum Right {
    Get,
    List,
    Set,
    Update,
    Delete,
    Recover,
    Purge,
}

impl Right {
    /// Returns the permission at `scope`, the URL of a secret or of a vault.
    pub fn at(self, scope: Text) -> Permission {
        let operation = match self {
            Self::Get => "getSecret/action",
            Self::List => "readMetadata/action",
            Self::Set => "setSecret/action",
            Self::Update => "update/action",
            Self::Delete => "delete",
            Self::Recover => "recover/action",
            Self::Purge => "purge/action",
        };
        Permission::data(format!("Microsoft.KeyVault/vaults/secrets/{operation}"), scope)
    }
}

/// Returns an error if `vault` is a host outside this cloud.
pub(crate) fn check_vault(azure: &Azure, vault: &Arg<Vault>) -> Option<ArgumentError> {
    let cloud = azure.cloud();
    let url = vault.value().and_then(|_| cloud.vault_url(vault).reveal())?;
    let refusal = firewall::allow(&url, Some(&cloud.audience(Service::KeyVault)), cloud).err()?;
    let hosts = cloud.suffix(Service::KeyVault);
    let error = ArgumentError::new("vault", format!("is not a vault of {}: {refusal}", cloud.name));
    Some(error.help(format!("use the name of the vault, or its URI under {hosts}")))
}

/// Returns a request to a vault at `url`, which has no query.
pub(crate) fn request(azure: &Azure, method: Method, url: Text) -> HttpRequest {
    HttpRequest::new(method, url.then(VERSION)).audience(azure.cloud().audience(Service::KeyVault))
}

/// Returns the URL of a vault, without a slash at the end.
pub(crate) fn vault_url(azure: &Azure, vault: &Arg<Vault>) -> Text {
    azure.cloud().vault_url(vault)
}

/// Returns the URL of a secret, without a version.
pub(crate) fn secret_url(azure: &Azure, vault: &Arg<Vault>, name: &Arg<SecretName>) -> Text {
    vault_url(azure, vault).then("/secrets/").then_parts(name, |SecretName(name)| name.clone())
}

/// Returns the reading of a secret with its value: its latest version, or `version`.
pub(crate) fn versioned(
    azure: &Azure,
    vault: &Arg<Vault>,
    name: &Arg<SecretName>,
    version: Option<&Arg<SecretVersion>>,
) -> Action {
    let secret = secret_url(azure, vault, name);
    let mut url = secret.clone();
    if let Some(version) = version {
        url = url.then("/").then_parts(version, |SecretVersion(version)| version.clone());
    }
    request(azure, Method::Get, url).action().needs(Right::Get.at(secret))
}

/// Returns the URL of a deleted secret.
pub(crate) fn deleted_url(azure: &Azure, vault: &Arg<Vault>, name: &Arg<SecretName>) -> Text {
    vault_url(azure, vault).then("/deletedsecrets/").then_parts(name, |SecretName(name)| name.clone())
}

/// Returns the URL at which a deleted secret is recovered.
pub(crate) fn recover_url(azure: &Azure, vault: &Arg<Vault>, name: &Arg<SecretName>) -> Text {
    deleted_url(azure, vault, name).then("/recover")
}

/// Returns the reading of whether the secret at `secret` exists, without its value: the list of its versions.
pub(crate) fn versions_of(azure: &Azure, secret: Text) -> Action {
    let url = secret.clone().then("/versions").then(VERSION).then("&maxresults=1");
    let request = HttpRequest::new(Method::Get, url).audience(azure.cloud().audience(Service::KeyVault));
    request.action().needs(Right::List.at(secret))
}

/// Returns the list of the secrets of a vault.
pub(crate) fn listed(azure: &Azure, vault: &Arg<Vault>) -> Action {
    let url = vault_url(azure, vault);
    request(azure, Method::Get, url.clone().then("/secrets")).action().needs(Right::List.at(url)).paged()
}

/// Returns the name or the URI of a vault.
pub(crate) fn vault_text(vault: &Arg<Vault>) -> Text {
    Text::new().then_parts(vault, Vault::text)
}

/// Returns the title of a secret.
pub(crate) fn secret_title(vault: &Arg<Vault>, name: &Arg<SecretName>) -> Title {
    let name = Text::new().then_parts(name, |SecretName(name)| name.clone());
    Title::new("secret").named(&name).within("vault", &vault_text(vault))
}
