//! Defines the modes of files.

use std::fmt;

use crate::value::{Type, Value};

use super::{Accepts, ArgumentError, ArgumentType};

/// The mode of a file: octal text such as `0600`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileMode(u32);

impl FileMode {
    /// Parses three or four octal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_octal =
            (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        is_octal.then(|| u32::from_str_radix(text, 8).ok().map(Self)).flatten()
    }

    /// Returns the bits of the mode.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl ArgumentType for FileMode {
    fn ty() -> Type {
        Type::String
    }

    fn accepts() -> Accepts {
        Accepts::Written(
            "A file mode: three or four octal digits, such as `0600`.",
            "a number has no octal digits and no leading zero: write a string such as \"0640\"",
        )
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let error =
            || ArgumentError::value("must be three or four octal digits").help("write it as `\"0600\"`");
        value.as_str().and_then(Self::parse).ok_or_else(|| error().into())
    }
}
