//! The step type `echo`.

use arcbook_engine::step::{Arg, Arguments, Effect, Outputs, Response, StepError};
use arcbook_engine::value::{Entries, Value};

use crate::azure::Azure;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Returns its input.
///
/// It sends no request and changes nothing. Use it to learn, to test, and to name a value between steps.
#[derive(Arguments, Debug)]
pub struct Echo {
    /// Any value.
    #[argument(sink = "memory")]
    input: Option<Arg<Value>>,
}

/// The outputs of `echo`.
#[derive(Outputs, Debug)]
pub struct Echoed {
    /// The input, sensitive if the input is.
    #[output(echoed)]
    output: Value,
}

impl TypedStep for Echo {
    const TYPE: &'static str = "echo";
    const EXAMPLE: &'static str = r#"step "echo" "site" {
  input = { name = "west", size = 2 }
}

output "name" {
  value = step.echo.site.output.name
}
"#;
    const EFFECT: Effect = Effect::Nothing;
    const RESPONSE: Response = Response::Echoed;
    type Output = Echoed;

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        let known = self.input.as_ref().and_then(Arg::value);
        known.map(|input| ("output".into(), input.clone())).into_iter().collect()
    }

    async fn run(&self, _session: &Session) -> Result<Done<Echoed>, StepError> {
        let input = match &self.input {
            Some(input) => input.get()?.clone(),
            None => Value::NULL,
        };
        Ok(Done::unchanged(Echoed { output: input.clone() }).body(input))
    }
}
