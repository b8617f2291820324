//! Formats a file: indentation, spaces and columns, as `terraform fmt` does.
//!
//! [`format()`] changes the whitespace within lines, quotes block labels, and changes nothing else. It works
//! on tokens, line by line:
//!
//! - a line is indented by two spaces for each earlier line that opened more brackets than it closed and
//!   whose brackets are still open;
//! - one space or none separates two tokens, depending on the two and the one before;
//! - the equals signs in a run of single-line arguments form one column, and so do the comments in a run of
//!   lines that end with one;
//! - comments, the text in quotes and heredocs, and line breaks stay unchanged.
//!
//! Three things differ from Terraform. Its rewrites beyond layout are not made: of `"${x}"`, and of the types
//! `"string"` and `list`. Comments between labels are kept. The lines after an interpolation that spans
//! several lines of a heredoc keep their depth, while Terraform moves them to the left.

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
