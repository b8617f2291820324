//! The argument `program` of the step types that run `azcmagent`.

use arcbook_engine::step::{Arg, ArgumentError};

/// Returns the error in the path of the program.
pub(super) fn check_program(program: Option<&Arg<String>>) -> Vec<ArgumentError> {
    let error = |message: &str| ArgumentError::new("program", message);
    match program {
        Some(arg) if arg.is_sensitive() => {
            error("must not be sensitive: every user of the machine can see the arguments of a program")
                .secret()
                .into()
        }
        Some(Arg::Known { value, .. }) if value.is_empty() || value.contains('\0') => {
            error("must name a program").into()
        }
        _ => Vec::new(),
    }
}
