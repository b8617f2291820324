//! The step type `keyvault_secret_delete`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Effect, Existing, Method, Outputs, Receipt, Response,
    StepError, Title,
};

use crate::azure::Azure;
use crate::keyvault::{
    DeletedSecret, Moment, RecoverSecret, Right, SecretProof, check_vault, deleted, deleted_url, is_found,
    purged, request, secret_title, secret_url, there, vault_url, versions_of,
};
use crate::names::{SecretName, Vault};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::Undo;

/// Deletes a secret of a key vault, and waits until Key Vault has deleted it.
///
/// Key Vault keeps a deleted secret for the days that the vault declares: it can be recovered until then, and its name
/// is taken. With `purge`, the step removes it for good. The step never reads the value: the list of its versions tells
/// whether the secret exists.
///
/// An undo recovers the secret with all its versions, unless it was purged, or deleted again since.
#[derive(Arguments, Debug)]
pub struct KeyvaultSecretDelete {
    /// Name of the vault, or its URI (`vaultUri` in ARM), such as `https://NAME.vault.azure.net`.
    vault: Arg<Vault>,
    /// Name of the secret.
    name: Arg<SecretName>,
    /// If true, the deleted secret is purged, also one that was deleted earlier: nobody can recover it; defaults to false.
    purge: Option<Arg<bool>>,
}

/// The outputs of `keyvault_secret_delete`.
#[derive(Outputs, Debug)]
pub struct Gone {
    /// True if this run deleted or purged the secret.
    #[output(answer)]
    deleted: bool,
    /// Time at which Key Vault purges the secret by itself; null if it is purged, or the step found no secret.
    #[output(answer)]
    recoverable_until: Option<String>,
}

impl KeyvaultSecretDelete {
    fn versions(&self, azure: &Azure) -> Action {
        versions_of(azure, secret_url(azure, &self.vault, &self.name))
    }

    fn delete(&self, azure: &Azure) -> Action {
        let url = secret_url(azure, &self.vault, &self.name);
        request(azure, Method::Delete, url.clone()).action().needs(Right::Delete.at(url))
    }

    fn deleted(&self, azure: &Azure) -> Action {
        let url = deleted_url(azure, &self.vault, &self.name);
        let secret = secret_url(azure, &self.vault, &self.name);
        request(azure, Method::Get, url).action().needs(Right::List.at(secret))
    }

    fn purge(&self, azure: &Azure) -> Action {
        let url = deleted_url(azure, &self.vault, &self.name);
        request(azure, Method::Delete, url).action().needs(Right::Purge.at(vault_url(azure, &self.vault)))
    }

    /// Returns the value of `purge`; none if it is unknown.
    fn purges(&self) -> Option<bool> {
        self.purge.as_ref().map_or(Some(false), |purge| purge.value().copied())
    }

    /// Returns the proof of a deletion at this time.
    fn proof(&self, session: &Session, deleted: &DeletedSecret) -> Option<SecretProof> {
        let url = secret_url(session.azure(), &self.vault, &self.name).reveal()?;
        let time =
            deleted.deleted_date.filter(|_| self.purges() == Some(false) && !session.is_sensitive())?;
        Some(SecretProof { url, version: None, time: Some(time) })
    }

    /// Returns whether the secret, or with `purge` the deleted secret, exists.
    async fn exists(&self, session: &Session) -> Result<bool, StepError> {
        let is_live = match session.send(&self.versions(session.azure())).await {
            Ok(answer) => is_found(&answer),
            Err(error) if error.status() == Some(404) => false,
            Err(error) => return Err(error),
        };
        if is_live || self.purges() == Some(false) {
            return Ok(is_live);
        }
        match session.send(&self.deleted(session.azure())).await {
            Ok(_) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn done(change: Change, deleted: Option<&DeletedSecret>) -> Done<Gone> {
    let until = deleted.and_then(|deleted| deleted.scheduled_purge_date);
    let gone = Gone {
        deleted: change == Change::Removed,
        recoverable_until: until.map(|time| Moment(time).shown()),
    };
    if change == Change::None { Done::unchanged(gone) } else { Done::changed(gone, change) }
}

impl TypedStep for KeyvaultSecretDelete {
    const TYPE: &'static str = "keyvault_secret_delete";
    const EXAMPLE: &'static str = r#"step "keyvault_secret_delete" "retired" {
  vault = "sandbox00000000"
  name  = "retired"
}

output "recoverable_until" {
  value = step.keyvault_secret_delete.retired.recoverable_until
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Gone;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_vault(azure, &self.vault).into_iter().collect()
    }

    fn title(&self) -> Title {
        secret_title(&self.vault, &self.name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let purge = (self.purges() != Some(false)).then(|| self.purge(azure));
        let own = [self.versions(azure), self.delete(azure), self.deleted(azure)];
        own.into_iter().chain(purge).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Gone>>, StepError> {
        match self.exists(session).await {
            Ok(true) => Ok(Existing::Unwanted(None)),
            // An earlier attempt deleted it, and may not have seen the end, after which it can be purged.
            Ok(false) if session.before().is_some() && self.purges() == Some(true) => {
                Ok(Existing::Unwanted(None))
            }
            Ok(false) if session.before().is_some() => {
                let deleted = match session.send(&self.deleted(session.azure())).await {
                    Ok(answer) => Some(answer.json::<DeletedSecret>()?),
                    Err(_) => None,
                };
                let done = done(Change::Removed, deleted.as_ref());
                let proof = deleted.and_then(|deleted| self.proof(session, &deleted));
                Ok(Existing::AsWanted(with_proof(done, proof)))
            }
            Ok(false) => Ok(Existing::AsWanted(done(Change::None, None))),
            Err(error) if error.status() == Some(403) => Ok(Existing::unanswered(&error)),
            Err(error) => Err(error),
        }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        receipt.change.filter(|change| *change == Change::Removed)?;
        RecoverSecret::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Gone>, StepError> {
        let azure = session.azure();
        let (change, answer) = deleted(session, &self.delete(azure)).await?;
        let mut gone = answer.map(|answer| answer.json::<DeletedSecret>()).transpose()?;
        // A vault without soft delete keeps nothing.
        let is_kept = gone.as_ref().is_none_or(|gone| gone.recovery_id.is_some());
        if change == Change::Removed && is_kept {
            there(session, &self.deleted(azure), "being deleted").await?;
        }
        if self.purges() == Some(true) && is_kept {
            let purged = purged(session, &self.purge(azure), &self.deleted(azure)).await;
            let purged =
                purged.map_err(|error| if change == Change::None { error } else { error.uncertain() })?;
            return Ok(done(if change == Change::None { purged } else { change }, None));
        }
        if change == Change::Removed && gone.is_none() {
            // The answer was lost; the deleted secret tells the same.
            gone = match session.send(&self.deleted(azure)).await {
                Ok(answer) => Some(answer.json()?),
                Err(_) => None,
            };
        }
        let proof = gone.as_ref().and_then(|gone| self.proof(session, gone));
        let done = done(change, gone.as_ref());
        Ok(with_proof(done, proof))
    }
}

fn with_proof(done: Done<Gone>, proof: Option<SecretProof>) -> Done<Gone> {
    match proof {
        Some(proof) => done.receipt(proof.into_value()),
        None => done,
    }
}
