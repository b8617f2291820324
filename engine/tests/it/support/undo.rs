//! Undoes a run of the tests.

use std::sync::Arc;

use arcbook_engine::journal::History;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{self, Observer, Report, Undo, UndoJob};
use arcbook_engine::step::Registry;
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
        platform: Arc::new(Tokens::default()),
        prior_run: &history.prior_run,
        undo: Undo::of(&history.prior_run, &history.undone, registry, None),
        secrets: secrets.clone(),
    };
    let (_keep, interrupts) = mpsc::channel(1);
    run::undo(job, observer, interrupts).await
}
