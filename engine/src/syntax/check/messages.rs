//! Writes the messages about unreadable expressions.

use super::context::Kind;
use crate::diagnostic::{Diagnostic, Lookalike, did_you_mean};
use crate::source::Span;

type Message = Box<Diagnostic>;

fn error(code: &'static str, summary: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, summary)
}

/// Returns true if `c` is a quote that the language does not use.
fn is_odd_quote(c: char) -> bool {
    Lookalike::of(c).is_some_and(Lookalike::is_quote)
}

/// Returns the number of bytes after a foreign opening quote that belong to the quoted text.
pub(super) fn quoted_length(quote: &str, after: &str) -> usize {
    let closing: &[char] = match quote {
        "'" => &['\''],
        "`" => &['`'],
        _ if quote.chars().all(is_odd_quote) => &[],
        _ => return 0,
    };
    let closes = |c: char| if closing.is_empty() { is_odd_quote(c) } else { closing.contains(&c) };
    after.char_indices().find(|(_, c)| closes(*c)).map_or(0, |(at, c)| at + c.len_utf8())
}

/// Returns the message about an unknown character. `rest` is the text it may enclose, `after` the rest of its
/// line.
pub(super) fn unknown(written: &str, rest: &str, after: &str, here: Span) -> Message {
    let message =
        error("invalid-character", format!("`{}` has no meaning in an expression", written.escape_debug()))
            .at(here, "");
    let inner = rest.char_indices().next_back().map_or("", |(end, _)| &rest[..end]);
    let is_plain = !rest.is_empty() && inner.len() <= 60 && !inner.contains(['"', '\\']);
    let write = if is_plain { format!("write `\"{inner}\"`") } else { "write `\"text\"`".to_owned() };
    if let Some((_, lookalike)) = Lookalike::find(written) {
        return Box::new(odd(lookalike, write, here));
    }
    Box::new(match written {
        "'" => error("invalid-character", "text is written in double quotes")
            .at(here, "a single quote has no meaning here")
            .help(write),
        "`" => error("invalid-character", "text is written in straight double quotes")
            .at(here, "this is another kind of quote")
            .help(write),
        "$" | "%" if after.starts_with('{') => {
            error("invalid-character", format!("`{written}{{` is only allowed inside quotes"))
                .at(here, "not inside a text")
                .help("for the value itself, leave out the braces and the sign: `var.name`")
                .help("for a text with values in it, put it in quotes: `\"${var.name}-x\"`")
        }
        "$" => message.help("to refer to a variable write `var.name`"),
        "&" => message.help("for \"and\" write `&&`"),
        "|" => message.help("for \"or\" write `||`"),
        "^" => message.help("for powers write `pow(x, y)`"),
        ";" => message.help("end each argument with a line break"),
        "\\" => message
            .help("a backslash is only allowed inside quotes; use parentheses to continue on the next line"),
        _ => message.help("remove it, or put it in quotes when it is part of a text"),
    })
}

/// About a character that only looks like one of the language; `write` says how the text that it begins is written.
fn odd(lookalike: Lookalike, write: String, here: Span) -> Diagnostic {
    if lookalike.is_quote() {
        return error("invalid-character", "text is written in straight double quotes")
            .at(here, format!("this begins with {lookalike}"))
            .help(write);
    }
    error("invalid-character", format!("{lookalike} has no meaning outside of a text"))
        .at(here, "this character")
        .help(lookalike.remedy('"'))
}

/// Returns the message about a query whose own texts are in double quotes.
pub(super) fn query_in_double_quotes(query: &str, here: Span, before: Span) -> Message {
    let message = error("missing-operator", "a JMESPath query with double quotes inside");
    let message = message.at(here, "the string ended before this").also(before, "here");
    Box::new(message.help(format!("use single quotes inside a query: \"{query}\"")))
}

