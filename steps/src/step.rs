//! The trait of this crate's step types, and its adapter for the engine.

use std::marker::PhantomData;
use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentValues, Arguments, BoxFuture, Change, Context, Deletion, Effect,
    Existing, Outcome, Outputs, Power, Receipt, RemoteCode, RemoteScript, Response, Schema, Script,
    StepError, StepType, Title, Work,
};
use arcbook_engine::value::{Entries, Value};

use crate::azure::Azure;
use crate::session::{Memory, Session};
use crate::undo::{Undo, Undoing};

/// A step type: a struct of arguments whose doc comments are its documentation, its actions, and its execution.
pub trait TypedStep: Arguments + Send + Sync + 'static {
    /// The name, such as `keyvault_secret`.
    const TYPE: &'static str;
    /// A runbook that uses it.
    const EXAMPLE: &'static str;
    /// The effect of the step.
    const EFFECT: Effect;
    /// True if repeating it with the same arguments has the same effect as running it once.
    const IDEMPOTENT: bool = false;
    /// The response that the step keeps, if any.
    const RESPONSE: Response;
    /// True if the response is a list that leaves out the resources that the identity may not read.
    const LISTS: bool = false;
    /// True if a step has a purpose although it changes nothing and nobody reads its results.
    const HAS_OWN_PURPOSE: bool = false;
    /// The decisions of the arguments beyond the actions.
    const POWER: Power = Power::Actions;
    /// The arguments with scripts that run on another machine.
    const REMOTE_SCRIPTS: &'static [RemoteScript] = &[];
    /// True if [`TypedStep::run`] only lets time pass, so that a plan leaves the step out.
    const ONLY_WAITS: bool = false;
    /// True if [`TypedStep::find`] can detect existing objects.
    const FINDS: bool = false;
    /// The reason why no change of this type can be undone, as a clause; none if some can.
    const LASTING: Option<&'static str> = None;
    /// The commands of a shell that stand for the steps of this type, if there are any.
    const SCRIPT: Option<Script> = None;
    /// The outputs.
    type Output: Outputs + Send;

    /// Validates the known arguments beyond each one's own type.
    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        Vec::new()
    }

    /// Returns the actions of the step; a run performs these and no others.
    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        Vec::new()
    }

    /// Returns the object that the step reads or changes, in words for people; the name of the type by default.
    fn title(&self) -> Title {
        Title::new(Self::TYPE.replace('_', " "))
    }

    /// Returns the code that the step lets run on another machine; none by default.
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

    /// Returns the actions of an undo that an argument writes out, such as a statement.
    fn undo_actions(&self, _azure: &Azure) -> Vec<Action> {
        Vec::new()
    }

    /// Returns the outputs that are certain before the step runs, by name.
    fn known_outputs(&self, _azure: &Azure) -> Entries {
        Entries::new()
    }

    /// Looks up the object that this step would create, with actions that it declares as well; for steps that
    /// `FINDS`.
    ///
    /// If [`Session::before`] returns a state, an earlier run may have made the change.
    fn find(
        &self,
        _session: &Session,
    ) -> impl Future<Output = Result<Existing<Done<Self::Output>>, StepError>> + Send {
        async { Ok(Existing::unasked()) }
    }

    /// Returns the undo of a change that a step of this type made; none if the type cannot undo it, or the
    /// receipt does not say enough. Without a known [`Receipt::change`], the undo changes only an object that
    /// [`Session::is_own`], and does nothing if that does not exist.
    #[must_use]
    fn undo(_azure: &Azure, _receipt: &Receipt) -> Option<impl Undo> {
        None::<NoUndo>
    }

    /// Runs the step; every argument is known by then.
    fn run(&self, session: &Session) -> impl Future<Output = Result<Done<Self::Output>, StepError>> + Send;
}

