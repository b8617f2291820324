//! The undo operations of Key Vault.

use arcbook_engine::redact::REPLACEMENT;
use arcbook_engine::step::{Action, Body, Change, ErrorKind, Method, Receipt, Safety, StepError};
use arcbook_engine::value::Value;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::bundle::{Bundle, DeletedSecret};
use super::change::{deleted, recovered, there};
use super::request::{Right, request, versions_of};
use crate::azure::Azure;
use crate::declared::member_of;
use crate::http::Payload;
use crate::session::{Session, line};
use crate::undo::Undo;

/// The facts about a secret that show whether it was changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretProof {
    /// The URL of the secret, without a version.
    pub url: String,
    /// The version that the change left; of a deletion, none.
    pub version: Option<String>,
    /// The time of the last change of the version, or of the deletion, in seconds since 1970.
    pub time: Option<i64>,
}

impl SecretProof {
    pub fn into_value(self) -> Value {
        Value::object([
            ("url", Value::string(self.url)),
            ("version", self.version.map_or(Value::NULL, Value::string)),
            ("time", self.time.map_or(Value::NULL, Value::from)),
        ])
    }

    fn read(receipt: &Receipt) -> Option<Self> {
        let proof = receipt.proof.as_ref()?;
        let text = |name| member_of(proof, name)?.as_str().map(str::to_owned);
        let time = member_of(proof, "time").and_then(|time| time.to_json().ok()?.as_i64());
        let url = text("url").filter(|url| !url.contains(REPLACEMENT))?;
        Some(Self { url, version: text("version"), time })
    }

    fn is_of(&self, bundle: &Bundle) -> bool {
        self.version.as_deref() == Some(bundle.version()) && self.time == bundle.attributes.updated
    }

    /// Returns the URL of the vault, and the name of the secret.
    fn split(&self) -> Option<(&str, &str)> {
        self.url.split_once("/secrets/")
    }

    fn deleted_url(&self) -> Option<String> {
        self.split().map(|(vault, name)| format!("{vault}/deletedsecrets/{name}"))
    }

    fn look(&self, azure: &Azure) -> Action {
        let url = self.url.as_str();
        request(azure, Method::Get, url.into()).action().needs(Right::Get.at(url.into()))
    }
}

/// Returns the error that a secret is not what the change left.
fn changed_since(what: &str, action: &Action) -> StepError {
    StepError::new(ErrorKind::Refused, what)
        .request(line(action))
        .help("inspect the versions of the secret, and undo the change manually if it is not needed")
}

/// Reads a version of a secret; none if it does not exist.
async fn read(session: &Session, look: &Action) -> Result<Option<Bundle>, StepError> {
    let answer = match session.send(look).await {
        Ok(answer) => answer,
        Err(error) if error.status() == Some(404) => return Ok(None),
        Err(error) => return Err(error),
    };
    Bundle::known(session, &answer).map(Some)
}

/// Deletes a secret that a step created, so that it can still be recovered.
pub(crate) struct RemoveSecret {
    look: Action,
    delete: Action,
    deleted: Action,
    proof: SecretProof,
}

impl RemoveSecret {
    /// Returns the removal; none if the receipt does not identify the version.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = SecretProof::read(receipt)?;
        let (url, deleted) = (proof.url.as_str(), proof.deleted_url()?);
        proof.version.as_ref()?;
        Some(Self {
            look: proof.look(azure),
            delete: request(azure, Method::Delete, url.into()).action().needs(Right::Delete.at(url.into())),
            deleted: request(azure, Method::Get, deleted.into()).action().needs(Right::List.at(url.into())),
            proof,
        })
    }
}