/// Returns the message about two adjacent expressions; `words` are the end of the first and the beginning of
/// the second.
pub(super) fn two_operands(kind: Kind, words: (&str, &str), here: Span, before: Span) -> Message {
    let message = error("missing-operator", "an operator is missing between two expressions")
        .at(here, "this begins a second one")
        .also(before, "after this");
    Box::new(match (words, kind) {
        ((_, "and"), _) => message.help("for \"and\" write `&&`"),
        ((_, "or"), _) => message.help("for \"or\" write `||`"),
        (("not", _), _) => message.help("for \"not\" write `!`"),
        ((_, "not" | "is"), _) => message.help("compare with `==` and `!=`; for \"not\" write `!`"),
        ((_, "in"), _) => message.help("whether a list holds a value says `contains(list, value)`"),
        (("if", _) | (_, "if" | "then" | "else"), _) => {
            message.help("a conditional is written `condition ? value : other`")
        }
        ((_, "for"), _) => message.help(
            "a `for` comes first: `[for value in list : value]`, or `{for key, value in map : key => value}`",
        ),
        (_, Kind::Tuple | Kind::Arguments) => message.help("put a comma between them"),
        (_, Kind::Object) => message
            .help("put a comma or a line break between them")
            .help("write `=` between a key and its value"),
        (_, Kind::Interpolation) => message
            .help("an interpolation holds one expression; end it with `}`")
            .help("to write `${` itself, double the sign: `$${`"),
        (_, Kind::Top) => message
            .help("begin each argument on a line of its own")
            .help("to join texts, write `\"${a}${b}\"`"),
        _ => message.help("put an operator between them, or remove one"),
    })
}

pub(super) fn missing_operand(what: &str, before: Span, here: Span) -> Message {
    let message = error("missing-expression", format!("{what} is missing"));
    let label = if here.start == here.end { "expected it here" } else { "expected it before this" };
    let message = message.at(here, label);
    // At the start of an argument there is no earlier expression.
    Box::new(if before.start == before.end { message } else { message.also(before, "after this") })
}

pub(super) fn operator_without_operand(before: &str, symbol: &str, previous: Span, here: Span) -> Message {
    let pair = format!("{before}{symbol}");
    let message = error("missing-expression", format!("`{symbol}` has no value before it"));
    let message = if before.is_empty() || previous.end < here.start {
        message.at(here, "expected a value before this")
    } else {
        message.at(previous.to(here), "no value between these")
    };
    Box::new(match pair.as_str() {
        "===" => message.help("to compare, write `==`"),
        "<>" | "!==" => message.help("for \"not equal\" write `!=`"),
        "->" => message.help("in an object write `key = value`, in a `for` in braces `key => value`"),
        "**" => message.help("for powers write `pow(x, y)`"),
        "??" => message.help("for a value when another is null, write `coalesce(a, b)`"),
        "++" | "--" => message.help("write `+ 1` or `- 1`"),
        "=~" => message.help("to match a pattern, write `can(regex(\"pattern\", text))`"),
        _ if symbol == "." => message.help("a number begins with a digit: `0.5`"),
        _ => message.help(format!("`{symbol}` needs an operand on each side")),
    })
}

pub(super) fn misplaced(symbol: &str, here: Span) -> Message {
    let message = error("misplaced-operator", format!("unexpected `{symbol}`"));
    Box::new(match symbol {
        "=" => message.at(here, "`=` sets an argument or a key").help("to compare, write `==`"),
        ":" => message
            .at(here, "`:` belongs to a conditional, a `for` or an object")
            .help("write `condition ? a : b`, or `{ key = value }`"),
        "=>" => {
            message.at(here, "`=>` belongs to `{for … : key => value}`").help("for \"at least\" write `>=`")
        }
        "!" => message.at(here, "`!` precedes its operand").help("for \"not equal\" write `!=`"),
        _ => message
            .at(here, "`...` follows the last argument of a call, or the value of `{for … : k => v...}`"),
    })
}

pub(super) fn bad_number(written: &str, here: Span) -> Message {
    let message = error("invalid-number", "this is not a number").at(here, "more than digits");
    let digits: String = written.chars().filter(|&c| c != '_').collect();
    let based = |prefix: [&str; 2], base: u32| {
        let rest = prefix.iter().find_map(|prefix| digits.strip_prefix(prefix))?;
        let fits = !rest.is_empty() && rest.chars().all(|c| c.is_digit(base));
        fits.then(|| format!("write `parseint(\"{rest}\", {base})`"))
    };
    let other_base =
        based(["0x", "0X"], 16).or_else(|| based(["0b", "0B"], 2)).or_else(|| based(["0o", "0O"], 8));
    Box::new(if let Some(help) = other_base {
        message.help(help)
    } else if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        message.help(format!("write it without `_`: `{digits}`"))
    } else {
        message
            .help(format!("put it in quotes when it is a text: `\"{written}\"`"))
            .help("numbers are decimal, such as `10`, `1.5` or `1e3`")
    })
}

pub(super) fn bare_dot(here: Span, before_text: bool) -> Message {
    let message = error("missing-attribute", "a name must follow the dot")
        .at(here, "a name must follow")
        .help("write `value.name`, or `value[\"name\"]` when the name is not a plain word");
    Box::new(if before_text { message.help("to join texts, write `\"${a}${b}\"`") } else { message })
}

