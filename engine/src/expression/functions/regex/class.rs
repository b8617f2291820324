//! Translates character classes (`[a-z]`, `\d`, `\pL`) and escaped characters.

use std::fmt::Write;

/// The names of ASCII classes, as in `[[:alpha:]]`.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// The general categories of Unicode.
const CATEGORIES: [&str; 37] = [
    "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
    "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    "Any",
];

/// Translates the class in brackets at the start of `rest`. Characters are written as codes, because more of them are
/// special to the `regex` crate than to Go.
pub(super) fn bracket(rest: &mut &str) -> Result<String, String> {
    *rest = &rest[1..];
    let mut out = "[".to_owned();
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        *rest = after;
    }
    let mut is_first = true;
    loop {
        match rest.chars().next() {
            None => return Err("unclosed character class".to_owned()),
            Some(']') if !is_first => break,
            Some(_) => {}
        }
        is_first = false;
        if let Some(class) = named(rest)? {
            out.push_str(&class);
        } else if let Some(class) = escaped(rest)? {
            out.push_str(&class);
        } else {
            range(rest, &mut out)?;
        }
    }
    *rest = &rest[1..];
    out.push(']');
    Ok(out)
}

/// Parses `[:name:]`.
fn named(rest: &mut &str) -> Result<Option<String>, String> {
    let Some(text) = rest.strip_prefix("[:") else { return Ok(None) };
    let end = text.find(|c: char| !c.is_ascii_lowercase() && c != '^').unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let Some(after) = after.strip_prefix(":]") else { return Ok(None) };
    if !NAMED.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err("there is no class of ASCII with that name".to_owned());
    }
    *rest = after;
    Ok(Some(format!("[:{name}:]")))
}

/// Parses a character, or a range of characters.
fn range(rest: &mut &str, out: &mut String) -> Result<(), String> {
    let first = character(rest)?;
    let mut last = first;
    if let Some(after) = rest.strip_prefix('-').filter(|after| !after.is_empty() && !after.starts_with(']')) {
        *rest = after;
        last = character(rest)?;
    }
    if last < first {
        return Err("a range of characters ends before it begins".to_owned());
    }
    // Writing to a String does not fail.
    let _ = write!(out, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(first), u32::from(last));
    Ok(())
}

fn character(rest: &mut &str) -> Result<char, String> {
    match rest.chars().next() {
        None => Err("unclosed character class".to_owned()),
        Some('\\') => escaped_character(rest),
        Some(plain) => {
            *rest = &rest[plain.len_utf8()..];
            Ok(plain)
        }
    }
}

/// Translates an escaped class, if one is at the start. In Go, all but `\p` and `\P` are ASCII only.
pub(super) fn escaped(rest: &mut &str) -> Result<Option<String>, String> {
    let class = match rest.get(..2) {
        Some("\\d") => "[0-9]",
        Some("\\D") => "[^0-9]",
        Some("\\s") => "[\\t\\n\\x0C\\r ]",
        Some("\\S") => "[^\\t\\n\\x0C\\r ]",
        Some("\\w") => "[0-9A-Za-z_]",
        Some("\\W") => "[^0-9A-Za-z_]",
        Some(start @ ("\\p" | "\\P")) => return unicode(start == "\\P", rest).map(Some),
        _ => return Ok(None),
    };
    *rest = &rest[2..];
    Ok(Some(class.to_owned()))
}

/// Translates `\pN`, `\p{Name}` or `\p{^Name}`: a general category or a script.
fn unicode(is_negated: bool, rest: &mut &str) -> Result<String, String> {
    let text = &rest[2..];
    let (name, after) = match text.strip_prefix('{') {
        Some(text) => text.split_once('}').ok_or("the name of a class of Unicode does not end")?,
        None => text.split_at(text.chars().next().map_or(0, char::len_utf8)),
    };
    *rest = after;
    let (is_negated, name) = match name.strip_prefix('^') {
        Some(name) => (!is_negated, name),
        None => (is_negated, name),
    };
    let letter = if is_negated { 'P' } else { 'p' };
    if CATEGORIES.contains(&name) {
        return Ok(format!("\\{letter}{{{name}}}"));
    }
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !is_name || !name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return Err("there is no class of Unicode with that name".to_owned());
    }
    Ok(format!("\\{letter}{{Script={name}}}"))
}

/// Parses an escape sequence for one character.
pub(super) fn escaped_character(rest: &mut &str) -> Result<char, String> {
    const INVALID: &str = "invalid escape sequence";
    let mut characters = rest[1..].chars();
    let first = characters.next().ok_or("a backslash ends the pattern")?;
    let found = match first {
        'a' => Some('\u{7}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        'x' => {
            let (code, after) = hexadecimal(characters.as_str()).ok_or(INVALID)?;
            characters = after.chars();
            char::from_u32(code)
        }
        '0'..='7' => {
            let digits = rest[1..].bytes().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            // A single digit other than 0 would be a backreference.
            let is_octal = first == '0' || digits > 1;
            characters = rest[1 + digits..].chars();
            u32::from_str_radix(&rest[1..=digits], 8).ok().filter(|_| is_octal).and_then(char::from_u32)
        }
        plain if plain.is_ascii() && !plain.is_ascii_alphanumeric() => Some(plain),
        _ => None,
    };
    *rest = characters.as_str();
    found.ok_or_else(|| INVALID.to_owned())
}

/// Parses two hexadecimal digits, or any number of them in braces.
fn hexadecimal(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = match text.strip_prefix('{') {
        Some(text) => text.split_once('}')?,
        None => text.split_at_checked(2)?,
    };
    let is_hexadecimal = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)?, after))
}
