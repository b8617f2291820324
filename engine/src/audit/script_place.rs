//! Says where the arguments of a program have a script.

/// The place of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScriptPlace {
    /// One argument; those behind it are values.
    Argument(usize),
    /// This argument and all behind it, which become one text.
    From(usize),
    /// The standard input.
    Input,
}
