//! Says why the messages of a program are not shown, and how its user can see them.

use arcbook_engine::step::StepError;

/// Adds to `error` that the messages of a program are withheld because of `secrets`, and the `ways` to see them.
///
/// A program may print a secret in pieces or in a form of its own, which no search for its text would find.
pub fn withheld(error: StepError, secrets: &str, ways: &'static str) -> StepError {
    error.detail(format!("Its messages are withheld, since they may contain a secret: {secrets}.")).help(ways)
}
