//! Finds the vaults and accounts behind the URLs of their data.

use arcbook_engine::step::StepError;
use serde::Deserialize;
use serde_json::Value as Json;
use url::Url;

use super::ask::Asker;
use super::policy::Policy;
use crate::cloud::{Cloud, Service};
use crate::json::or_empty;

/// A vault or a storage account, named by a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    is_vault: bool,
    /// The name of the vault or the account.
    name: String,
    /// The end of the id of the object in it: empty, or with a slash at its beginning.
    within: String,
}

/// The object of a place.
#[derive(Clone, Debug)]
pub(super) enum Object {
    /// Roles decide, at this id.
    Roles(String),
    /// The access policies of the vault decide.
    Policies(Vec<Policy>),
    /// No object of that name is among those that the identity may read.
    Unseen(String),
}

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default, deserialize_with = "or_empty")]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default, deserialize_with = "or_empty")]
    enable_rbac_authorization: bool,
    #[serde(default, deserialize_with = "or_empty")]
    access_policies: Vec<Policy>,
}

impl Place {
    /// Returns the place that a URL names; none if it is no vault and no account.
    pub fn of(cloud: &Cloud, url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let is_vault = match cloud.service(&url)? {
            Service::KeyVault => true,
            Service::Blob => false,
            _ => return None,
        };
        let name = url.host_str()?.split('.').next()?.to_owned();
        // The name goes into a query.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let path = url.path().trim_matches('/');
        let within = match path.split('/').collect::<Vec<_>>().as_slice() {
            [""] => String::new(),
            [kind, name, ..] if is_vault => format!("/{kind}/{name}"),
            [container, ..] if !is_vault => format!("/blobServices/default/containers/{container}"),
            _ => String::new(),
        };
        Some(Self { is_vault, name, within })
    }

    /// Finds the object.
    pub async fn find(&self, asker: &Asker<'_>) -> Result<Object, StepError> {
        let kind =
            if self.is_vault { "Microsoft.KeyVault/vaults" } else { "Microsoft.Storage/storageAccounts" };
        let name = &self.name;
        let query =
            format!("resources | where type =~ '{kind}' | where name =~ '{name}' | project id, properties");
        let rows = asker.query(&query).await?;
        let row = rows.into_iter().next().and_then(|row: Json| serde_json::from_value::<Row>(row).ok());
        Ok(match row {
            Some(row) if self.is_vault && !row.properties.enable_rbac_authorization => {
                Object::Policies(row.properties.access_policies)
            }
            Some(row) => Object::Roles(format!("{}{}", row.id, self.within)),
            None if self.is_vault => Object::Unseen(format!("the identity sees no vault {name}")),
            None => Object::Unseen(format!("the identity sees no storage account {name}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_vault_or_an_account() {
        let cloud = Cloud::public();
        let place = |is_vault, name: &str, within: &str| {
            Some(Place { is_vault, name: name.to_owned(), within: within.to_owned() })
        };
        for (url, expected) in [
            ("https://v.vault.azure.net", place(true, "v", "")),
            ("https://v.vault.azure.net/secrets/a/1", place(true, "v", "/secrets/a")),
            ("https://a.blob.core.windows.net/", place(false, "a", "")),
            (
                "https://a.blob.core.windows.net/c/d.txt",
                place(false, "a", "/blobServices/default/containers/c"),
            ),
            ("https://management.azure.com/x", None),
            ("https://example.net/x", None),
            ("v", None),
        ] {
            assert_eq!(Place::of(&cloud, url), expected, "{url}");
        }
    }
}
