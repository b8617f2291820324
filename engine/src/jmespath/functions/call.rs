//! Calls functions: evaluates and checks the arguments.

use super::super::SearchError;
use super::super::node::Call;
use super::super::search::Search;
use super::arguments::Arguments;
use super::described::described;
use super::function::Function;
use super::parameter::{Fit, Sort, fit};
use crate::value::Value;

impl Search {
    /// Evaluates a call; the result is unknown if an argument that the function needs is.
    pub(in super::super) fn call(&mut self, call: &Call, current: &Value) -> Result<Value, SearchError> {
        let values = call.arguments.iter().map(|node| self.evaluate(node, current));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let traits = self.budget.traits_of(&values)?;
        let mut is_known = true;
        let parameters =
            (0..).map(|at| call.function.parameter(at)).filter(|sorts| !sorts.contains(&Sort::Expression));
        for ((at, value), sorts) in values.iter().enumerate().zip(parameters) {
            match fit(sorts, value) {
                Fit::Yes => {}
                Fit::Unknown => is_known = false,
                Fit::No => return Err(mismatch(call, at, sorts, value)),
            }
        }
        if !is_known {
            return Ok(traits.unknown(call.function.gives.clone()));
        }
        let expression = call.expression.as_deref();
        let Function { name: function, gives, apply, .. } = call.function;
        let name = &call.name;
        apply(&mut Arguments { search: self, values: &values, expression, function, gives, name, traits })
    }
}

fn mismatch(call: &Call, at: usize, sorts: &[Sort], value: &Value) -> SearchError {
    let wanted: Vec<_> = sorts.iter().map(|sort| sort.name()).collect();
    let name = call.function.name;
    let which =
        if call.arguments.len() > 1 { format!("argument {}", at + 1) } else { "its argument".to_owned() };
    let message = format!("`{name}` needs {}, but {which} is {}", wanted.join(" or "), described(value));
    SearchError::Argument { offset: call.name.clone(), message }
}
