//! The argument `program` of the step types that run `azcmagent`.

use arcbook_engine::step::{Arg, ArgumentError};

/// Returns the error in the path of the program.
pub(super) fn check_program(program: Option<&Arg<String>>) -> Vec<ArgumentError> {
    let message = match program {
        Some(arg) if arg.is_sensitive() => {
            "must not be sensitive: every user of the machine can see the arguments of a program"
        }
        Some(Arg::Known { value, .. }) if value.is_empty() || value.contains('\0') => "must name a program",
        _ => return Vec::new(),
    };
    ArgumentError::new("program", message).into()
}
