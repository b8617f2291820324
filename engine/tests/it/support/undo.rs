//! Undoes a run of the tests.

use arcbook_engine::journal::History;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{self, Observer, Report, Undo, UndoJob};
use arcbook_engine::step::{Platform as _, Registry};
use tokio::sync::mpsc;

use super::{Tokens, origin};

/// Undoes the run of `history` under the name `undo`.
pub async fn undo(
    history: &History,
    registry: &Registry,
    secrets: &Secrets,
    observer: &mut dyn Observer,
) -> Report {
    let job = UndoJob {
        id: "undo".to_owned(),
        origin: origin(),
        setting: Tokens::default().setting(),
        identities: [("machine".to_owned(), Tokens::default().machine())].into_iter().collect(),
        prior_run: &history.prior_run,
        undo: Undo::of(&history.prior_run, &history.undone, registry, None),
        ships_to: None,
        secrets: secrets.clone(),
    };
    let (_keep, interrupts) = mpsc::channel(1);
    run::undo(job, observer, interrupts).await
}
