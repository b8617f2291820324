//! Shows values to people, in plans, outputs and messages.

use std::fmt::{self, Write};

use super::{Data, Entries, Value, quote};
use crate::diagnostic::is_hidden;

/// The size limit for a list of primitive values on one line, in characters.
const SHORT: usize = 72;

/// The layout of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The number of spaces before every line except the first.
    pub indent: usize,
    /// True if multi-line strings are shown as heredocs, rather than on one line with `\n`; a string without a
    /// final line feed is shown as `chomp(…)` of one.
    pub heredocs: bool,
}

impl Default for Layout {
    /// Returns a layout without indentation and with heredocs.
    fn default() -> Self {
        Self { indent: 0, heredocs: true }
    }
}

/// Writes a value as HCL over as many lines as needed: with aligned names, exact numbers and escaped strings.
///
/// Marked values are written as `(sensitive value)` or `(ephemeral value)` at any depth, unknown ones as
/// `(known after step.a.b)`. Lists, sets and tuples look alike, as do maps and objects.
#[must_use]
pub fn show(value: &Value, layout: Layout) -> String {
    let mut printer = Printer { out: String::new(), heredocs: layout.heredocs };
    printer.value(value, layout.indent);
    printer.out
}

/// Writes a value as [`show`] does, on one line of at most `width` characters; a longer one is cut, with `…`
/// at the end.
#[must_use]
pub fn show_inline(value: &Value, width: usize) -> String {
    let mut line = Line { out: String::new(), left: width };
    // The only error is a full line.
    if inline(value, &mut line).is_err() {
        line.out.pop();
        line.out.push('…');
    }
    line.out
}

/// Returns a remark if two values shown by [`show_inline`] differ only in the part that is cut off.
#[must_use]
pub fn unseen_difference(one: &Value, other: &Value, width: usize) -> &'static str {
    let is_seen = || show_inline(one, width) != show_inline(other, width);
    if one == other || one.has_deep_marks() || other.has_deep_marks() || is_seen() {
        ""
    } else {
        " (they differ further on)"
    }
}

struct Printer {
    out: String,
    heredocs: bool,
}

impl Printer {
    /// Writes `value`; lines after its first are indented by `indent`.
    fn value(&mut self, value: &Value, indent: usize) {
        match value.data() {
            _ if value.is_marked() => self.out.push_str(&plain(value)),
            Data::String(text) => self.text(text, indent),
            Data::Unknown(unknown) if let Some(text) = unknown.partial_text() => self.text(&text, indent),
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                match short(value, elements) {
                    Some(line) => self.out.push_str(&line),
                    None => self.elements(elements, indent),
                }
            }
            Data::Map(_, entries) | Data::Object(entries) if !entries.is_empty() => {
                self.entries(entries, indent);
            }
            _ => self.out.push_str(&plain(value)),
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if self.heredocs && is_block(text) {
            self.heredoc(text, indent);
        } else {
            self.out.push_str(&quote(text));
        }
    }

    fn elements(&mut self, elements: &[Value], indent: usize) {
        self.out.push('[');
        for element in elements {
            self.line(indent + 2);
            self.value(element, indent + 2);
            self.out.push(',');
        }
        self.line(indent);
        self.out.push(']');
    }

    fn entries(&mut self, entries: &Entries, indent: usize) {
        let names: Vec<_> = entries.keys().map(|name| shown_name(name)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        self.out.push('{');
        for (name, value) in names.iter().zip(entries.values()) {
            self.line(indent + 2);
            let padding = width - name.chars().count();
            self.out.extend([name, " ".repeat(padding).as_str(), " = "]);
            self.value(value, indent + 2);
        }
        self.line(indent);
        self.out.push('}');
    }

    fn heredoc(&mut self, text: &str, indent: usize) {
        // A here document ends in a line feed.
        let is_chomped = !text.ends_with('\n');
        let mut end = "EOT".to_owned();
        while text.lines().any(|line| line.trim() == end) {
            end.push('_');
        }
        self.out.extend([if is_chomped { "chomp(<<-" } else { "<<-" }, &end]);
        for line in text.lines() {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent + 2));
                self.out.push_str(&line.replace("${", "$${").replace("%{", "%%{"));
            }
        }
        self.line(indent);
        self.out.push_str(&end);
        if is_chomped {
            self.line(indent);
            self.out.push(')');
        }
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Returns true if a string can be shown as a heredoc: it has several lines, and needs no escapes.
fn is_block(text: &str) -> bool {
    let is_plain = |c: char| matches!(c, '\n' | '\t') || !is_hidden(c);
    text.trim_end_matches('\n').contains('\n') && text.chars().all(is_plain)
}