impl Undo for RemoveSecret {
    fn actions(&self) -> Vec<Action> {
        vec![self.look.clone(), self.delete.clone(), self.deleted.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match read(session, &self.look).await? {
            None => return Ok(Change::None),
            Some(bundle) if self.proof.is_of(&bundle) => {}
            Some(_) => return Err(changed_since("the secret has changed since and is kept", &self.look)),
        }
        let (change, _) = deleted(session, &self.delete).await?;
        if change == Change::Removed {
            there(session, &self.deleted, "being deleted").await?;
        }
        Ok(change)
    }
}

/// Returns the state of a version that the record keeps: all but its value, which stays in the vault.
pub(crate) fn attributes_of(bundle: &Bundle) -> Value {
    let time = |time: Option<i64>| time.map_or(Value::NULL, Value::from);
    Value::object([
        ("version", Value::from(bundle.version())),
        ("contentType", bundle.content_type.as_deref().map_or(Value::NULL, Value::from)),
        ("tags", Value::string_map(bundle.tags())),
        ("enabled", Value::from(bundle.is_enabled())),
        ("nbf", time(bundle.attributes.nbf)),
        ("exp", time(bundle.attributes.exp)),
    ])
}

/// Sets the value and the attributes of a secret again as they were before a change, as a new version.
pub(crate) struct SetBack {
    look: Action,
    older: Action,
    put: Action,
    prior: Value,
    proof: SecretProof,
}

impl SetBack {
    /// Returns the change; none if the receipt lacks the prior state.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let (proof, prior) = (SecretProof::read(receipt)?, receipt.prior.clone()?);
        let url = proof.url.as_str();
        let older = format!("{url}/{}", member_of(&prior, "version")?.as_str()?);
        let put = request(azure, Method::Put, url.into()).header("content-type", "application/json");
        Some(Self {
            look: proof.look(azure),
            older: request(azure, Method::Get, older.into()).action().needs(Right::Get.at(url.into())),
            put: put.body(Body::Unknown).action().safety(Safety::Once).needs(Right::Set.at(url.into())),
            prior,
            proof,
        })
    }

    /// Returns the body of the request that sets `value` again.
    fn body(&self, value: &str) -> Json {
        let member = |name| member_of(&self.prior, name).and_then(|member| member.to_json().ok());
        json!({
            "value": value,
            "contentType": member("contentType"),
            "tags": member("tags"),
            "attributes": { "enabled": member("enabled"), "nbf": member("nbf"), "exp": member("exp") },
        })
    }

    /// Returns true if the secret is as it was, because an earlier undo was killed after its change.
    fn is_back(&self, latest: &Bundle, older: &Bundle) -> bool {
        let state = |value| crate::declared::without(value, &["version"]);
        latest.value == older.value && state(&attributes_of(latest)) == state(&self.prior)
    }
}

impl Undo for SetBack {
    fn actions(&self) -> Vec<Action> {
        vec![self.look.clone(), self.older.clone(), self.put.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let Some(latest) = read(session, &self.look).await? else { return Ok(Change::None) };
        let older = read(session, &self.older).await?;
        let Some((older, value)) = older.and_then(|older| older.value.clone().map(|value| (older, value)))
        else {
            return Err(changed_since("the older version of the secret does not exist", &self.older));
        };
        if !self.proof.is_of(&latest) {
            if self.is_back(&latest, &older) {
                return Ok(Change::None);
            }
            return Err(changed_since("the secret has changed since and is kept", &self.look));
        }
        let body = Payload::from(Bytes::from(self.body(&value).to_string()));
        session.send_secret(&self.put, body).await?;
        Ok(Change::Updated)
    }
}

/// Recovers a secret that a step deleted.
pub(crate) struct RecoverSecret {
    deleted: Action,
    recover: Action,
    versions: Action,
    proof: SecretProof,
}

impl RecoverSecret {
    /// Returns the recovery; none if the secret cannot be recovered.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let proof = SecretProof::read(receipt)?;
        proof.time?;
        let (deleted, vault) = (proof.deleted_url()?, proof.split()?.0);
        let recover = request(azure, Method::Post, format!("{deleted}/recover").into()).action();
        Some(Self {
            deleted: request(azure, Method::Get, deleted.into())
                .action()
                .needs(Right::List.at(proof.url.as_str().into())),
            recover: recover.safety(Safety::Idempotent).needs(Right::Recover.at(vault.into())),
            versions: versions_of(azure, proof.url.as_str().into()),
            proof,
        })
    }
}

impl Undo for RecoverSecret {
    fn actions(&self) -> Vec<Action> {
        vec![self.deleted.clone(), self.recover.clone(), self.versions.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match session.send(&self.deleted).await {
            Ok(answer) if answer.json::<DeletedSecret>()?.deleted_date == self.proof.time => {}
            Ok(_) => {
                return Err(changed_since("the secret was deleted again since and is kept", &self.deleted));
            }
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        }
        recovered(session, &self.recover).await?;
        there(session, &self.versions, "being recovered").await?;
        Ok(Change::Created)
    }
}
