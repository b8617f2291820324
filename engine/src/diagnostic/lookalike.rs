//! Characters that are taken for others or not seen at all: their names, and what to write in their place.

mod names;

use std::borrow::Cow;
use std::fmt;

use super::visible::is_hidden;
use names::{ASCII, DIGITS, NAMED};

/// A character that looks like one of the language, or like nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookalike {
    character: char,
    meant: Meant,
}

/// The meaning that a writer gives such a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    /// A quote of a text.
    Quote,
    /// These characters.
    Plain(&'static str),
    /// One character of ASCII.
    Ascii(char),
    /// A space.
    Space,
    /// A line break.
    LineBreak,
    /// Nothing: nobody sees it.
    Nothing,
}

/// The characters of ASCII that have twins of full width, from `!` to `~`.
const WIDE: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';

impl Lookalike {
    /// `c` as one of them; none when it is what it looks like.
    #[must_use]
    pub fn of(c: char) -> Option<Self> {
        if c.is_ascii() && !c.is_ascii_control() {
            return None;
        }
        let meant = if WIDE.contains(&c) { wide(c).map(Meant::Ascii) } else { None };
        let meant = meant.or_else(|| named(c).map(|(_, meant, _)| *meant));
        let is_invisible = is_hidden(c) && !matches!(c, '\n' | '\t' | '\r');
        let meant = meant.or(is_invisible.then_some(Meant::Nothing))?;
        Some(Self { character: c, meant })
    }

    /// The first one in `text`, and its place in bytes.
    #[must_use]
    pub fn find(text: &str) -> Option<(usize, Self)> {
        text.char_indices().find_map(|(at, c)| Some((at, Self::of(c)?)))
    }

    /// Returns true if a writer means a quote by it.
    #[must_use]
    pub fn is_quote(self) -> bool {
        self.meant == Meant::Quote || matches!(self.meant, Meant::Ascii('"' | '\'' | '`'))
    }

    /// The remedy as a phrase, where texts stand in quotes like `quote`.
    #[must_use]
    pub fn remedy(self, quote: char) -> String {
        match self.meant {
            Meant::Space => "write a plain space in its place".to_owned(),
            Meant::LineBreak => "begin a new line in its place".to_owned(),
            Meant::Nothing => "remove it".to_owned(),
            Meant::Plain(text) => format!("write `{text}` in its place"),
            Meant::Ascii(c) if !self.is_quote() => format!("write `{c}` in its place"),
            Meant::Quote | Meant::Ascii(_) => format!("write `{quote}` in its place"),
        }
    }

    /// Writes what is meant by it.
    fn push_meant(self, out: &mut String) {
        match self.meant {
            Meant::Quote => out.push('"'),
            Meant::Plain(text) => out.push_str(text),
            Meant::Ascii(c) => out.push(c),
            Meant::Space => out.push(' '),
            Meant::LineBreak => out.push('\n'),
            Meant::Nothing => {}
        }
    }
}

impl fmt::Display for Lookalike {
    /// Such as `U+201C LEFT DOUBLE QUOTATION MARK`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.character;
        write!(f, "U+{:04X}", u32::from(c))?;
        if let Some((.., name)) = named(c) {
            return write!(f, " {name}");
        }
        match wide(c).filter(|_| WIDE.contains(&c)) {
            Some(ascii) => write!(f, " FULLWIDTH {}", ascii_name(ascii)),
            None if c.is_control() => f.write_str(", a control character"),
            None => f.write_str(", an invisible character"),
        }
    }
}

fn named(c: char) -> Option<&'static (char, Meant, &'static str)> {
    NAMED.binary_search_by_key(&c, |(named, ..)| *named).ok().map(|at| &NAMED[at])
}

/// The character of ASCII that `c` is the wide twin of.
fn wide(c: char) -> Option<char> {
    char::from_u32(u32::from(c).checked_sub(0xfee0)?).filter(char::is_ascii_graphic)
}

