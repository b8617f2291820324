//! Removes objects that a step created.

use std::sync::Arc;

use arcbook_engine::step::{Action, BoxFuture, Change, Context, Outcome, StepError, Work};
use arcbook_engine::value::Entries;

use crate::azure::Azure;
use crate::session::Session;

/// The undo of one step.
pub trait Undo: Send + Sync + 'static {
    /// Returns the actions of the undo; it performs no others.
    fn actions(&self) -> Vec<Action>;

    /// Removes the object: returns [`Change::Removed`], or [`Change::None`] if it no longer exists. Fails and
    /// keeps the object if it has changed since its creation.
    fn run(&self, session: &Session) -> impl Future<Output = Result<Change, StepError>> + Send;
}

/// An undo in the engine's interface.
pub(crate) struct Undoing<U> {
    pub undo: U,
    pub azure: Arc<Azure>,
}

impl<U: Undo> Work for Undoing<U> {
    fn actions(&self) -> Vec<Action> {
        self.undo.actions()
    }

    fn run(self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let session = Session::new(Arc::clone(&self.azure), context, self.actions());
        Box::pin(async move {
            let change = self.undo.run(&session).await?;
            Ok(Outcome { outputs: Entries::new(), body: None, change })
        })
    }
}

/// Returns the outcome of a removal; an object that no longer exists needs none.
///
/// A 404 after an attempt with an unknown outcome means that this attempt removed the object.
pub(crate) fn removed<T>(result: Result<T, StepError>) -> Result<Change, StepError> {
    match result {
        Ok(_) => Ok(Change::Removed),
        Err(error) if error.status() == Some(404) && error.is_uncertain() => Ok(Change::Removed),
        Err(error) if error.status() == Some(404) => Ok(Change::None),
        Err(error) => Err(error),
    }
}
