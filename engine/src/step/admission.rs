//! Compares a text, such as a URL, with a planned one of which some parts are unknown.
//!
//! The values of unknown parts come from services. The comparison takes time proportional to the length of the text
//! and the number of parts, whatever a service answers.

use super::text::{Form, Part, Syntax, Text};

/// The comparison with a planned text.
pub(super) struct Admission<'a> {
    planned: &'a Text,
    syntax: Syntax,
    /// The number of unknown parts, from the first one, that any text may take the place of.
    loosened: usize,
}

/// The form of an unknown part at its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the host of a URL: no value can move the end of the host.
    Host,
    /// After the host.
    Url(Form),
    /// In a text that is not a URL.
    Plain(Form),
}

impl<'a> Admission<'a> {
    /// Returns the comparison with a planned text.
    pub fn of(planned: &'a Text, syntax: Syntax) -> Self {
        Self { planned, syntax, loosened: 0 }
    }

    /// Lets any text take the place of the first unknown parts.
    pub fn loosened(self, loosened: usize) -> Self {
        Self { loosened, ..self }
    }

    /// Returns true if `text` is admitted.
    pub fn admits(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        // True at each position up to which the parts so far admit the text.
        let mut reached = vec![false; bytes.len() + 1];
        reached[0] = true;
        let (mut in_path, mut gaps, mut is_strict) = (false, 0, false);
        for part in self.planned.parts() {
            reached = match part {
                Part::Known(known) => {
                    in_path |= ends_host(known);
                    after_one_of(&reached, bytes, &[known])
                }
                Part::Sensitive(known) => {
                    in_path |= ends_host(known.reveal());
                    after_one_of(&reached, bytes, &[known.reveal()])
                }
                Part::OneOf(all) => after_one_of(&reached, bytes, all),
                Part::Unknown(gap) => {
                    gaps += 1;
                    let form = if gaps <= self.loosened { Form::Any } else { gap.form };
                    let place = self.place(in_path, form);
                    is_strict |= matches!(place, Place::Url(form) | Place::Plain(form) if form.is_of_path());
                    within(&reached, bytes, place)
                }
            };
        }
        reached.last() == Some(&true) && (!is_strict || self.has_planned_segments(text))
    }

    fn place(&self, in_path: bool, form: Form) -> Place {
        match self.syntax {
            Syntax::Plain => Place::Plain(form),
            // Whoever plans such a part leaves the host open.
            Syntax::Url if form == Form::Url => Place::Plain(Form::Any),
            Syntax::Url if in_path => Place::Url(form),
            Syntax::Url => Place::Host,
        }
    }

    /// Returns true if no unknown part makes a segment that leads elsewhere.
    fn has_planned_segments(&self, text: &str) -> bool {
        match self.syntax {
            Syntax::Url => has_plain_path(text),
            Syntax::Plain => {
                self.planned.fill(|_| Some("x")).is_none_or(|planned| dots(text) <= dots(&planned))
            }
        }
    }
}

impl Form {
    /// Returns true for a part of a path.
    fn is_of_path(self) -> bool {
        matches!(self, Self::Segment | Self::Path)
    }
}

/// Returns true if the known text reaches beyond the host of a URL.
fn ends_host(known: &str) -> bool {
    known.trim_start_matches("https://").trim_start_matches("http://").contains('/')
}

/// Returns the positions after one of these texts.
fn after_one_of(reached: &[bool], text: &[u8], all: &[impl AsRef<str>]) -> Vec<bool> {
    let mut after = vec![false; reached.len()];
    for at in positions(reached) {
        for known in all.iter().map(|known| known.as_ref().as_bytes()) {
            if text[at..].starts_with(known) {
                after[at + known.len()] = true;
            }
        }
    }
    after
}

/// Returns the positions within and after an unknown part.
fn within(reached: &[bool], text: &[u8], place: Place) -> Vec<bool> {
    let mut within = reached.to_vec();
    for at in 0..text.len() {
        if within[at]
            && let Some(length) = unit(&text[at..], place)
        {
            within[at + length] = true;
        }
    }
    within
}

fn positions(reached: &[bool]) -> impl Iterator<Item = usize> {
    reached.iter().enumerate().filter_map(|(at, &reached)| reached.then_some(at))
}

/// Returns the number of bytes of the next character, encoded or not, if it may be in an unknown part.
fn unit(text: &[u8], place: Place) -> Option<usize> {
    let first = *text.first()?;
    let is_admitted = match place {
        Place::Host => !b"/?#@:\\".contains(&first),
        Place::Url(Form::Any) | Place::Plain(Form::Any | Form::Component) => true,
        Place::Url(form) if first == b'%' => return encoded_unit(text, form),
        Place::Url(Form::Component) => first.is_ascii_alphanumeric() || b"-._~".contains(&first),
        Place::Url(form) => {
            first.is_ascii_graphic() && !b"\\?#".contains(&first) && (first != b'/' || form == Form::Path)
        }
        Place::Plain(form) => !first.is_ascii_control() && (!b"/\\".contains(&first) || form == Form::Path),
    };
    is_admitted.then_some(1)
}

/// Returns the number of bytes of an encoded character, if it may be in an unknown part.
fn encoded_unit(text: &[u8], form: Form) -> Option<usize> {
    let byte = encoded(text)?;
    // A second decoding makes another character of `%252F`.
    let is_twice = byte == b'%' && text.get(3..5).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
    let ends_segment = form == Form::Segment && (b"/\\?#".contains(&byte) || is_twice);
    let is_odd = form != Form::Component && (byte.is_ascii_control() || ends_segment);
    (!is_odd).then_some(3)
}

/// Returns the byte that `%2F` stands for.
fn encoded(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// Returns true if no segment of the URL's path is empty, `.` or `..`, also when it is decoded.
fn has_plain_path(url: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Some((_, path)) = path.split_once('/') else { return true };
    let decoded = path.replace("%2e", ".").replace("%2E", ".");
    let decoded = decoded.replace("%2f", "/").replace("%2F", "/").replace("%5c", "/").replace("%5C", "/");
    dots(&decoded) == 0 && path.split('/').all(|segment| !segment.is_empty())
}

/// Returns the number of segments that are `.` or `..`.
fn dots(path: &str) -> usize {
    path.split(['/', '\\']).filter(|segment| matches!(*segment, "." | "..")).count()
}

#[cfg(test)]
mod tests;