/// Returns an output that equals an argument, if that is known and not sensitive.
pub(crate) fn known_outputs<T>(name: &str, arg: &Arg<T>, write: impl FnOnce(&T) -> String) -> Entries {
    match arg {
        Arg::Known { value, sensitive: false } => Entries::from([(name.into(), Value::string(write(value)))]),
        _ => Entries::new(),
    }
}

/// The undo of step types that cannot be undone.
pub enum NoUndo {}

impl Undo for NoUndo {
    fn actions(&self) -> Vec<Action> {
        match *self {}
    }

    async fn run(&self, _session: &Session) -> Result<Change, StepError> {
        match *self {}
    }
}

/// The result of a finished step; it has no `Debug`, since it may contain secrets that are not marked yet.
pub struct Done<O> {
    output: O,
    body: Option<Value>,
    change: Change,
    receipt: Option<Value>,
}

impl<O: Outputs> Done<O> {
    fn into_outcome(self) -> Outcome {
        let Self { output, body, change, receipt } = self;
        Outcome { outputs: output.into_entries(), body, change, receipt }
    }
}

impl<O> Done<O> {
    /// Returns the result of a step that changed nothing.
    pub fn unchanged(output: O) -> Self {
        Self { output, body: None, change: Change::None, receipt: None }
    }

    /// Returns the result of a step that made `change`.
    pub fn changed(output: O, change: Change) -> Self {
        Self { output, body: None, change, receipt: None }
    }

    /// Keeps the proof of the change, from which an undo learns whether the object was changed since.
    #[must_use]
    pub fn receipt(mut self, receipt: Value) -> Self {
        self.receipt = Some(receipt);
        self
    }

    /// Returns the outputs.
    pub(crate) fn into_output(self) -> O {
        self.output
    }

    /// Returns the result with converted outputs.
    pub fn map<P>(self, make: impl FnOnce(O) -> P) -> Done<P> {
        let Self { output, body, change, receipt } = self;
        Done { output: make(output), body, change, receipt }
    }

    /// Keeps the response.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// A step type in the engine's interface.
pub(crate) struct Adapter<S> {
    schema: Schema,
    azure: Arc<Azure>,
    step: PhantomData<fn() -> S>,
}

impl<S: TypedStep> Adapter<S> {
    pub fn new(azure: Arc<Azure>) -> Self {
        let schema = Schema {
            name: S::TYPE,
            docs: S::DOCS,
            example: S::EXAMPLE,
            effect: S::EFFECT,
            idempotent: S::IDEMPOTENT,
            finds: S::FINDS,
            response: S::RESPONSE,
            lists: S::LISTS,
            has_own_purpose: S::HAS_OWN_PURPOSE,
            power: S::POWER,
            arguments: S::fields(),
            groups: S::GROUPS,
            outputs: S::Output::fields(),
        };
        Self { schema, azure, step: PhantomData }
    }
}

impl<S: TypedStep> StepType for Adapter<S> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>> {
        let step = S::take(arguments)?;
        let (refused, errors): (Vec<_>, Vec<_>) =
            step.check(&self.azure).into_iter().partition(|error| error.is_secret);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Box::new(Prepared { step, azure: Arc::clone(&self.azure), memory: Memory::default(), refused }))
    }

    fn undo(&self, receipt: &Receipt) -> Option<Box<dyn Work>> {
        let undo = S::undo(&self.azure, receipt)?;
        Some(Box::new(Undoing { undo, azure: Arc::clone(&self.azure) }))
    }

    fn script(&self) -> Option<Script> {
        S::SCRIPT
    }

    fn remote_scripts(&self) -> &'static [RemoteScript] {
        S::REMOTE_SCRIPTS
    }

    fn lasting(&self) -> Option<&'static str> {
        S::LASTING
    }
}

/// A step with its arguments.
struct Prepared<S> {
    step: S,
    azure: Arc<Azure>,
    memory: Memory,
    refused: Vec<ArgumentError>,
}

