//! Remedies for the refusals of Microsoft Entra.

use super::super::Asked;
use super::facts::fill;
use super::refusal::Refused;
use crate::entra;

/// Returns the remedies of the first code that Entra names and that is known.
pub(super) fn of_codes(asked: &Asked, refused: &Refused<'_>) -> Option<Vec<String>> {
    let code = numbers(refused).find_map(entra::code)?;
    Some(code.help.iter().map(|help| fill(help, asked, refused)).collect())
}

/// Returns true if Entra says that something is too early or too late.
pub(super) fn is_about_time(refused: &Refused<'_>) -> bool {
    numbers(refused).any(entra::is_about_time)
}

/// Returns the numbers of the codes in the message, then those in fields of their own.
fn numbers(refused: &Refused<'_>) -> impl Iterator<Item = u32> {
    let coded = refused.codes.iter().flat_map(|code| entra::numbers(code));
    entra::numbers(refused.message).chain(coded)
}
