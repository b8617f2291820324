//! The step type `blob_delete`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Effect, ErrorKind, Existing, Method, Outputs, Response,
    StepError, Text, Title,
};

use super::blob_metadata::HeaderText;
use crate::azure::Azure;
use crate::blob::{Right, blob_title, blob_url, check_account, container_url, request};
use crate::names::{Account, BlobName, Container};
use crate::session::{Session, line};
use crate::step::{Done, TypedStep};
use crate::undo::removed;

/// Deletes a blob.
///
/// The step deletes the blob that it found: if another client changes the blob in between, it is kept, and the step
/// fails. A blob that does not exist needs no change. An account with soft delete keeps a deleted blob for some days.
#[derive(Arguments, Debug)]
pub struct BlobDelete {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    account: Arg<Account>,
    /// Name of the container.
    container: Arg<Container>,
    /// Name of the blob, which may contain slashes.
    name: Arg<BlobName>,
    /// ETag that the blob must have, such as `step.blob_upload.a.etag`; another blob of that name is kept, and the step fails.
    if_match: Option<Arg<HeaderText>>,
    /// If true, the snapshots of the blob are deleted too; without it, a blob with snapshots is kept, and the step fails.
    snapshots: Option<Arg<bool>>,
}

/// The outputs of `blob_delete`.
#[derive(Outputs, Debug)]
pub struct Removal {
    /// URL of the blob.
    #[output(from(account, container, name))]
    url: String,
    /// True if this run deleted the blob.
    #[output(answer)]
    deleted: bool,
    /// True if the account keeps the deleted blob for some days, because it has soft delete; null if the answer does not tell.
    #[output(answer)]
    soft: Option<bool>,
}

impl BlobDelete {
    fn url(&self, azure: &Azure) -> Text {
        blob_url(azure, &self.account, &self.container, &self.name)
    }

    fn head(&self, azure: &Azure) -> Action {
        let container = container_url(azure, &self.account, &self.container);
        request(azure, Method::Head, self.url(azure)).action().needs(Right::ReadBlob.at(container))
    }

    fn delete(&self, azure: &Azure) -> Action {
        let container = container_url(azure, &self.account, &self.container);
        let mut request = request(azure, Method::Delete, self.url(azure));
        if let Some(snapshots) = &self.snapshots
            && snapshots.value() != Some(&false)
        {
            let include = Text::new().then_arg(snapshots, |_| "include".to_owned());
            request = request.header("x-ms-delete-snapshots", include);
        }
        if let Some(etag) = &self.if_match {
            request = request.header("if-match", Text::new().then_arg(etag, |HeaderText(etag)| etag.clone()));
        }
        request.action().needs(Right::DeleteBlob.at(container))
    }

    fn done(&self, session: &Session, change: Change, soft: Option<bool>) -> Done<Removal> {
        let url = self.url(session.azure()).reveal().unwrap_or_default();
        let removal = Removal { url, deleted: change == Change::Removed, soft };
        if change == Change::None { Done::unchanged(removal) } else { Done::changed(removal, change) }
    }

    fn other(&self, request: &Action) -> StepError {
        let what = match &self.if_match {
            Some(_) => "the blob has another ETag than `if_match` and is kept",
            None => "another client changed the blob after it was found, and it is kept",
        };
        let error = StepError::new(ErrorKind::Refused, what).request(line(request));
        let error = if self.if_match.is_some() { error.argument("if_match") } else { error };
        error.help("inspect the blob, then run again")
    }
}

impl TypedStep for BlobDelete {
    const TYPE: &'static str = "blob_delete";
    const EXAMPLE: &'static str = r#"step "blob_container" "reports" {
  account = "arcmi00000000"
  name    = "reports"
}

step "blob_delete" "yesterday" {
  account   = "arcmi00000000"
  container = step.blob_container.reports.name
  name      = "yesterday.json"
}

output "deleted" {
  value = step.blob_delete.yesterday.deleted
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> =
        Some("the content of a deleted blob is gone, unless the account keeps deleted blobs");
    type Output = Removal;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_account(azure, &self.account).into_iter().collect()
    }

    fn title(&self) -> Title {
        blob_title(&self.account, &self.container, &self.name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.head(azure), self.delete(azure)]
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Removal>>, StepError> {
        let head = self.head(session.azure());
        let blob = match session.send(&head).await {
            Ok(blob) => blob,
            Err(error) if error.status() == Some(404) => {
                let change = if session.before().is_some() { Change::Removed } else { Change::None };
                return Ok(Existing::AsWanted(self.done(session, change, None)));
            }
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        let etag = blob.header("etag").map(str::to_owned);
        if let Some(HeaderText(wanted)) = self.if_match.as_ref().and_then(Arg::value)
            && wanted != "*"
            && etag.as_deref().is_some_and(|etag| etag.trim_matches('"') != wanted.trim_matches('"'))
        {
            return Err(self.other(&head));
        }
        session.remember(etag);
        Ok(Existing::Unwanted(None))
    }

    async fn run(&self, session: &Session) -> Result<Done<Removal>, StepError> {
        let delete = self.delete(session.azure());
        let found = session.remembered().filter(|_| self.if_match.is_none());
        let condition = found.as_deref().map(|etag| ("if-match", etag));
        let answer = session.send_loaded(&delete, None, condition.as_slice()).await;
        let soft = answer.as_ref().ok().and_then(|answer| answer.header("x-ms-delete-type-permanent"));
        let soft = soft.map(|permanent| permanent != "true");
        match removed(answer) {
            Ok(change) => Ok(self.done(session, change, soft)),
            // After a lost answer, the refused repetition may have met a blob that came after this deletion.
            Err(error) if error.code() == Some("ConditionNotMet") && !error.is_uncertain() => {
                Err(self.other(&delete))
            }
            Err(error) => Err(error),
        }
    }
}
