//! The step type that replaces `terraform_data`.

use arcbook_engine::step::{
    Accepts, Action, ArgumentError, ArgumentValues, BoxFuture, Change, Context, Effect, Field, Outcome,
    Power, Registry, Response, Schema, Sink, StepError, StepType, Work,
};
use arcbook_engine::value::{Entries, Origins, TextKind, Type, Value};

/// The arguments, each of which is also an output.
const ARGUMENTS: [&str; 2] = ["input", "triggers_replace"];

/// Returns a registry with only the step type `echo`.
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    let argument = |name| field(name, Type::Any);
    let outputs = ARGUMENTS.into_iter().chain(["output"]).map(argument).chain([field("id", Type::String)]);
    registry.add(Echo(Schema {
        name: "echo",
        docs: "Returns its arguments.",
        example: "",
        effect: Effect::Nothing,
        idempotent: true,
        finds: false,
        response: Response::None,
        lists: false,
        has_own_purpose: false,
        power: Power::Actions,
        arguments: ARGUMENTS.into_iter().map(argument).collect(),
        groups: &[],
        outputs: outputs.collect(),
    }));
    registry
}

fn field(name: &'static str, ty: Type) -> Field {
    Field {
        name,
        docs: "",
        ty,
        accepts: Accepts::All,
        required: false,
        sensitive: false,
        ephemeral: false,
        is_fact: false,
        from: &[],
        kind: TextKind::Plain,
        body: None,
        sink: Sink::Memory,
    }
}

struct Echo(Schema);

impl StepType for Echo {
    fn schema(&self) -> &Schema {
        &self.0
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Box<dyn Work>, Vec<ArgumentError>> {
        let given = ARGUMENTS
            .into_iter()
            .map(|name| (name.into(), arguments.get(name).cloned().unwrap_or(Value::NULL)));
        Ok(Box::new(EchoWork(given.collect())))
    }
}

/// The arguments of a step.
struct EchoWork(Entries);

impl Work for EchoWork {
    fn actions(&self) -> Vec<Action> {
        Vec::new()
    }

    fn known_outputs(&self) -> Entries {
        let mut known_outputs = self.0.clone();
        let input = &self.0["input"];
        let output = Value::unknown(input.ty(), Origins::of("step.echo")).with_marks(&input.deep_marks());
        known_outputs.insert("output".into(), if input.is_null() { Value::NULL } else { output });
        known_outputs
    }

    fn run(self: Box<Self>, _context: Context) -> BoxFuture<'static, Result<Outcome, StepError>> {
        let mut outputs = self.0;
        outputs.insert("output".into(), outputs["input"].clone());
        outputs.insert("id".into(), Value::from("7f3a91"));
        Box::pin(async { Ok(Outcome::new(outputs, Change::None)) })
    }
}
