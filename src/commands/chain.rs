//! Checks that this process may resume or undo a run: it must use the cloud and the identity of that run.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::graph::Acting;
use arcbook_engine::journal::History;
use arcbook_engine::plan::abridged;
use arcbook_engine::run::{PriorRun, Undo, UndoIdentities, described};
use arcbook_engine::step::{Audience, Context, Mismatch, Platform as _};
use arcbook_steps::{Azure, EMBEDDED_LAB, registry};

use crate::exit::Exit;
use crate::screen::Screen;

/// The intended use of an earlier run.
#[derive(Clone, Copy)]
pub enum Intent {
    /// Resume it.
    Resume,
    /// Undo its changes.
    Undo,
}

impl Intent {
    fn refuse(self, prior_run: &PriorRun, why: &str) -> Diagnostic {
        let (code, done) = match self {
            Self::Resume => ("cannot-resume", "resumed"),
            Self::Undo => ("cannot-undo", "undone"),
        };
        let steps: Vec<String> = prior_run.changes.iter().map(|change| change.step.clone()).collect();
        let refusal = Diagnostic::error(
            code,
            format!("the run {} cannot be {done} here: {why}", prior_run.lineage.run),
        );
        if steps.is_empty() {
            refusal
        } else {
            refusal.detail(format!("It made, or may have made, the changes in {}.", abridged(&steps)))
        }
    }
}

/// Returns the reason why the Azure of an earlier run is gone, if it is: that of the embedded lab ends with
/// the run.
pub fn gone(prior_run: &PriorRun, azure: &Azure) -> Option<&'static str> {
    let is_lab = prior_run.setting.get(EMBEDDED_LAB).is_some();
    (is_lab && prior_run.setting != azure.setting()).then_some(GONE)
}

/// The reason why the Azure of a run on the embedded lab is gone.
pub const GONE: &str = "it was in the Azure of the embedded lab, which ended with that run";

/// Returns the undo of a run.
pub fn undo_of(history: &History, azure: &Arc<Azure>) -> Undo {
    undo_without(history, azure, gone(&history.prior_run, azure))
}

/// Returns the undo of a run whose Azure is gone for the reason `gone`, if it is.
pub fn undo_without(history: &History, azure: &Arc<Azure>, gone: Option<&str>) -> Undo {
    Undo::of(&history.prior_run, &history.undone, &registry(azure), gone)
}

/// Refuses a run in another cloud than that of `azure`. Needs no network.
///
/// The changes that a run on the embedded lab made to this machine are still there, and can be undone.
pub fn check_setting(intent: Intent, history: &History, azure: &Arc<Azure>) -> Result<(), Box<Diagnostic>> {
    let prior_run = &history.prior_run;
    if gone(prior_run, azure).is_none() {
        return refuse_mismatches(intent, prior_run, &prior_run.setting.mismatches(&azure.setting()));
    }
    let help = match intent {
        Intent::Undo if prior_run.has_local_changes() => return Ok(()),
        Intent::Resume if !undo_of(history, azure).steps.is_empty() => {
            let run = &prior_run.lineage.run;
            format!("start a new run; `arcbook undo {run}` takes back what it changed outside of the lab")
        }
        Intent::Resume | Intent::Undo => "start a new run, or name another one: `arcbook runs`".to_owned(),
    };
    let refusal = intent.refuse(prior_run, "it used the embedded lab, which ended with that run");
    Err(refusal.help(help).into())
}

/// Refuses a run of other principals than those of `identities`, the identities that act.
///
/// A resumed run checks the identities that the runbook declares itself, once it has evaluated them.
pub async fn check_principals(
    intent: Intent,
    prior_run: &PriorRun,
    identities: &UndoIdentities,
    azure: &Azure,
    screen: &Screen,
) -> Result<(), (Exit, Box<Diagnostic>)> {
    // The principal of the embedded lab is gone, and what the run changed on this machine needs none.
    let needs_principal = prior_run.changes.iter().next().is_some() && gone(prior_run, azure).is_none();
    for (acts_as, identity) in identities.iter().filter(|_| needs_principal) {
        let Some(principal) = prior_run.principals.get(acts_as) else { continue };
        let audience = Audience::new(principal.audience.as_str());
        let context = Context::new("the identity of this machine", ".", screen.secrets().clone(), |_| {});
        let now = identity.token(&audience, &context).await.map_err(|error| {
            let help = "a token is needed to check that this is the machine and identity of that run";
            (Exit::Failed, described(&error).help(help).into())
        })?;
        refuse_mismatches(intent, prior_run, &principal.facts.contradictions(now.principal()))
            .map_err(|refusal| (Exit::Wrong, refusal))?;
    }
    Ok(())
}

/// Returns the identity of this machine alone.
pub fn machine(azure: &Azure) -> UndoIdentities {
    [(Acting::MACHINE.to_owned(), azure.machine())].into_iter().collect()
}

fn refuse_mismatches(
    intent: Intent,
    prior_run: &PriorRun,
    found: &[Mismatch],
) -> Result<(), Box<Diagnostic>> {
    if found.is_empty() {
        return Ok(());
    }
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let refusal = intent.refuse(prior_run, &found.join(", "));
    Err(refusal.help("use the machine, the cloud and the identity of that run").into())
}
