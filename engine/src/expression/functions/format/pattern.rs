//! Parses format patterns.

use super::super::failure::Failure;
use super::verb::Verb;
use crate::value::{TextBuilder, Value};

/// The maximum width of a field, in characters, so that a short pattern cannot make a huge text.
const MAX_WIDTH: usize = 1 << 16;

/// Replaces the verbs of the pattern by the arguments, within `room` bytes; an unknown argument is an unknown part
/// of the result.
pub(super) fn format(pattern: &str, arguments: &[Value], room: usize) -> Result<Value, Failure> {
    let mut out = TextBuilder::default();
    let mut next = 0;
    let mut highest = 0;
    let mut has_verbs = false;
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let offset = pattern.len() - rest.len() + at;
        let (verb, after) = parse(&rest[at..], offset)?;
        rest = after;
        let Some(verb) = verb else {
            out.push_str("%");
            continue;
        };
        has_verbs = true;
        let index = verb.argument.unwrap_or(next);
        let Some(argument) = arguments.get(index) else {
            let have = arguments.len();
            let wanted = index + 1;
            let raw = verb.raw;
            let reason = format!(
                "not enough arguments for {raw:?} at {offset}: need index {wanted} but have {have} total"
            );
            return Err(Failure::new(reason));
        };
        verb.append(argument, &mut out).map_err(|reason| {
            Failure::new(reason.replace("{verb}", &format!("{:?} at {offset}", verb.raw)))
        })?;
        if out.bytes() > room {
            return Err(Failure::TooLong);
        }
        next = index + 1;
        highest = highest.max(next);
    }
    out.push_str(rest);
    if highest < arguments.len() {
        let reason = if has_verbs {
            format!("too many arguments; only {highest} used by format string")
        } else {
            "too many arguments; no verbs in format string".to_owned()
        };
        return Err(Failure::argument(highest + 1, reason));
    }
    Ok(out.build())
}

/// Parses `%[flags][width][.precision][[argument]]letter`; none for `%%`.
fn parse(text: &str, offset: usize) -> Result<(Option<Verb<'_>>, &str), Failure> {
    if let Some(after) = text.strip_prefix("%%") {
        return Ok((None, after));
    }
    let mut verb = Verb::default();
    let mut rest = text[1..].trim_start_matches(['#', '0', '-', '+', ' ']);
    verb.flags = &text[1..text.len() - rest.len()];
    (verb.width, rest) = digits(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after)?;
        verb.precision = Some(precision.unwrap_or(0));
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('[') {
        let (index, after) = digits(after)?;
        let at = offset + text.len() - rest.len();
        let invalid = || Failure::new(format!("invalid format string starting at offset {at}"));
        rest = after.strip_prefix(']').ok_or_else(invalid)?;
        verb.argument = Some(index.and_then(|index| index.checked_sub(1)).ok_or_else(invalid)?);
    }
    let at = offset + text.len() - rest.len();
    let Some(letter) = rest.chars().next() else {
        return Err(Failure::new(format!("invalid format string starting at offset {at}")));
    };
    if !letter.is_ascii_alphabetic() {
        return Err(Failure::new(format!("unrecognized format character {letter:?} at offset {at}")));
    }
    rest = &rest[1..];
    verb.letter = letter;
    verb.raw = &text[..text.len() - rest.len()];
    if !"vtbdoxXeEfgGsq".contains(letter) {
        let raw = verb.raw;
        return Err(Failure::new(format!(
            "unsupported format verb {letter:?} in {raw:?} at offset {offset}"
        )));
    }
    Ok((Some(verb), rest))
}

fn digits(text: &str) -> Result<(Option<usize>, &str), Failure> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    match digits.parse() {
        Ok(number) if number <= MAX_WIDTH => Ok((Some(number), rest)),
        _ => Err(Failure::new(format!("a width, precision or index must not be above {MAX_WIDTH}"))),
    }
}