pub(super) fn double_braces(here: Span) -> Message {
    Box::new(
        error("missing-value", "an object cannot be a key")
            .at(here, "`{{` begins an object in an object")
            .help("to use a value, leave out the braces: `var.name`; in a text, `\"${var.name}\"`"),
    )
}

pub(super) fn for_without_arrow(open: Span, here: Span) -> Message {
    Box::new(
        error("invalid-for", "a `for` in braces needs keys and values")
            .at(here, "expected `=> value` before this")
            .also(open, "opened here")
            .help("write `{for key, value in map : key => value}`, or use brackets for a list: `[for value in list : value]`"),
    )
}

pub(super) fn arrow_in_brackets(here: Span, open: Span) -> Message {
    Box::new(
        error("invalid-for", "a `for` in brackets has values without keys")
            .at(here, "`=>` separates a key")
            .also(open, "a list begins here")
            .help("use braces for an object: `{for key, value in map : key => value}`"),
    )
}

pub(super) fn method(name: &str, here: Span) -> Message {
    Box::new(
        error("no-methods", "values have no methods")
            .at(here, "called like a method")
            .help(format!("put the value in the call: `{name}(value)`")),
    )
}

pub(super) fn comma(kind: Kind, here: Span) -> Message {
    let message = error("misplaced-comma", "unexpected comma").at(here, "");
    Box::new(match kind {
        Kind::Top => message.help("end each argument with a line break, not with a comma"),
        Kind::Index => message.help("an index is one expression: `x[0][1]`"),
        Kind::Tuple | Kind::Object => message.help("a `for` must be alone in its brackets"),
        _ => message.help("for a list, use brackets: `[a, b]`"),
    })
}

pub(super) fn key_without_value(key: Span) -> Message {
    Box::new(
        error("missing-value", "a key without a value")
            .at(key, "expected `= value` after this, on the same line")
            .help("an object is written `{ key = value }`, a list `[a, b]`"),
    )
}

pub(super) fn half_conditional(question: Span, here: Span) -> Message {
    Box::new(
        error("incomplete-conditional", "a conditional without its second value")
            .at(question, "this `?` needs a `:`")
            .also(here, "expected `: value` before this")
            .help("write `condition ? value : other`; use `null` if there is no other"),
    )
}

pub(super) fn bad_for(word: Span, here: Span) -> Message {
    Box::new(
        error("invalid-for", "this `for` cannot be read")
            .at(here, "expected a name, then `in`")
            .also(word, "in this `for`")
            .help("write `for value in list`, or `for key, value in map`"),
    )
}

pub(super) fn for_without_colon(open: Span, here: Span) -> Message {
    Box::new(
        error("invalid-for", "a `for` without its result")
            .at(here, "expected `: result` before this")
            .also(open, "opened here")
            .help("write `[for value in list : value]`, or `{for key, value in map : key => value}`"),
    )
}

pub(super) fn unknown_directive(word: &str, here: Span) -> Message {
    const DIRECTIVES: [&str; 5] = ["if", "else", "endif", "for", "endfor"];
    let message = error("unknown-directive", format!("`{word}` is not a template directive")).at(here, "");
    Box::new(match (word, did_you_mean(word, DIRECTIVES)) {
        ("elif" | "elseif" | "elsif", _) => message
            .help("put another `if` in the `else`: `%{ else }%{ if … }…%{ endif }%{ endif }`")
            .help("or choose in an expression: `${a ? \"x\" : b ? \"y\" : \"z\"}`"),
        ("end", _) => message.help("an `if` ends with `%{ endif }`, a `for` with `%{ endfor }`"),
        (_, Some(meant)) => message.help(meant),
        (_, None) => message
            .help("the directives are `if`, `else`, `endif`, `for` and `endfor`")
            .help("to write `%{` itself, double the sign: `%%{`"),
    })
}

pub(super) fn unbalanced_directive(word: &str, here: Span, open: Option<(String, Span)>) -> Message {
    let message = error("unbalanced-directive", format!("`{word}` without its beginning")).at(here, "");
    Box::new(match open {
        None => message.help("remove it, or add the `if` or `for` that it belongs to"),
        Some((open, at)) => {
            let end = if open == "for" { "endfor" } else { "endif" };
            message.also(at, format!("this needs `%{{ {end} }}` first"))
        }
    })
}

pub(super) fn unclosed_directive(word: &str, at: Span) -> Message {
    let end = if word == "for" { "endfor" } else { "endif" };
    Box::new(
        error("unbalanced-directive", format!("a template `{word}` is never ended"))
            .at(at, "begins here")
            .help(format!("add `%{{ {end} }}`")),
    )
}