fn ascii_name(c: char) -> Cow<'static, str> {
    match c.to_digit(10) {
        Some(digit) => format!("DIGIT {}", DIGITS[digit as usize]).into(),
        None if c.is_ascii_uppercase() => format!("LATIN CAPITAL LETTER {c}").into(),
        None if c.is_ascii_lowercase() => format!("LATIN SMALL LETTER {}", c.to_ascii_uppercase()).into(),
        None => ASCII.iter().find(|(ascii, _)| *ascii == c).map_or("", |(_, name)| name).into(),
    }
}

/// `text` with what is meant in the place of each lookalike.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if Lookalike::find(text).is_none() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match Lookalike::of(c) {
            Some(lookalike) => lookalike.push_meant(&mut out),
            None => out.push(c),
        }
    }
    out.into()
}

/// The first lookalike in a text that cannot be read, as a phrase with the remedy.
#[must_use]
pub fn odd_character(text: &str, quote: char) -> Option<String> {
    let (at, lookalike) = Lookalike::find(text)?;
    let place = text[..at].chars().count() + 1;
    Some(format!("character {place} of it is {lookalike}: {}", lookalike.remedy(quote)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_name_no_plain_character() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(ASCII.is_sorted_by(|a, b| a.0 < b.0));
        for c in ('\0'..='\u{7f}').filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r')) {
            assert_eq!(Lookalike::of(c), None, "{c:?}");
        }
        for c in ['é', 'ß', '日', 'я', 'ﬀ', '€'] {
            assert_eq!(Lookalike::of(c), None, "{c:?}");
        }
    }

    #[test]
    fn each_is_named_with_what_to_write() {
        for (c, name, remedy) in [
            ('“', "U+201C LEFT DOUBLE QUOTATION MARK", "write `'` in its place"),
            ('\u{a0}', "U+00A0 NO-BREAK SPACE", "write a plain space in its place"),
            ('–', "U+2013 EN DASH", "write `-` in its place"),
            ('ｖ', "U+FF56 FULLWIDTH LATIN SMALL LETTER V", "write `v` in its place"),
            ('Ｖ', "U+FF36 FULLWIDTH LATIN CAPITAL LETTER V", "write `V` in its place"),
            ('１', "U+FF11 FULLWIDTH DIGIT ONE", "write `1` in its place"),
            ('＝', "U+FF1D FULLWIDTH EQUALS SIGN", "write `=` in its place"),
            ('＂', "U+FF02 FULLWIDTH QUOTATION MARK", "write `'` in its place"),
            ('\u{200b}', "U+200B ZERO WIDTH SPACE", "remove it"),
            ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE", "remove it"),
            ('\u{2028}', "U+2028 LINE SEPARATOR", "begin a new line in its place"),
            ('\u{feff}', "U+FEFF ZERO WIDTH NO-BREAK SPACE, the byte-order mark", "remove it"),
            ('\u{1b}', "U+001B, a control character", "remove it"),
            ('\u{e0041}', "U+E0041, an invisible character", "remove it"),
        ] {
            let lookalike = Lookalike::of(c).expect(name);
            assert_eq!((lookalike.to_string().as_str(), lookalike.remedy('\'').as_str()), (name, remedy));
        }
    }

    #[test]
    fn what_is_hidden_on_a_screen_is_named_in_messages() {
        let hidden = ('\0'..=char::MAX).filter(|c| is_hidden(*c) && !matches!(c, '\n' | '\t' | '\r'));
        assert!(hidden.map(Lookalike::of).all(|found| found.is_some()));
    }

    #[test]
    fn a_text_is_read_as_it_was_meant() {
        assert_eq!(plain("–auto\u{200b}‑ａpprove"), "-auto-approve");
        assert_eq!(plain("plain ü"), "plain ü");
        let odd = odd_character("step.a.b[“x”]", '"').expect("odd");
        assert_eq!(odd, "character 10 of it is U+201C LEFT DOUBLE QUOTATION MARK: write `\"` in its place");
    }
}
