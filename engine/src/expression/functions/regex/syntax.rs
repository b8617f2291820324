//! Translates patterns from the syntax of Go's `regexp` to that of the `regex` crate.
//!
//! The translation spells out constructs with another meaning in Go, and refuses constructs that Go lacks. No message
//! cites the pattern, which may be a secret.

use super::class;

/// The limit of a repetition count, and of the product of nested ones.
const MAX_COPIES: u32 = 1000;

/// A translated pattern.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) text: String,
    /// The names of the groups, from the first. The text omits them, because Go allows some that the crate refuses.
    pub(super) names: Vec<Option<String>>,
}

/// Translates a pattern, or returns the reason why it is invalid.
pub(super) fn translate(pattern: &str) -> Result<Translated, String> {
    let mut translator = Translator {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
        names: Vec::new(),
        copies: vec![0],
        last: Last::Nothing,
    };
    while let Some(character) = translator.rest.chars().next() {
        translator.next(character)?;
    }
    Ok(Translated { text: translator.out, names: translator.names })
}

/// The operand of a repetition that follows.
#[derive(Clone, Copy)]
enum Last {
    Nothing,
    /// An expression with this product of nested repetition counts.
    Atom(u32),
    Repetition,
}

struct Translator<'p> {
    rest: &'p str,
    out: String,
    names: Vec<Option<String>>,
    /// The highest product of nested repetition counts in each open group, the innermost last; the first is the whole
    /// pattern.
    copies: Vec<u32>,
    last: Last,
}

