//! Implements string functions.

mod partial;

use super::arguments::{Arguments, text};
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Type, Value, characters};

const STRING: Returns = Returns::Always(Accepts::String);
const BOOL: Returns = Returns::Always(Accepts::Bool);
const STR: Parameter = Parameter::new("str", Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chomp",
        "The text without line breaks at its end.",
        [r#"chomp("Hello\n")"#, r#""Hello""#],
        &[STR],
        STRING,
        |given| Ok(given.text(0).trim_end_matches(['\r', '\n']).into()),
    ),
    Function::new(
        "endswith",
        "True if the text ends with a suffix.",
        [r#"endswith("report.json", ".json")"#, "true"],
        &[STR, Parameter::new("suffix", Accepts::String)],
        BOOL,
        |given| Ok(given.text(0).ends_with(given.text(1)).into()),
    ),
    Function::new(
        "indent",
        "The text with every line but the first moved right by a number of spaces.",
        [r#"indent(2, "a:\nb: 1")"#, "chomp(<<-EOT\n  a:\n    b: 1\nEOT\n)"],
        &[Parameter::new("spaces", Accepts::Number), STR],
        STRING,
        indent,
    ),
    Function::new(
        "join",
        "The elements of one or more lists of text as one text, with a separator between them.",
        [r#"join(", ", ["a", "b"])"#, r#""a, b""#],
        &[Parameter::new("separator", Accepts::String)],
        STRING,
        join,
    )
    .variadic(Parameter::new("lists", Accepts::Strings))
    .partly(partial::join),
    Function::new(
        "lower",
        "The text with every letter in lower case.",
        [r#"lower("Hello")"#, r#""hello""#],
        &[STR],
        STRING,
        |given| {
            Ok(given
                .text(0)
                .chars()
                .filter_map(|letter| letter.to_lowercase().next())
                .collect::<String>()
                .into())
        },
    ),
    Function::new(
        "split",
        "The parts of a text between separators, as a list.",
        [r#"split(",", "a,b")"#, r#"["a", "b"]"#],
        &[Parameter::new("separator", Accepts::String), STR],
        Returns::Always(Accepts::Strings),
        |given| Ok(strings(split(given.text(1), given.text(0)))),
    ),
    Function::new(
        "startswith",
        "True if the text starts with a prefix.",
        [r#"startswith("vm-1", "vm")"#, "true"],
        &[STR, Parameter::new("prefix", Accepts::String)],
        BOOL,
        |given| Ok(given.text(0).starts_with(given.text(1)).into()),
    )
    .partly(partial::starts_with),
    Function::new(
        "strcontains",
        "True if the text contains another.",
        [r#"strcontains("web-vm-1", "vm")"#, "true"],
        &[STR, Parameter::new("substr", Accepts::String)],
        BOOL,
        |given| Ok(given.text(0).contains(given.text(1)).into()),
    ),
    Function::new(
        "strrev",
        "The characters of the text in reverse order.",
        [r#"strrev("abc")"#, r#""cba""#],
        &[STR],
        STRING,
        |given| Ok(characters(given.text(0)).rev().collect::<String>().into()),
    ),
    Function::new(
        "substr",
        "Part of a text by offset and length in characters; a negative offset counts from the end, a negative length takes all.",
        [r#"substr("Hello", 1, 3)"#, r#""ell""#],
        &[STR, Parameter::new("offset", Accepts::Number), Parameter::new("length", Accepts::Number)],
        STRING,
        substr,
    ),
    Function::new(
        "title",
        "The text with the first letter of every word in upper case.",
        [r#"title("hello world")"#, r#""Hello World""#],
        &[STR],
        STRING,
        |given| Ok(title(given.text(0)).into()),
    ),
    Function::new(
        "trim",
        "The text without any of the given characters at its start and end.",
        [r#"trim("--a--", "-")"#, r#""a""#],
        &[STR, Parameter::new("cutset", Accepts::String)],
        STRING,
        |given| Ok(given.text(0).trim_matches(|c| given.text(1).contains(c)).into()),
    ),
    Function::new(
        "trimprefix",
        "The text without a prefix, if it has it.",
        [r#"trimprefix("vm-1", "vm-")"#, r#""1""#],
        &[STR, Parameter::new("prefix", Accepts::String)],
        STRING,
        |given| Ok(given.text(0).strip_prefix(given.text(1)).unwrap_or(given.text(0)).into()),
    )
    .partly(partial::trim_prefix),
    Function::new(
        "trimspace",
        "The text without white space at its start and end.",
        [r#"trimspace("  a\n")"#, r#""a""#],
        &[STR],
        STRING,
        |given| Ok(given.text(0).trim().into()),
    ),
    Function::new(
        "trimsuffix",
        "The text without a suffix, if it has it.",
        [r#"trimsuffix("report.json", ".json")"#, r#""report""#],
        &[STR, Parameter::new("suffix", Accepts::String)],
        STRING,
        |given| Ok(given.text(0).strip_suffix(given.text(1)).unwrap_or(given.text(0)).into()),
    )
    .partly(partial::trim_suffix),
    Function::new(
        "upper",
        "The text with every letter in upper case.",
        [r#"upper("Hello")"#, r#""HELLO""#],
        &[STR],
        STRING,
        |given| Ok(given.text(0).chars().map(upper).collect::<String>().into()),
    ),
];

pub(super) fn strings<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Value {
    Value::list(Type::String, all.into_iter().map(|one| Value::from(one.into())))
}

fn indent(given: &Arguments<'_>) -> Result<Value, Failure> {
    let text = given.text(1);
    let breaks = text.matches('\n').count();
    let spaces = usize::try_from(given.integer(0)?)
        .map_err(|_| Failure::argument(0, "the number of spaces must not be negative"))?;
    given.make_room(spaces.checked_mul(breaks).and_then(|added| added.checked_add(text.len())))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(spaces))).into())
}

fn join(given: &Arguments<'_>) -> Result<Value, Failure> {
    if given.all().len() < 2 {
        return Err(Failure::new("at least one list is required"));
    }
    let mut parts = Vec::new();
    for index in 1..given.all().len() {
        for (at, element) in given.elements(index).iter().enumerate() {
            if element.is_null() {
                let reason = format!("element {at} is null; cannot concatenate null values");
                return Err(Failure::argument(index, reason));
            }
            parts.push(text(element));
        }
    }
    let (glue, texts) = (given.text(0), parts.iter().map(|part| part.len()).sum::<usize>());
    given.make_room(glue.len().checked_mul(parts.len()).and_then(|glue| glue.checked_add(texts)))?;
    Ok(parts.join(glue).into())
}

fn split<'a>(text: &'a str, separator: &'a str) -> Vec<&'a str> {
    if separator.is_empty() {
        text.char_indices().map(|(at, character)| &text[at..at + character.len_utf8()]).collect()
    } else {
        text.split(separator).collect()
    }
}

fn substr(given: &Arguments<'_>) -> Result<Value, Failure> {
    let characters: Vec<&str> = characters(given.text(0)).collect();
    let (offset, length) = (given.integer(1)?, given.integer(2)?);
    let distance = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let start =
        if offset < 0 { characters.len().saturating_sub(distance) } else { distance.min(characters.len()) };
    let count = usize::try_from(length).unwrap_or(usize::MAX);
    let end = start.saturating_add(count).min(characters.len());
    Ok(characters[start..end].concat().into())
}

/// Returns the upper case of a letter; one whose upper case has several characters stays, as in Go.
fn upper(letter: char) -> char {
    let mut all = letter.to_uppercase();
    match (all.next(), all.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

fn title(text: &str) -> String {
    let mut after_separator = true;
    text.chars()
        .map(|character| {
            let shown = if after_separator { title_letter(character) } else { character };
            after_separator = is_separator(character);
            shown
        })
        .collect()
}

fn is_separator(character: char) -> bool {
    if character.is_ascii() {
        !character.is_ascii_alphanumeric() && character != '_'
    } else {
        !character.is_alphanumeric() && character.is_whitespace()
    }
}

/// Returns the title case of a letter: digraphs have their own, and Georgian letters have none.
fn title_letter(letter: char) -> char {
    match letter {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        'ა'..='ჿ' => letter,
        _ => upper(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("chomp", r#"["a\r\n\r\n"]"#, r#""a""#),
            ("endswith", r#"["straße", "ße"]"#, "true"),
            ("startswith", r#"["é", "e"]"#, "false"),
            ("strcontains", r#"["abc", ""]"#, "true"),
            ("indent", r#"[2, "a\n\nb\n"]"#, r#""a\n  \n  b\n  ""#),
            ("join", r#"[",", [1.50, true], ["x"]]"#, r#""1.5,true,x""#),
            ("join", r#"[",", []]"#, r#""""#),
            ("lower", r#"["ΣΑΣ"]"#, r#""σασ""#),
            ("upper", r#"["straße ı"]"#, r#""STRAßE I""#),
            ("title", r#"["it's a foo_bar ǆ"]"#, r#""It'S A Foo_bar ǅ""#),
            ("split", r#"["", ""]"#, "[]"),
            ("split", "[1, 212]", r#"["2","2"]"#),
            ("split", r#"["", "é日"]"#, r#"["é","日"]"#),
            ("strrev", r#"["👍🏽!"]"#, r#""!👍🏽""#),
            ("substr", r#"["hello", -3, 2]"#, r#""ll""#),
            ("substr", r#"["hello", 1, -1]"#, r#""ello""#),
            ("substr", r#"["hello", 9, 1]"#, r#""""#),
            ("substr", r#"["hello", -10, 2]"#, r#""he""#),
            ("trim", r#"["[abc]", "[]"]"#, r#""abc""#),
            ("trimprefix", "[123, 1]", r#""23""#),
            ("trimsuffix", r#"["hello--", "-"]"#, r#""hello-""#),
            ("trimspace", r#"["\t x \u00a0"]"#, r#""x""#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            ("upper", "[{}]", r#"invalid value for "str" parameter: string required"#),
            (
                "indent",
                r#"[-1, "a\nb"]"#,
                r#"invalid value for "spaces" parameter: the number of spaces must not be negative"#,
            ),
            ("indent", r#"[999999999, "a\nb"]"#, r#"the result of function "indent" would be too long"#),
            (
                "indent",
                r#"[1.5, "a"]"#,
                r#"invalid value for "spaces" parameter: value must be a whole number, between -9223372036854775808 and 9223372036854775807"#,
            ),
            ("join", r#"[","]"#, r#"call to function "join" failed: at least one list is required"#),
            (
                "join",
                r#"[",", ["a", null]]"#,
                r#"invalid value for "lists" parameter: element 1 is null; cannot concatenate null values"#,
            ),
            (
                "join",
                r#"[",", [["a"]]]"#,
                r#"invalid value for "lists" parameter: element 0: string required"#,
            ),
        ]);
    }
}
