//! Makes the change of a `keyvault_secret_set`, and finds out whether a change whose answer was lost was made.

use arcbook_engine::step::{Change, PriorState, StepError};
use bytes::Bytes;
use serde_json::Value as Json;

use super::keyvault_secret_set::{Found, KeyvaultSecretSet, Set};
use crate::http::{HttpResponse, Payload};
use crate::keyvault::{Bundle, recovered, there};
use crate::session::{Session, line};
use crate::step::Done;

/// The number of times that a version is sent whose answer was lost, and which the vault does not have.
const MOST: u32 = 3;

impl KeyvaultSecretSet {
    /// Reads the secret.
    pub(super) async fn found(&self, session: &Session) -> Result<Found, StepError> {
        match session.send(&self.look(session.azure())).await {
            Ok(answer) => Bundle::known(session, &answer).map(Found::Enabled),
            Err(error) if error.status() == Some(404) => Ok(Found::Absent),
            Err(error) if error.code() == Some("SecretDisabled") => Ok(Found::Disabled),
            Err(error) => Err(error),
        }
    }

    /// Changes the secret to what is declared.
    pub(super) async fn keep(&self, session: &Session) -> Result<Done<Set>, StepError> {
        session.secret(self.value()?);
        if !self.reads() {
            return self.set_unread(session).await;
        }
        let found = self.found(session).await.map_err(|error| match error.status() {
            Some(403) => error.help(
                "allow the identity to get secrets, or set `compare = false`: a new version in every run, and nothing is read",
            ),
            _ => error,
        })?;
        self.keep_found(session, found).await
    }

    async fn keep_found(&self, session: &Session, found: Found) -> Result<Done<Set>, StepError> {
        let is_absent = matches!(found, Found::Absent);
        let change = match session.before() {
            _ if is_absent => Change::Created,
            Some(PriorState::Absent) => Change::Created,
            _ => Change::Updated,
        };
        let earlier = match &found {
            Found::Enabled(bundle) => Some(bundle),
            // It keeps its value, which the vault does not tell.
            Found::Disabled if self.keeps_value()? => return self.change_attributes(session, change).await,
            Found::Disabled | Found::Absent => None,
        };
        if let Some(bundle) = earlier
            && self.is_kept(bundle)?
        {
            if self.differences(bundle).is_empty() {
                return Ok(self.done(session, bundle, Change::None, false));
            }
            return self.change_attributes(session, change).await;
        }
        match self.set(session, earlier).await {
            Ok(bundle) => Ok(self.done(session, &bundle, change, true)),
            Err(error) if is_deleted(&error) => self.set_recovered(session, error).await,
            Err(error) => Err(error),
        }
    }

    /// Changes the attributes of the latest version, not its value.
    async fn change_attributes(&self, session: &Session, change: Change) -> Result<Done<Set>, StepError> {
        let patch = self.patch(session.azure());
        let answer = session.send_loaded(&patch, Some(payload(&self.attributes(None))), &[]).await?;
        Ok(self.done(session, &Bundle::known(session, &answer)?, change, false))
    }

    /// Sets a new version without reading anything.
    async fn set_unread(&self, session: &Session) -> Result<Done<Set>, StepError> {
        let answer = match self.send(session, None).await {
            Err(error) if is_deleted(&error) && self.recovers() => {
                self.recover(session).await?;
                self.send(session, None).await?
            }
            answer => answer.map_err(|error| with_remedy(error, self.recovers()))?,
        };
        Ok(self.done(session, &Bundle::known(session, &answer)?, Change::Updated, true))
    }

    /// Sets a new version. If the answer is lost, the secret tells whether the vault has the version: it is sent again only
    /// if the secret is still the `earlier` one.
    async fn set(&self, session: &Session, earlier: Option<&Bundle>) -> Result<Bundle, StepError> {
        for number in 1.. {
            let error = match self.send(session, earlier).await {
                Ok(answer) => return Bundle::known(session, &answer),
                Err(error) if error.is_uncertain() => error,
                Err(error) => return Err(error),
            };
            match self.found(session).await.map_err(StepError::uncertain)? {
                Found::Enabled(now) if earlier.is_none_or(|earlier| earlier.version() != now.version()) => {
                    let is_own =
                        now.value.as_deref() == Some(self.value()?) && self.differences(&now).is_empty();
                    return if is_own { Ok(now) } else { Err(error) };
                }
                // A disabled secret tells neither its version nor its value.
                Found::Disabled => return Err(error),
                _ if number >= MOST => return Err(error),
                Found::Enabled(_) | Found::Absent => session.pause_as("being set", number).await,
            }
        }
        Err(StepError::internal("a secret was not set"))
    }

    async fn send(&self, session: &Session, earlier: Option<&Bundle>) -> Result<HttpResponse, StepError> {
        let mut body = self.attributes(earlier);
        body["value"] = self.value()?.into();
        session.send_secret(&self.put(session.azure()), payload(&body)).await
    }

    /// Recovers the deleted secret of this name, and keeps it as declared.
    async fn set_recovered(&self, session: &Session, error: StepError) -> Result<Done<Set>, StepError> {
        if !self.recovers() {
            return Err(with_remedy(error, false));
        }
        self.recover(session).await?;
        let Found::Enabled(bundle) = self.found(session).await.map_err(StepError::uncertain)? else {
            let put = self.put(session.azure());
            return match self.send(session, None).await {
                Ok(answer) => {
                    Ok(self.done(session, &Bundle::known(session, &answer)?, Change::Created, true))
                }
                Err(error) => Err(error.request(line(&put)).uncertain()),
            };
        };
        // The secret did not exist before, whatever is in it.
        if bundle.value.as_deref() == Some(self.value()?) && self.differences(&bundle).is_empty() {
            return Ok(self.done(session, &bundle, Change::Created, false));
        }
        let bundle = self.set(session, Some(&bundle)).await.map_err(StepError::uncertain)?;
        Ok(self.done(session, &bundle, Change::Created, true))
    }

    async fn recover(&self, session: &Session) -> Result<(), StepError> {
        let azure = session.azure();
        recovered(session, &self.recovery(azure)).await?;
        there(session, &self.look(azure), "being recovered").await
    }
}

fn payload(body: &Json) -> Payload {
    Payload::from(Bytes::from(body.to_string()))
}

fn is_deleted(error: &StepError) -> bool {
    matches!(error.code(), Some("ObjectIsDeletedButRecoverable" | "ObjectIsDeletedAndRecoverable"))
}

/// Adds the remedy for a name that a deleted secret has.
fn with_remedy(error: StepError, recovers: bool) -> StepError {
    if !is_deleted(&error) || recovers {
        return error;
    }
    error.help("or set `recover = true`: the step recovers it and sets it to the declared value")
}
