//! A step type, and the work of one step.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::value::{Entries, Value};

use super::{ArgumentError, ArgumentValues, Call, Context, Existing, Schema, StepError};

/// A future that may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a step did to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Nothing: it reads, or all was as wanted.
    None,
    /// Something new is there.
    Created,
    /// Something that was there is different.
    Updated,
    /// Something that was there is gone.
    Removed,
}

impl Change {
    /// The word for it in what tools read: `none`, `created`, `updated` or `removed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Removed => "removed",
        }
    }
}

/// What a step gives when it is done.
#[derive(Clone)]
pub struct Outcome {
    /// The outputs by name.
    pub outputs: Entries,
    /// The response, where [`Schema::response`] says that it is kept.
    pub body: Option<Value>,
    /// What it did to the world.
    pub change: Change,
}

/// Without the outputs: they may hold secrets that are not marked yet.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("change", &self.change).finish_non_exhaustive()
    }
}

/// Something on this machine that a step touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A plain file that is read.
    Reads {
        /// The path; a relative one starts at the directory of the runbook.
        path: PathBuf,
        /// The argument that names it.
        argument: &'static str,
        /// The most bytes that it may hold.
        most: u64,
    },
}

/// A type of step.
pub trait StepType: Send + Sync {
    /// What it takes, gives and does.
    fn schema(&self) -> &Schema;

    /// The work of one step with these arguments, known or not yet; all that is wrong with them at once.
    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>>;

    /// The work of taking away again what a step of this type created, made from what that gave, as a record has it;
    /// none when the type cannot, or the outputs do not tell enough.
    ///
    /// It takes away no more than was created, and nothing that was changed since; what is gone already is no error.
    fn undo(&self, _outputs: &Entries) -> Option<Box<dyn Work>> {
        None
    }

    /// The work of taking away what a step of this type may have created at `target`, the URLs of its changing requests
    /// without their queries; none when the type cannot tell whose what is there is.
    ///
    /// It takes away only what a run of [`Context::is_own`] created; when there is nothing, or something of somebody else,
    /// there is nothing to do.
    fn undo_unconfirmed(&self, _target: &[String]) -> Option<Box<dyn Work>> {
        None
    }
}

/// The work of one step: what it would do, and doing it.
pub trait Work: Send + Sync {
    /// The requests it makes; the run may send these and no others.
    fn calls(&self) -> Vec<Call>;

    /// What it touches on this machine.
    fn touches(&self) -> Vec<Touch> {
        Vec::new()
    }

    /// The outputs that are certain before it is done, by name; a plan goes on with them.
    fn known_outputs(&self) -> Entries {
        Entries::new()
    }

    /// Asks the service what there is already of what this would make, without changing anything; every argument is
    /// known by then. Types whose schema says so can tell.
    ///
    /// With [`Context::before`], an earlier run may have made the change, and the outcome says so.
    fn find(&self, _context: Context) -> BoxFuture<'_, Result<Existing, StepError>> {
        Box::pin(std::future::ready(Ok(Existing::Unknown)))
    }

    /// Does it; every argument is known by then.
    fn run(self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>>;
}