impl Translator<'_> {
    fn next(&mut self, character: char) -> Result<(), String> {
        match character {
            '(' => return self.open(),
            ')' => return self.close(),
            '[' => {
                let class = class::bracket(&mut self.rest)?;
                self.atom(&class);
                return Ok(());
            }
            '\\' => return self.escape(),
            '*' | '+' | '?' => return self.repeat(1, 1),
            '{' => match counts(self.rest) {
                Some((length, counts)) => return self.repeat(length, copies_of(counts)?),
                None => self.literal('{'),
            },
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
            }
            '^' | '$' | '.' => self.atom(&character.to_string()),
            _ => self.literal(character),
        }
        self.skip(character.len_utf8());
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn literal(&mut self, character: char) {
        self.atom(&::regex::escape(character.encode_utf8(&mut [0; 4])));
    }

    fn atom(&mut self, text: &str) {
        self.out.push_str(text);
        self.ends_with(1);
    }

    /// Notes that the output ends with an expression with this product of nested repetition counts.
    fn ends_with(&mut self, copies: u32) {
        self.last = Last::Atom(copies);
        if let Some(most) = self.copies.last_mut() {
            *most = copies.max(*most);
        }
    }

    /// Translates the repetition operator of `length` bytes at the start of the rest, whose count is `times`.
    fn repeat(&mut self, length: usize, times: u32) -> Result<(), String> {
        let inner = match self.last {
            Last::Atom(copies) => copies,
            Last::Nothing => return Err("missing argument to repetition operator".to_owned()),
            Last::Repetition => return Err("invalid nested repetition operator".to_owned()),
        };
        let copies = inner.saturating_mul(times.max(1));
        if times > 1 && copies > MAX_COPIES {
            return Err(format!("more than {MAX_COPIES} repetitions"));
        }
        let lazy = usize::from(self.rest[length..].starts_with('?'));
        self.out.push_str(&self.rest[..length + lazy]);
        self.skip(length + lazy);
        self.ends_with(copies);
        self.last = Last::Repetition;
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        self.skip(1);
        let is_group = match self.rest.strip_prefix('?') {
            None => {
                self.names.push(None);
                self.out.push('(');
                true
            }
            Some(after) => {
                self.rest = after;
                self.named_group()? || self.flags()?
            }
        };
        self.last = Last::Nothing;
        if is_group {
            self.copies.push(0);
        }
        Ok(())
    }

    /// Parses `P<name>` or `<name>`, if that comes next.
    fn named_group(&mut self) -> Result<bool, String> {
        let text = self.rest.strip_prefix('P').unwrap_or(self.rest);
        let looks_around = ["=", "!", "<=", "<!"].iter().any(|sign| self.rest.starts_with(sign));
        if looks_around {
            return Err("look-around, including look-ahead and look-behind, is not supported".to_owned());
        }
        let Some(text) = text.strip_prefix('<') else { return Ok(false) };
        let (name, after) = text.split_once('>').ok_or("the name of a group does not end")?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err("the name of a group must be of letters, digits and underscores".to_owned());
        }
        self.names.push(Some(name.to_owned()));
        self.out.push('(');
        self.rest = after;
        Ok(true)
    }

    /// Parses flags up to `:`, which opens a group, or `)`; returns true if a group opens.
    fn flags(&mut self) -> Result<bool, String> {
        let invalid =
            || "invalid flags of a group: they are i, m, s and U, and a - before those that are taken away";
        let end = self.rest.find([':', ')']).ok_or_else(invalid)?;
        let (written, after) = self.rest.split_at(end);
        let (on, off) = written.split_once('-').map_or((written, None), |(on, off)| (on, Some(off)));
        let is_known = |flags: &str| flags.chars().all(|flag| "imsU".contains(flag));
        if !is_known(on) || !off.is_none_or(|off| !off.is_empty() && is_known(off)) {
            return Err(invalid().to_owned());
        }
        let off = off.unwrap_or_default();
        let once = |flags: &str| "imsU".chars().filter(|flag| flags.contains(*flag)).collect::<String>();
        let on: String = once(on).chars().filter(|flag| !off.contains(*flag)).collect();
        let off = once(off);
        let sign = if off.is_empty() { "" } else { "-" };
        let opens = after.starts_with(':');
        if opens || !(on.is_empty() && off.is_empty()) {
            self.out.extend(["(?", &on, sign, &off, &after[..1]]);
        }
        self.rest = &after[1..];
        Ok(opens)
    }

    fn close(&mut self) -> Result<(), String> {
        let copies = self.copies.pop().unwrap_or(0);
        if self.copies.is_empty() {
            return Err("unexpected )".to_owned());
        }
        self.out.push(')');
        self.skip(1);
        self.ends_with(copies.max(1));
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        if let Some(class) = class::escaped(&mut self.rest)? {
            self.atom(&class);
            return Ok(());
        }
        let written = match self.rest.as_bytes().get(1) {
            Some(b'A') => "\\A",
            Some(b'z') => "\\z",
            Some(b'b') => "(?-u:\\b)",
            Some(b'B') => "(?-u:\\B)",
            Some(b'Q') => {
                let after = &self.rest[2..];
                let (quoted, after) = after.split_once("\\E").unwrap_or((after, ""));
                quoted.chars().for_each(|character| self.literal(character));
                self.rest = after;
                return Ok(());
            }
            _ => {
                let character = class::escaped_character(&mut self.rest)?;
                self.literal(character);
                return Ok(());
            }
        };
        self.atom(written);
        self.skip(2);
        Ok(())
    }
}

/// Parses `{n}`, `{n,}` or `{n,m}` at the start and returns its length and counts; any other brace is literal.
fn counts(text: &str) -> Option<(usize, (u32, Option<u32>))> {
    let inner = text.strip_prefix('{')?;
    let (inner, after) = inner.split_at(inner.find(|c: char| !c.is_ascii_digit() && c != ',')?);
    let end = text.len() - after.strip_prefix('}')?.len();
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((end, (least, most)))
}

/// Parses digits without a leading zero; saturates.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = digits == "0" || !digits.starts_with('0');
    (is_number && is_plain).then(|| digits.parse().unwrap_or(u32::MAX))
}

fn copies_of((least, most): (u32, Option<u32>)) -> Result<u32, String> {
    let copies = most.unwrap_or(least);
    if least > MAX_COPIES || copies > MAX_COPIES {
        return Err(format!("more than {MAX_COPIES} repetitions"));
    }
    if copies < least { Err("a repetition's most is below its least".to_owned()) } else { Ok(copies) }
}

#[cfg(test)]
mod tests;
