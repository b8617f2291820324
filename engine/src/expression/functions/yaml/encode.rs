//! Writes YAML in the style of Terraform's `yamlencode`.

use std::fmt::Write;

use crate::value::{Data, Value};

/// The column after which a quoted string continues on the next line.
const MAX_WIDTH: usize = 80;

/// The length limit of a simple key, in bytes.
const MAX_NAME: usize = 128;

/// Returns the document: in block style, with names and strings in double quotes, and multi-line strings as
/// literal blocks.
pub(super) fn encode(value: &Value) -> String {
    let mut out = String::new();
    write_node(&mut out, value, 0);
    out.push('\n');
    if matches!(value.data(), Data::Null(_) | Data::Bool(_) | Data::Number(_)) {
        out.push_str("...\n");
    }
    out
}

/// Writes a value after its introduction on the line; further lines start at `indent`.
fn write_node(out: &mut String, value: &Value, indent: usize) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(value) => out.push_str(&value.to_string()),
        Data::String(text) => write_text(out, text, indent),
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) if all.is_empty() => out.push_str("[]"),
        Data::Map(_, all) | Data::Object(all) if all.is_empty() => out.push_str("{}"),
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => {
            for (at, element) in all.iter().enumerate() {
                start_item(out, at, indent);
                out.push_str("- ");
                write_node(out, element, indent + 2);
            }
        }
        Data::Map(_, all) | Data::Object(all) => {
            for (at, (name, value)) in all.iter().enumerate() {
                start_item(out, at, indent);
                write_item(out, name, value, indent);
            }
        }
    }
}

/// Writes a name and a value. A long or multi-line name is a complex key, between `?` and `:`.
fn write_item(out: &mut String, name: &str, value: &Value, indent: usize) {
    if name.len() <= MAX_NAME && !name.contains(is_line_break) {
        write_quoted(out, name, None);
        out.push(':');
        write_entry(out, value, indent);
    } else {
        out.push_str("? ");
        write_text(out, name, indent + 2);
        start_item(out, 1, indent);
        out.push_str(": ");
        write_node(out, value, indent + 2);
    }
}

/// Writes a value after a name: on the same line, or from the next one on; a list is not indented there.
fn write_entry(out: &mut String, value: &Value, indent: usize) {
    let is_empty = value.length() == Some(0);
    match value.data() {
        Data::List(..) | Data::Set(..) | Data::Tuple(_) if !is_empty => {
            start_item(out, 1, indent);
            write_node(out, value, indent);
        }
        Data::Map(..) | Data::Object(_) if !is_empty => {
            start_item(out, 1, indent + 2);
            write_node(out, value, indent + 2);
        }
        _ => {
            out.push(' ');
            write_node(out, value, indent + 2);
        }
    }
}

/// Starts a line, except before the first item, which continues the line of the list or map.
fn start_item(out: &mut String, at: usize, indent: usize) {
    if at > 0 {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn write_text(out: &mut String, text: &str, indent: usize) {
    let can_be_literal = text.contains('\n')
        && !text.ends_with(' ')
        && !text.contains(" \n")
        && text.chars().all(|c| c == '\n' || is_plain(c));
    if !can_be_literal {
        write_quoted(out, text, Some(indent.max(2)));
        return;
    }
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    match text.strip_suffix('\n') {
        None => out.push('-'),
        Some(before) if before.is_empty() || before.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent.max(2)));
            out.push_str(line);
        }
    }
}

/// Writes a string in double quotes. With `fold`, the line ends at the first space after column 80 and continues at the
/// column `fold`; the line break replaces the space.
fn write_quoted(out: &mut String, text: &str, fold: Option<usize>) {
    out.push('"');
    let mut column = out.rsplit('\n').next().map_or(0, |line| line.chars().count());
    let mut after_space = false;
    for (at, character) in text.char_indices() {
        let written = out.len();
        let is_inside = at > 0 && at + 1 < text.len();
        match fold {
            Some(indent) if character == ' ' && is_inside && !after_space && column > MAX_WIDTH => {
                start_item(out, 1, indent);
                column = indent;
                if text[at + 1..].starts_with(' ') {
                    out.push('\\');
                    column += 1;
                }
            }
            _ => {
                write_character(out, character);
                column += out[written..].chars().count();
            }
        }
        after_space = character == ' ';
    }
    out.push('"');
}

fn write_character(out: &mut String, character: char) {
    let escaped = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ if is_plain(character) => return out.push(character),
        _ => return write_escaped(out, u32::from(character)),
    };
    out.push_str(escaped);
}

fn write_escaped(out: &mut String, code: u32) {
    // Writing to a string cannot fail.
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02X}"),
        0x100..=0xffff => write!(out, "\\u{code:04X}"),
        _ => write!(out, "\\U{code:08X}"),
    };
}

fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns true if a character needs no escape; Terraform's emitter escapes all characters beyond the basic
/// plane.
fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}
