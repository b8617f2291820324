//! Deletes, recovers and purges secrets. Key Vault does so after its answer, so each change ends with a wait.

use arcbook_engine::step::{Action, Change, ErrorKind, StepError};

use crate::http::HttpResponse;
use crate::page::Page;
use crate::session::{Session, line};
use crate::undo::removed;

/// The maximum number of reads, which take some nine minutes in Azure.
const MOST: u32 = 60;

/// Sends a deletion, and returns the change with its answer, unless that was lost.
pub(crate) async fn deleted(
    session: &Session,
    delete: &Action,
) -> Result<(Change, Option<HttpResponse>), StepError> {
    match session.send(delete).await {
        Ok(answer) => Ok((Change::Removed, Some(answer))),
        Err(error) if is_underway(&error) => Ok((Change::Removed, None)),
        Err(error) => removed::<()>(Err(error)).map(|change| (change, None)),
    }
}

/// Sends the recovery of a deleted secret; one that is recovered already needs none.
pub(crate) async fn recovered(session: &Session, recover: &Action) -> Result<(), StepError> {
    match session.send(recover).await {
        Err(error) if !(is_underway(&error) || error.status() == Some(404) && error.is_uncertain()) => {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// Purges a deleted secret, and waits until it is gone; `read` reads it.
pub(crate) async fn purged(session: &Session, purge: &Action, read: &Action) -> Result<Change, StepError> {
    let (change, _) = deleted(session, purge).await?;
    wait(session, read, "being purged", false).await?;
    Ok(change)
}

/// Returns true if an earlier attempt, whose answer was lost, has started the change.
fn is_underway(error: &StepError) -> bool {
    let is_code = |code| matches!(code, "ObjectIsBeingDeleted" | "ObjectIsBeingRecovered");
    error.is_uncertain() && error.code().is_some_and(is_code)
}

/// Waits until `read` finds its object; `status` is the state until then. An object that the identity may not read
/// counts as found, as in Microsoft's clients.
pub(crate) async fn there(session: &Session, read: &Action, status: &str) -> Result<(), StepError> {
    wait(session, read, status, true).await
}

/// Waits until `read` finds its object or, if not `there`, finds none.
async fn wait(session: &Session, read: &Action, status: &str, there: bool) -> Result<(), StepError> {
    for number in 1..=MOST {
        let is_there = match session.send(read).await {
            Ok(answer) => is_found(&answer),
            Err(error) if error.status() == Some(404) => false,
            Err(error) if error.status() == Some(403) => return Ok(()),
            Err(error) => return Err(error.uncertain()),
        };
        if is_there == there {
            return Ok(());
        }
        session.pause_as(status, number).await;
    }
    Err(StepError::new(ErrorKind::Timeout, format!("the secret is still {status}"))
        .detail("Key Vault accepted the change, and its end was not seen.")
        .request(line(read))
        .help("run again later: the step continues where it is")
        .uncertain())
}

/// Returns false for a list without items, which is that of the versions of no secret.
pub(crate) fn is_found(answer: &HttpResponse) -> bool {
    !is_list(answer) || Page::read(answer).is_ok_and(|page| !page.items.is_empty())
}

fn is_list(answer: &HttpResponse) -> bool {
    serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok_and(|body| body["value"].is_array())
}