/// Returns the elements on one line, if all are primitive and they fit.
fn short(value: &Value, elements: &[Value]) -> Option<String> {
    let is_plain = |element: &Value| element.is_marked() || element.children().next().is_none();
    if !elements.iter().all(is_plain) {
        return None;
    }
    let mut line = Line { out: String::new(), left: SHORT };
    inline(value, &mut line).is_ok().then_some(line.out)
}

/// Returns a primitive value in one line.
fn plain(value: &Value) -> String {
    let mut line = Line { out: String::new(), left: usize::MAX };
    // A line without a limit is never full.
    let _ = inline(value, &mut line);
    line.out
}

fn inline(value: &Value, line: &mut Line) -> fmt::Result {
    if let Some(word) = value.marks().word() {
        return write!(line, "({word} value)");
    }
    match value.data() {
        Data::Null(_) => line.write_str("null"),
        Data::Unknown(unknown) => match unknown.partial_text() {
            Some(text) => inline_text(&text, line),
            None => write!(line, "({})", unknown.origins),
        },
        Data::Bool(value) => write!(line, "{value}"),
        Data::Number(value) => write!(line, "{value}"),
        Data::String(text) => inline_text(text, line),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            line.write_str("[")?;
            for (at, element) in elements.iter().enumerate() {
                line.write_str(if at > 0 { ", " } else { "" })?;
                inline(element, line)?;
            }
            line.write_str("]")
        }
        Data::Map(_, entries) | Data::Object(entries) if entries.is_empty() => line.write_str("{}"),
        Data::Map(_, entries) | Data::Object(entries) => {
            line.write_str("{ ")?;
            for (at, (name, value)) in entries.iter().enumerate() {
                line.write_str(if at > 0 { ", " } else { "" })?;
                write!(line, "{} = ", shown_name(name))?;
                inline(value, line)?;
            }
            line.write_str(" }")
        }
    }
}

fn inline_text(text: &str, line: &mut Line) -> fmt::Result {
    // Escapes only make the text longer, so no more of it can fit.
    let end = text.char_indices().nth(line.left).map_or(text.len(), |(at, _)| at);
    line.write_str(&quote(&text[..end]))
}

/// Returns a name, quoted unless it is an identifier.
fn shown_name(name: &str) -> String {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_identifier =
        name.starts_with(is_start) && name.chars().all(|c| is_start(c) || c.is_ascii_digit() || c == '-');
    if is_identifier { name.to_owned() } else { quote(name) }
}

/// A line with a limited number of characters.
struct Line {
    out: String,
    left: usize,
}

impl Write for Line {
    /// Appends as much text as fits; fails if that is not all.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.out.push(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Marks, Origins, Type};

    fn secret(text: &str) -> Value {
        Value::from(text).with_marks(&Marks::sensitive("var.password"))
    }

    fn unknown() -> Value {
        Value::unknown(Type::String, Origins::of("step.a.b"))
    }

