//! Taking away again what a step created.

use std::sync::Arc;

use arcbook_engine::step::{BoxFuture, Call, Change, Context, Outcome, StepError, Work};
use arcbook_engine::value::Entries;

use crate::azure::Azure;
use crate::session::Session;

/// Takes away again what one step created.
pub trait Undo: Send + Sync + 'static {
    /// The requests it makes; no others are sent.
    fn calls(&self) -> Vec<Call>;

    /// Takes it away: [`Change::Removed`], or [`Change::None`] when it is gone already. What was changed since it was
    /// created is left, with an error that says so.
    fn run(&self, session: &Session) -> impl Future<Output = Result<Change, StepError>> + Send;
}

/// An undo as the engine sees it.
pub(crate) struct Undoing<U> {
    pub undo: U,
    pub azure: Arc<Azure>,
}

impl<U: Undo> Work for Undoing<U> {
    fn calls(&self) -> Vec<Call> {
        self.undo.calls()
    }

    fn run(self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let session = Session::new(Arc::clone(&self.azure), context, self.calls());
        Box::pin(async move {
            let change = self.undo.run(&session).await?;
            Ok(Outcome { outputs: Entries::new(), body: None, change })
        })
    }
}

/// What became of something that was to be removed: what no longer exists needs no removing.
///
/// An error that leaves unknown whether an attempt before it removed the thing means that one did.
pub(crate) fn removed<T>(result: Result<T, StepError>) -> Result<Change, StepError> {
    match result {
        Ok(_) => Ok(Change::Removed),
        Err(error) if error.status() == Some(404) && error.is_uncertain() => Ok(Change::Removed),
        Err(error) if error.status() == Some(404) => Ok(Change::None),
        Err(error) => Err(error),
    }
}
