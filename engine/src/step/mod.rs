//! Defines the interface of step types: their schemas, their actions as data, and their execution.
//!
//! The engine knows no concrete step type. It receives a [`Registry`] of [`StepType`]s and a [`Platform`]
//! that acquires tokens. A step type makes [`Work`] from arguments that may be unknown; the plan prints the
//! [actions](Action) of the work, and the run performs exactly those.

mod action;
mod arg;
mod argument;
mod backoff;
mod behavior;
mod context;
mod difference;
mod error;
mod existing;
mod output;
mod platform;
mod prior;
mod receipt;
mod registry;
mod schema;
mod setting;
mod signal;
mod step_type;
mod text;

pub use action::{
    Action, ActionFacts, ActionKind, Audience, Body, FileRead, FileWrite, Follow, HttpRequest, KindFacts,
    Method, Permission, PermissionFacts, Plane, Process, Safety, Statement,
};
pub use arcbook_derive::{Arguments, Outputs};
pub use arg::Arg;
pub use argument::{ArgumentError, ArgumentType, ArgumentValues, Arguments};
pub use backoff::Backoff;
pub use behavior::Behavior;
pub use context::{Context, Left};
pub use difference::Difference;
pub use error::{ErrorKind, StepError};
pub use existing::Existing;
pub use output::{OutputType, Outputs};
pub use platform::{Platform, TokenFacts};
pub use prior::{Prior, PriorState};
pub use receipt::Receipt;
pub use registry::Registry;
pub use schema::{Effect, Field, Response, Schema};
pub use setting::{Mismatch, Setting};
pub use signal::{Progress, Signal};
pub use step_type::{BoxFuture, Change, Outcome, StepType, Work};
pub use text::{Part, Text};