    #[test]
    fn plain_values() {
        let cases = [
            (Value::NULL, "null"),
            (true.into(), "true"),
            (12_345_678_901_234_567_i64.into(), "12345678901234567"),
            ("a\"${b}\x1b".into(), r#""a\"$${b}\u001b""#),
            (secret("hunter2"), "(sensitive value)"),
            (Value::from("x").with_marks(&Marks::ephemeral("var.e")), "(ephemeral value)"),
            (secret("hunter2").with_marks(&Marks::ephemeral("var.e")), "(sensitive value)"),
            (unknown(), "(known after step.a.b)"),
            (unknown().with_marks(&Marks::sensitive("x")), "(sensitive value)"),
            (Value::tuple([]), "[]"),
            (Value::object::<&str>([]), "{}"),
            (
                Value::tuple([1_i64.into(), "b".into(), secret("x"), unknown()]),
                r#"[1, "b", (sensitive value), (known after step.a.b)]"#,
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(show(&value, Layout::default()), expected);
            assert_eq!(show_inline(&value, 200), expected);
        }
    }

    #[test]
    fn nested_values_are_aligned() {
        let value = Value::object([
            ("id", 7_i64.into()),
            ("long name", Value::object([("deep", secret("hunter2")), ("d", unknown())])),
            ("ünits", Value::tuple([Value::object([("x", 1_i64.into())]), Value::tuple([])])),
            ("text", "first ${x}\n\n  second\n".into()),
        ]);
        insta::assert_snapshot!(show(&value, Layout { indent: 2, ..Layout::default() }), @r#"
{
    id          = 7
    "long name" = {
      d    = (known after step.a.b)
      deep = (sensitive value)
    }
    text        = <<-EOT
      first $${x}

        second
    EOT
    "ünits"     = [
      {
        x = 1
      },
      [],
    ]
  }
"#);
        insta::assert_snapshot!(show_inline(&value, 1000), @r#"
{ id = 7, "long name" = { d = (known after step.a.b), deep = (sensitive value) }, text = "first $${x}\n\n  second\n", "ünits" = [{ x = 1 }, []] }
"#);
        let escaped = show(&value, Layout { heredocs: false, indent: 0 });
        assert!(escaped.contains(r#"text        = "first $${x}\n\n  second\n""#), "{escaped}");
    }

    #[test]
    fn long_lists_take_a_line_an_element() {
        let value = Value::tuple((0..3).map(|_| Value::from("x".repeat(30))));
        assert_eq!(show(&value, Layout::default()).lines().count(), 5);
    }

    #[test]
    fn a_here_document_ends_at_a_word_it_does_not_hold() {
        let cases = [
            ("a\nEOT\n", "<<-EOT_\n  a\n  EOT\nEOT_"),
            ("one\n", "\"one\\n\""),
            ("a\r\nb", "\"a\\r\\nb\""),
            ("a\n\x1b", "\"a\\n\\u001b\""),
            ("a\n\tb\n", "<<-EOT\n  a\n  \tb\nEOT"),
            ("a\nb", "chomp(<<-EOT\n  a\n  b\nEOT\n)"),
            ("a\nb\n\n", "<<-EOT\n  a\n  b\n\nEOT"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(&text.into(), Layout::default()), expected);
        }
    }

    #[test]
    fn what_differs_is_shown_differently_or_said_to_differ() {
        let long = "x".repeat(100);
        let texts = [
            "",
            "\n",
            "a",
            "a\n",
            "a\n\n",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            "\na\nb\n",
            &long,
            &format!("{long}\n"),
        ];
        for (at, one) in texts.iter().enumerate() {
            for other in &texts[at + 1..] {
                let (one, other) = (Value::from(*one), Value::from(*other));
                for heredocs in [true, false] {
                    let layout = Layout { indent: 2, heredocs };
                    assert_ne!(show(&one, layout), show(&other, layout));
                }
                let is_seen = show_inline(&one, 60) != show_inline(&other, 60);
                assert_eq!(unseen_difference(&one, &other, 60).is_empty(), is_seen);
            }
        }
        assert_eq!(unseen_difference(&secret("a"), &secret("b"), 60), "");
    }

    #[test]
    fn one_line_is_cut_to_its_width() {
        let cases = [(6, "\"日本語テ…"), (5, "\"日本語…"), (3, "\"日…"), (1, "…"), (0, "…")];
        for (width, expected) in cases {
            assert_eq!(show_inline(&"日本語テキスト".into(), width), expected);
        }
        let long = Value::from("x".repeat(1000));
        let huge = Value::tuple((0..100_000).map(|_| long.clone()));
        assert_eq!(show_inline(&huge, 40).chars().count(), 40);
    }
}
