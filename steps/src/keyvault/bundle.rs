//! Secrets as Key Vault returns them.

use std::collections::BTreeMap;

use arcbook_engine::step::StepError;
use serde::Deserialize;

use crate::http::HttpResponse;
use crate::json::or_empty;
use crate::session::Session;

/// Tags by name.
pub(crate) type Tags = BTreeMap<String, String>;

/// A version of a secret; it has no `Debug`, because it may contain the value.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bundle {
    /// The value; none if the response leaves it out.
    pub value: Option<String>,
    /// The URL of the version.
    pub id: String,
    pub content_type: Option<String>,
    /// A tag may have no value.
    #[serde(default, deserialize_with = "or_empty")]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default, deserialize_with = "or_empty")]
    pub attributes: Attributes,
}

/// The attributes of a version; times are in seconds since 1970.
#[derive(Clone, Copy, Debug, Deserialize, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub enabled: Option<bool>,
    pub nbf: Option<i64>,
    pub exp: Option<i64>,
    pub updated: Option<i64>,
}

/// A secret in a list, which has no value.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    /// The URL of the secret, without a version.
    pub id: String,
    pub content_type: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    tags: BTreeMap<String, Option<String>>,
    #[serde(default, deserialize_with = "or_empty")]
    pub attributes: Attributes,
    #[serde(default, deserialize_with = "or_empty")]
    pub managed: bool,
}

/// A deleted secret, without its value.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedSecret {
    /// The URL of the secret while it can be recovered; none in a vault without soft delete.
    pub recovery_id: Option<String>,
    pub deleted_date: Option<i64>,
    pub scheduled_purge_date: Option<i64>,
}

impl Bundle {
    /// Parses the response to the reading of a secret, whose value nothing shows from then on.
    pub fn known(session: &Session, answer: &HttpResponse) -> Result<Self, StepError> {
        let bundle: Self = answer.json()?;
        if let Some(value) = &bundle.value {
            session.secret(value);
        }
        Ok(bundle)
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        version_of(&self.id)
    }

    /// Returns the tags; one without a value has an empty one.
    pub fn tags(&self) -> Tags {
        with_values(&self.tags)
    }

    /// Returns true unless the version is disabled.
    pub fn is_enabled(&self) -> bool {
        self.attributes.enabled.unwrap_or(true)
    }
}

impl Item {
    /// Returns the name of the secret.
    pub fn name(&self) -> &str {
        version_of(&self.id)
    }

    /// Returns the tags; one without a value has an empty one.
    pub fn tags(&self) -> Tags {
        with_values(&self.tags)
    }
}

fn with_values(tags: &BTreeMap<String, Option<String>>) -> Tags {
    tags.iter().map(|(name, value)| (name.clone(), value.clone().unwrap_or_default())).collect()
}

/// Returns the last segment of an id: the version of a secret, or the name in an id without a version.
fn version_of(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}
