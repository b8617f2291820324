//! The step type `assert`.

use arcbook_engine::step::{
    Arg, ArgumentError, Arguments, Effect, ErrorKind, Outputs, Response, StepError, Title,
};
use arcbook_engine::value::PathStep;

use crate::azure::Azure;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Fails with a message unless its conditions are true.
///
/// It sends no request and changes nothing. All conditions that are false are reported at once. A plan already fails if a
/// condition is known to be false, and `plan -live` knows the results of steps that read. Steps that must not run then name
/// the step in `depends_on`.
///
/// A message about a sensitive condition is not shown, and neither is a sensitive message.
#[derive(Arguments, Debug)]
#[arguments(together(condition, message))]
pub struct Assert {
    /// Condition that must be true.
    condition: Option<Arg<bool>>,
    /// Message for a false condition: what is wrong, and what to do.
    message: Option<Arg<String>>,
    /// A further condition.
    assertion: Option<Arg<Vec<Assertion>>>,
}

/// A condition and its message.
#[derive(Arguments, Clone, Debug)]
pub struct Assertion {
    /// Condition that must be true.
    condition: Arg<bool>,
    /// Message for a false condition.
    message: Arg<String>,
}

/// The output of `assert`.
#[derive(Outputs, Debug)]
pub struct Held {
    /// Number of conditions, all of which are true.
    #[output(fact)]
    conditions: i64,
}

/// A condition with its message and its place.
struct One<'a> {
    condition: &'a Arg<bool>,
    message: &'a Arg<String>,
    /// The index of its block; none for the condition of the step itself.
    at: Option<usize>,
}

impl One<'_> {
    fn is_false(&self) -> bool {
        self.condition.value() == Some(&false)
    }

    /// Returns the message, or a sentence that says why it is not shown.
    fn told(&self) -> String {
        if self.condition.is_sensitive() {
            return "The condition is sensitive, so arcbook does not show its message.".to_owned();
        }
        match self.message {
            Arg::Known { sensitive: true, .. } => {
                "The message is sensitive, so arcbook does not show it.".to_owned()
            }
            Arg::Known { value, .. } => value.clone(),
            Arg::Unknown(_) | Arg::Partial(_) => "The message is not known yet.".to_owned(),
        }
    }

    /// Returns the error in a plan, where the condition is the argument at fault.
    fn error(&self) -> ArgumentError {
        let error = match self.at {
            None => ArgumentError::new("condition", "is false"),
            Some(at) => ArgumentError::value("is false")
                .inside(PathStep::Attribute("condition".into()))
                .inside(PathStep::Index(at))
                .inside(PathStep::Attribute("assertion".into())),
        };
        error.help(self.told())
    }
}

impl Assert {
    fn all(&self) -> Vec<One<'_>> {
        let own = self.condition.as_ref().zip(self.message.as_ref());
        let own = own.map(|(condition, message)| One { condition, message, at: None });
        let blocks = self.assertion.as_ref().and_then(Arg::value).into_iter().flatten().enumerate();
        let blocks =
            blocks.map(|(at, Assertion { condition, message })| One { condition, message, at: Some(at) });
        own.into_iter().chain(blocks).collect()
    }
}

impl TypedStep for Assert {
    const TYPE: &'static str = "assert";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "assert" "preflight" {
  condition = step.metadata.machine.os == "linux"
  message   = "The runbook is for machines with Linux."

  assertion {
    condition = step.metadata.machine.location != ""
    message   = "Connect the machine to Azure Arc first."
  }
}
"#;
    const EFFECT: Effect = Effect::Nothing;
    const RESPONSE: Response = Response::None;
    const HAS_OWN_PURPOSE: bool = true;
    type Output = Held;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        if self.condition.is_none() && self.assertion.is_none() {
            let error = ArgumentError::new("condition", "or a block `assertion` must be given");
            return vec![
                error.help("write `condition` and `message`, or a block `assertion { … }` for each"),
            ];
        }
        self.all().iter().filter(|one| one.is_false()).map(One::error).collect()
    }

    fn title(&self) -> Title {
        let number = self.all().len();
        Title::new(if number == 1 { "condition".to_owned() } else { format!("{number} conditions") })
    }

    async fn run(&self, _session: &Session) -> Result<Done<Held>, StepError> {
        let mut told = Vec::new();
        for one in self.all() {
            if !*one.condition.get()? {
                told.push(one.told());
            }
        }
        if !told.is_empty() {
            let summary = match told.len() {
                1 => "a condition is false".to_owned(),
                count => format!("{count} of {} conditions are false", self.all().len()),
            };
            return Err(StepError::new(ErrorKind::Refused, summary).detail(told.join("\n")));
        }
        Ok(Done::unchanged(Held { conditions: i64::try_from(self.all().len()).unwrap_or(i64::MAX) }))
    }
}
