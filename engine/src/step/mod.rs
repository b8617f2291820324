//! Defines the interface of step types: their schemas, their actions as data, and their execution.
//!
//! The engine knows no concrete step type. It receives a [`Registry`] of [`StepType`]s and a [`Platform`]
//! with the [`Identity`] of the machine. A step type makes [`Work`] from arguments that may be unknown; the plan prints the
//! [actions](Action) of the work, and the run performs exactly those.

mod accepts;
mod action;
mod actor;
mod admission;
mod arg;
mod argument;
mod argument_error;
mod argument_types;
mod backoff;
mod behavior;
mod choice;
mod content;
mod context;
mod deletion;
mod difference;
mod duration;
mod error;
mod existing;
mod file_mode;
mod group;
mod identity;
mod output;
mod platform;
mod power;
mod prior;
mod receipt;
mod record_store;
mod registry;
mod remote_code;
mod right;
mod role;
mod schema;
mod script;
mod setting;
mod signal;
mod sink;
mod step_type;
mod text;
mod text_change;
mod texts;
mod title;
mod token;
mod whole;

pub use accepts::{Accepts, Block, WrongType};
pub use action::{
    Action, ActionFacts, ActionKind, Audience, Body, Credential, DirectoryMake, DirectoryRead,
    DirectoryRemove, FileRead, FileWrite, Follow, HttpRequest, KindFacts, Method, Permission,
    PermissionFacts, Plane, Process, Safety, Statement, TemplateUse, Tls, Verb, database_words, fits,
    server_words,
};
pub use actor::Actor;
pub use arcbook_derive::{Arguments, Choice, Outputs};
pub use arg::Arg;
pub use argument::{ArgumentType, ArgumentValues, Arguments};
pub use argument_error::{ArgumentError, shown_path};
pub use backoff::Backoff;
pub use behavior::Behavior;
pub use choice::{Choice, Word};
pub use content::{Base64, Content};
pub use context::{Context, Left};
pub use deletion::Deletion;
pub use difference::Difference;
pub use duration::{DURATION_FORM, NUMBER_AS_DURATION, duration, duration_help};
pub use error::{ErrorKind, StepError};
pub use existing::Existing;
pub use file_mode::FileMode;
pub(crate) use group::listed;
pub use group::{Group, GroupRule};
pub use identity::{Identity, IdentitySchema, IdentityType};
pub use output::{OutputType, Outputs};
pub use platform::Platform;
pub use power::Power;
pub use prior::{Prior, PriorState};
pub use receipt::Receipt;
pub use record_store::{
    ClosedRecord, RecordStore, RecordStoreSchema, RecordStoreType, UploadError, Uploaded,
};
pub use registry::Registry;
pub use remote_code::{RemoteCode, RemoteScript};
pub use right::Right;
pub use role::{Risk, RoleSource, Roles, ScopeRoles, SuggestedRole, Surplus};
pub use schema::{Effect, Field, Response, Schema};
pub use script::{Flow, Found, PlatformScript, Script, ScriptResult, ScriptSetting, Shape};
pub use setting::{Mismatch, Setting};
pub use signal::{Progress, Signal};
pub use sink::Sink;
pub use step_type::{BoxFuture, Change, Outcome, StepType, Work};
pub use text::{Form, Gap, Part, Syntax, Text};
pub use text_change::{ChangedLine, LARGEST_TEXT, changed_lines};
pub use texts::Texts;
pub use title::{Title, few, shortened, shortened_to};
pub use token::Token;
pub use whole::Whole;
