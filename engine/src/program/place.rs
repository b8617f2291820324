//! Says where the arguments of an interpreter have its script.

/// The place of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One argument; those behind it are values.
    Argument(usize),
    /// This argument and all behind it, which become one text.
    From(usize),
    /// The standard input.
    Input,
    /// The file that this argument names.
    File(usize),
}