impl<S: TypedStep> Work for Prepared<S> {
    fn actions(&self) -> Vec<Action> {
        self.step.actions(&self.azure)
    }

    fn refused(&self) -> Vec<ArgumentError> {
        self.refused.clone()
    }

    fn only_waits(&self) -> bool {
        S::ONLY_WAITS
    }

    fn title(&self) -> Title {
        self.step.title()
    }

    fn remote_code(&self) -> Option<RemoteCode> {
        self.step.remote_code()
    }

    fn deletion(&self) -> Deletion {
        self.step.deletion()
    }

    fn keeps_copies(&self) -> bool {
        self.step.keeps_copies()
    }

    fn undo_actions(&self) -> Vec<Action> {
        self.step.undo_actions(&self.azure)
    }

    fn known_outputs(&self) -> Entries {
        self.step.known_outputs(&self.azure)
    }

    fn find(&self, context: Context) -> BoxFuture<'_, Result<Existing, StepError>> {
        // A lookup must not be able to change anything.
        let reads = self.actions().into_iter().filter(Action::is_read).collect();
        // Without an earlier attempt, an operation that the lookup waits for is not a change of this step.
        let is_first = context.before().is_none();
        let session = Session::new(Arc::clone(&self.azure), context, reads).sharing(&self.memory);
        Box::pin(async move {
            let found = self.step.find(&session).await;
            let found = found.map_err(|error| if is_first { error.certain() } else { error })?;
            Ok(found.map(Done::into_outcome))
        })
    }

    fn proof(&self) -> Option<Value> {
        self.memory.proof()
    }

    fn run(self: Box<Self>, context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let session = Session::new(Arc::clone(&self.azure), context, self.actions()).sharing(&self.memory);
        Box::pin(async move { self.step.run(&session).await.map(Done::into_outcome) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arcbook_engine::redact::Secrets;
    use arcbook_engine::step::{ErrorKind, HttpRequest, Method, Text};

    use super::*;
    use crate::azure::AzureOptions;
    use crate::environment::Environment;

    /// A step type that makes its change during the lookup.
    #[derive(Arguments, Debug)]
    struct Hasty {
        /// The URL of the change.
        url: Arg<String>,
    }

    #[derive(Outputs)]
    struct Nothing {
        /// Nothing.
        #[output(answer)]
        nothing: BTreeMap<String, String>,
    }

    impl Hasty {
        fn put(&self) -> Action {
            HttpRequest::new(Method::Put, Text::new().then_arg(&self.url, Clone::clone)).action()
        }
    }

    impl TypedStep for Hasty {
        const TYPE: &'static str = "hasty";
        const EXAMPLE: &'static str = "";
        const EFFECT: Effect = Effect::Changes;
        const RESPONSE: Response = Response::None;
        const FINDS: bool = true;
        type Output = Nothing;

        fn actions(&self, _azure: &Azure) -> Vec<Action> {
            vec![self.put()]
        }

        async fn find(&self, session: &Session) -> Result<Existing<Done<Nothing>>, StepError> {
            session.send(&self.put()).await.map(|_| Existing::Absent)
        }

        async fn run(&self, _session: &Session) -> Result<Done<Nothing>, StepError> {
            Ok(Done::unchanged(Nothing { nothing: BTreeMap::new() }))
        }
    }

    #[tokio::test]
    async fn whoever_asks_changes_nothing() {
        let azure = Arc::new(Azure::new(AzureOptions::new(Environment::default())));
        let url = Arg::known("https://management.azure.com/x".to_owned());
        let (memory, refused) = (Memory::default(), Vec::new());
        let work = Prepared { step: Hasty { url }, azure, memory, refused };
        let found = work.find(Context::new("step.hasty.a", ".", Secrets::new(), |_| {})).await;
        assert_eq!(found.map(|_| ()).map_err(|error| error.kind()), Err(ErrorKind::Forbidden));
    }
}
