//! The layout of a file: indentation, spaces and columns, as `terraform fmt` lays them out.
//!
//! [`format()`] changes the space within lines, writes block labels in quotes, and nothing else. It works on tokens, a
//! line at a time:
//!
//! - a line is indented two spaces for each line before it that opened more brackets than it closed and whose brackets
//!   are still open;
//! - between two tokens there is one space or none, which depends on the two and the one before;
//! - in a run of lines that set something in one go, the equals signs are in one column; in a run of lines that end
//!   with a comment, so are the comments;
//! - comments, the text in quotes and in heredocs, and line breaks stay as they are.
//!
//! Three things differ from Terraform. What it rewrites beyond layout is left alone: `"${x}"`, and the types `"string"`
//! and `list`. Comments between labels are kept. The lines after an interpolation that goes over several lines of a
//! heredoc keep their depth, where Terraform moves them to the left.

mod columns;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod format;
mod indent;
mod line;
mod space;
#[cfg(test)]
mod tests;
mod tokens;

pub use format::format;
