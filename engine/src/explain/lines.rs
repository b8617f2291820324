//! The lines of an explanation for people.

use std::fmt::Arguments;
use std::fmt::Write;

/// Adds a line.
pub fn line(text: &mut String, what: Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what}");
}

/// Adds a name, a remark about it, and its documentation below.
pub fn entry(text: &mut String, name: &str, remark: &str, docs: &str) {
    line(text, format_args!("  {name} ({remark})"));
    indented(text, "      ", docs);
}

/// Adds the lines of `docs`, each after `indent`.
pub fn indented(text: &mut String, indent: &str, docs: &str) {
    for sentence in docs.lines() {
        line(text, format_args!("{}", format!("{indent}{sentence}").trim_end()));
    }
}
