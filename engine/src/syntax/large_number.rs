//! Numbers that `hcl-edit` cannot hold.

use std::ops::Range;

use super::lexer::{Lexer, Token};
use crate::source::FileId;

/// The text of `range` with each number beyond 64-bit floats written as as many zeros; none when there is no such number.
///
/// Lowering reads numbers from the file, so that only the lengths must be right.
pub(super) fn mask(text: &str, file: FileId, range: &Range<usize>) -> Option<String> {
    let mut lexer = Lexer::new(text, file, range.clone());
    let mut masked = text[range.clone()].to_owned();
    let mut found = false;
    loop {
        let lexeme = lexer.next().ok()?;
        if lexeme.token == Token::End {
            return found.then_some(masked);
        }
        let too_large = || lexer.slice(&lexeme).parse::<f64>().is_ok_and(f64::is_infinite);
        if lexeme.token == Token::Number && too_large() {
            found = true;
            let zeros = "0".repeat(lexeme.range.len());
            masked.replace_range(lexeme.range.start - range.start..lexeme.range.end - range.start, &zeros);
        }
    }
}
