//! Undoes changes that a step made.

use std::sync::Arc;

use arcbook_engine::step::{Action, BoxFuture, Change, Context, Outcome, StepError, Work};
use arcbook_engine::value::Entries;

use crate::azure::Azure;
use crate::session::Session;

/// The undo of one step.
pub trait Undo: Send + Sync + 'static {
    /// Returns the actions of the undo; it performs no others.
    fn actions(&self) -> Vec<Action>;

    /// Undoes the change: returns what it changed, or [`Change::None`] if there is nothing left to undo. Fails
    /// and leaves the object if it has changed since.
    fn run(&self, session: &Session) -> impl Future<Output = Result<Change, StepError>> + Send;
}

/// One of two undos.
pub enum Either<A, B> {
    /// The first kind.
    One(A),
    /// The other kind.
    Other(B),
}

impl<A: Undo, B: Undo> Undo for Either<A, B> {
    fn actions(&self) -> Vec<Action> {
        match self {
            Self::One(undo) => undo.actions(),
            Self::Other(undo) => undo.actions(),
        }
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match self {
            Self::One(undo) => undo.run(session).await,
            Self::Other(undo) => undo.run(session).await,
        }
    }
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
            Ok(Outcome::new(Entries::new(), change))
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
