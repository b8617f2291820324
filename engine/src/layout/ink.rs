//! Colours text as ANSI escapes.

/// The colour of a text on a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// The colour of the terminal.
    #[default]
    Plain,
    /// Bold, for headings.
    Bold,
    /// Green, for an object that is created.
    Green,
    /// Yellow, for an object that is updated, or a change that is not known.
    Yellow,
    /// Red, for an object that is deleted or replaced, and for failures.
    Red,
}

impl Ink {
    /// Returns the colour of a symbol before a change, or of the word for a verdict.
    #[must_use]
    pub fn of_symbol(symbol: &str) -> Self {
        match symbol {
            "+" | "ok" => Self::Green,
            "~" | "?" | "warning" => Self::Yellow,
            "-" | "-/+" | "~/-" | "?/-" | "error" => Self::Red,
            _ => Self::Plain,
        }
    }

    /// Returns `text` in this colour.
    pub(super) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Bold => "1",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Red => "31",
        };
        if text.is_empty() { String::new() } else { format!("\x1b[{code}m{text}\x1b[0m") }
    }
}
