//! Finds the vaults and accounts behind the URLs of their data.

use std::collections::{BTreeSet, HashMap};

use arcbook_engine::step::StepError;
use serde::Deserialize;
use serde_json::Value as Json;
use url::Url;

use super::ask::Asker;
use super::policy::Policy;
use crate::cloud::{Cloud, Service};
use crate::json::or_empty;

/// The maximum number of names in a query.
const NAMES: usize = 100;

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
    name: String,
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

    /// Returns the object of a row, if the identity sees one.
    fn object(&self, row: Option<&Row>) -> Object {
        match row {
            Some(row) if self.is_vault && !row.properties.enable_rbac_authorization => {
                Object::Policies(row.properties.access_policies.clone())
            }
            Some(row) => Object::Roles(format!("{}{}", row.id, self.within)),
            None if self.is_vault => Object::Unseen(format!("the identity sees no vault {}", self.name)),
            None => Object::Unseen(format!("the identity sees no storage account {}", self.name)),
        }
    }
}

/// Finds the objects of places, many with each query: the quota is three queries a second.
pub(super) async fn find(asker: &Asker<'_>, places: Vec<Place>) -> HashMap<Place, Result<Object, StepError>> {
    let mut found = HashMap::new();
    let (vaults, accounts): (Vec<Place>, Vec<Place>) = places.into_iter().partition(|place| place.is_vault);
    for (kind, places) in
        [("Microsoft.KeyVault/vaults", vaults), ("Microsoft.Storage/storageAccounts", accounts)]
    {
        for places in places.chunks(NAMES) {
            let names: BTreeSet<String> = places.iter().map(|place| format!("'{}'", place.name)).collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let query = format!(
                "resources | where type =~ '{kind}' | where name in~ ({names}) | project id, name, properties"
            );
            let rows = asker.query(&query).await.map(|rows| {
                let rows = rows.into_iter().filter_map(|row: Json| serde_json::from_value::<Row>(row).ok());
                rows.map(|row| (row.name.to_ascii_lowercase(), row)).collect::<HashMap<_, _>>()
            });
            found.extend(places.iter().map(|place| {
                let row =
                    |rows: &HashMap<String, Row>| place.object(rows.get(&place.name.to_ascii_lowercase()));
                (place.clone(), rows.as_ref().map(row).map_err(Clone::clone))
            }));
        }
    }
    found
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
