//! Formats a value by a verb.

use crate::value::{Data, Number, TextBuilder, TextKind, Type, Value, characters, convert};

/// A verb of a pattern.
#[derive(Default)]
pub(super) struct Verb<'a> {
    /// The verb as written.
    pub(super) raw: &'a str,
    pub(super) letter: char,
    /// The flags: any of `#`, `0`, `-`, `+` and a space, in any order.
    pub(super) flags: &'a str,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    /// The explicit index of the argument, from 0, if given.
    pub(super) argument: Option<usize>,
}

impl Verb<'_> {
    /// Appends the value; in an error, `{verb}` is the verb and its position.
    pub(super) fn append(&self, value: &Value, out: &mut TextBuilder) -> Result<(), String> {
        if value.is_wholly_known() {
            let mut text = String::new();
            self.write(value, &mut text)?;
            out.push_str(&text);
        } else if value.pattern().is_some() && self.is_plain() {
            out.push(value);
        } else {
            out.push_unknown(&value.origins(), TextKind::Plain);
        }
        Ok(())
    }

    /// Returns true if the verb writes a string unchanged.
    fn is_plain(&self) -> bool {
        matches!(self.letter, 's' | 'v')
            && self.flags.is_empty()
            && self.width.is_none()
            && self.precision.is_none()
    }

    fn write(&self, value: &Value, out: &mut String) -> Result<(), String> {
        if value.is_null() && self.letter != 'v' {
            return Err("unsupported value for {verb}: null value cannot be formatted".to_owned());
        }
        match self.letter {
            'v' => self.write_any(value, out),
            't' => {
                let text = converted(value, &Type::Bool)?;
                self.pad(out, "", if matches!(text.data(), Data::Bool(true)) { "true" } else { "false" });
                Ok(())
            }
            's' | 'q' => {
                let value = converted(value, &Type::String)?;
                self.write_text(value.as_str().unwrap_or_default(), out)
            }
            _ => {
                let value = converted(value, &Type::Number)?;
                let Data::Number(number) = value.data() else { return Ok(()) };
                self.write_number(number, out)
            }
        }
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn write_any(&self, value: &Value, out: &mut String) -> Result<(), String> {
        match value.data() {
            Data::String(text) if !self.has('#') => self.write_text(text, out),
            Data::Number(number) if !self.has('#') => {
                // Only the width applies here, not the other flags.
                self.pad(out, "", &number.to_general(self.precision));
                Ok(())
            }
            _ => {
                let json = value
                    .to_json_text()
                    .map_err(|error| format!("unsupported value for {{verb}}: {error}"))?;
                self.pad(out, "", &json);
                Ok(())
            }
        }
    }

    fn write_text(&self, text: &str, out: &mut String) -> Result<(), String> {
        let cut: String = match self.precision {
            Some(precision) => characters(text).take(precision).collect(),
            None => text.to_owned(),
        };
        if self.letter == 'q' {
            let quoted = Value::from(cut).to_json_text().map_err(|error| error.to_string())?;
            self.pad(out, "", &quoted);
        } else {
            self.pad(out, "", &cut);
        }
        Ok(())
    }

    fn write_number(&self, number: &Number, out: &mut String) -> Result<(), String> {
        let (prefix, digits) = match self.letter {
            'b' | 'd' | 'o' | 'x' | 'X' => {
                if !number.is_integer() {
                    return Err("unsupported value for {verb}: an integer is required".to_owned());
                }
                self.integer_digits(&number.abs())
            }
            'e' => ("", number.abs().to_exponent(Some(self.precision.unwrap_or(6)))),
            'E' => ("", number.abs().to_exponent(Some(self.precision.unwrap_or(6))).to_uppercase()),
            'f' => ("", number.abs().to_fixed(self.precision.unwrap_or(6))),
            'G' => ("", number.abs().to_general(self.precision).to_uppercase()),
            _ => ("", number.abs().to_general(self.precision)),
        };
        let sign = match (number.is_negative(), self.has('+'), self.has(' ')) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        self.pad(out, &format!("{sign}{prefix}"), &digits);
        Ok(())
    }

    fn integer_digits(&self, number: &Number) -> (&'static str, String) {
        let (radix, prefix) = match self.letter {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let digits = number.to_radix(radix);
        let digits = if self.letter == 'X' { digits.to_uppercase() } else { digits };
        (if self.has('#') { prefix } else { "" }, digits)
    }

    /// Writes head and body, padded to the width in characters as a reader sees them; zeros go between the
    /// two.
    fn pad(&self, out: &mut String, head: &str, body: &str) {
        let missing = self.width.unwrap_or(0).saturating_sub(head.len() + characters(body).count());
        let fill = |character: char| std::iter::repeat_n(character, missing);
        if self.has('-') {
            out.extend([head, body]);
            out.extend(fill(' '));
        } else if self.has('0') {
            out.push_str(head);
            out.extend(fill('0'));
            out.push_str(body);
        } else {
            out.extend(fill(' '));
            out.extend([head, body]);
        }
    }
}

fn converted(value: &Value, ty: &Type) -> Result<Value, String> {
    convert(value, ty).map_err(|error| format!("unsupported value for {{verb}}: {error}"))
}
