//! Defines step types and the work of one step.

use std::fmt;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::value::{Entries, Value};

use super::{
    Action, ArgumentError, ArgumentValues, Behavior, Context, Deletion, Existing, Receipt, RemoteCode,
    RemoteScript, Schema, Script, StepError, Title,
};

/// A boxed future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The change that a step made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// No change: the step reads, or everything was as configured.
    None,
    /// The step created an object.
    Created,
    /// The step updated an object.
    Updated,
    /// The step deleted an object.
    Removed,
}

impl Change {
    /// Returns the JSON name of the change: `none`, `created`, `updated` or `removed`.
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

/// The result of a successful step.
#[derive(Clone)]
pub struct Outcome {
    /// The outputs by name.
    pub outputs: Entries,
    /// The response, if [`Schema::response`] keeps it.
    pub body: Option<Value>,
    /// The change that the step made.
    pub change: Change,
    /// The proof of the change, such as the ETag after it; the record holds it for an undo.
    pub receipt: Option<Value>,
}

impl Outcome {
    /// Returns the outcome of a step that has no response and no receipt.
    #[must_use]
    pub fn new(outputs: Entries, change: Change) -> Self {
        Self { outputs, body: None, change, receipt: None }
    }
}

/// Omits the outputs, which may contain secrets without marks.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("change", &self.change).finish_non_exhaustive()
    }
}

/// A type of step.
pub trait StepType: Send + Sync {
    /// Returns the schema.
    fn schema(&self) -> &Schema;

    /// Prepares the work of one step with these arguments, which may be unknown; returns all errors at once, except those of
    /// [`Work::refused`].
    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>>;

    /// Returns the commands of a shell that stand for steps of this type; none if there are none.
    fn script(&self) -> Option<Script> {
        None
    }

    /// Returns the arguments with scripts that run on another machine.
    fn remote_scripts(&self) -> &'static [RemoteScript] {
        &[]
    }

    /// Prepares the undoing of a change that a step of this type made, from its receipt; none if the type
    /// cannot undo it, or the receipt does not say enough.
    ///
    /// The work removes an object that the step created, puts back one that it updated, and recreates one
    /// that it removed, and does nothing else. It changes an object only if that was not changed since; a
    /// missing object is no error. Without a known [`Receipt::change`], it changes only what a run of
    /// [`Context::is_own`] certainly made.
    fn undo(&self, _receipt: &Receipt) -> Option<Box<dyn Work>> {
        None
    }

    /// Returns the reason why no change of this type can be undone, as a clause; none if some can.
    fn lasting(&self) -> Option<&'static str> {
        None
    }
}

/// The work of one step: its description, and its execution.
pub trait Work: Send + Sync {
    /// Returns the actions; the run may perform these and no others.
    fn actions(&self) -> Vec<Action>;

    /// Returns the errors about secrets in the arguments, for which nobody may execute the step; see
    /// [`ArgumentError::is_secret`].
    fn refused(&self) -> Vec<ArgumentError> {
        Vec::new()
    }

    /// Returns the effect of the step, which has these [`Work::actions`]; it is never worse than that of the schema.
    fn behavior(&self, actions: &[Action]) -> Behavior {
        Behavior::of(actions)
    }

    /// Returns true if the execution only lets time pass, so that a plan leaves it out.
    fn only_waits(&self) -> bool {
        false
    }

    /// Returns the object that the step reads or changes, in words for people.
    fn title(&self) -> Title {
        Title::default()
    }

    /// Returns the code that the step lets run on another machine; none if there is none.
    fn remote_code(&self) -> Option<RemoteCode> {
        None
    }

    /// Returns whether the step deletes an object by an action that does not say so.
    fn deletion(&self) -> Deletion {
        Deletion::ByActions
    }

    /// Returns true if the step keeps a copy of a file that it replaces or removes beside it, for an undo.
    fn keeps_copies(&self) -> bool {
        false
    }

    /// Returns the actions of an undo that an argument writes out, such as a statement: a review of the step is a review of
    /// them too.
    fn undo_actions(&self) -> Vec<Action> {
        Vec::new()
    }

    /// Returns the outputs that are certain before execution, by name; a plan uses them.
    fn known_outputs(&self) -> Entries {
        Entries::new()
    }

    /// Queries the existing state of the object that the step would change, without changing anything. Every
    /// argument is known. Only types whose schema sets [`Schema::finds`] support it.
    ///
    /// With [`Context::before`], an earlier run may have made the change, and the outcome then reports it.
    fn find(&self, _context: Context) -> BoxFuture<'_, Result<Existing, StepError>> {
        Box::pin(std::future::ready(Ok(Existing::unasked())))
    }

    /// Returns the proof that the change is going to leave, as far as the query has learnt it: if the run is killed,
    /// an undo recognises the object by it. It holds no secret and no digest of one.
    fn proof(&self) -> Option<Value> {
        None
    }

    /// Executes the step; every argument is known.
    fn run(self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>>;
}
