//! Builds texts of known and unknown parts.

use super::pattern::{Pattern, TextKind, TextPart};
use super::value::normalized;
use super::{Data, Origins, Type, Value};

/// The maximum number of parts of a text; a text of more parts is unknown as a whole.
const MOST_PARTS: usize = 64;

/// The maximum size of the known parts of a text, in bytes; a text of longer ones is unknown as a whole.
const MOST_BYTES: usize = 1 << 14;

/// A text that is being built from known and unknown strings.
#[derive(Default)]
pub struct TextBuilder {
    /// The parts up to the last unknown one.
    parts: Vec<TextPart>,
    /// The known text after them.
    tail: String,
    /// The size of all known parts, in bytes.
    bytes: usize,
    /// The origins of the unknown parts; none if there is no such part.
    origins: Option<Origins>,
    /// True if the text has too many parts: its known parts are forgotten.
    is_opaque: bool,
}

impl TextBuilder {
    /// Returns the size of the known parts so far, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns true if the text is unknown as a whole, whatever follows.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.is_opaque
    }

    /// Appends known text.
    pub fn push_str(&mut self, text: &str) {
        self.bytes += text.len();
        if !self.is_opaque {
            self.tail.push_str(text);
        }
    }

    /// Appends unknown text.
    pub fn push_unknown(&mut self, origins: &Origins, kind: TextKind) {
        self.origins.get_or_insert_default().add(origins);
        self.end_known_part();
        match self.parts.last_mut() {
            _ if self.is_opaque => {}
            Some(TextPart::Unknown(last, TextKind::Plain)) if kind == TextKind::Plain => last.add(origins),
            _ => self.parts.push(TextPart::Unknown(origins.clone(), kind)),
        }
        self.limit();
    }

    /// Appends a string; anything else counts as unknown text with the origins of the value.
    ///
    /// The caller takes over the marks.
    pub fn push(&mut self, value: &Value) {
        match (value.data(), value.pattern()) {
            (Data::String(text), _) => self.push_str(text),
            (_, Some(pattern)) => pattern.parts().iter().for_each(|part| match part {
                TextPart::Known(text) => self.push_str(text),
                TextPart::Unknown(origins, kind) => self.push_unknown(origins, *kind),
            }),
            _ => self.push_unknown(&value.origins(), TextKind::Plain),
        }
    }

    /// Returns the text, without marks.
    #[must_use]
    pub fn build(mut self) -> Value {
        let Some(origins) = self.origins.take() else { return Value::from(self.tail) };
        self.end_known_part();
        let is_informative = |part: &TextPart| !matches!(part, TextPart::Unknown(_, TextKind::Plain));
        let pattern = self.parts.iter().any(is_informative).then(|| Pattern::new(self.parts));
        Value::unknown(Type::String, origins).with_pattern(pattern).not_null()
    }

    /// Moves the known text after the last unknown part to the parts.
    fn end_known_part(&mut self) {
        if !self.tail.is_empty() {
            let known = std::mem::take(&mut self.tail);
            self.parts.push(TextPart::Known(normalized(known.into())));
        }
        self.limit();
    }

    /// Forgets the known parts if there are too many.
    fn limit(&mut self) {
        if self.parts.len() > MOST_PARTS || self.bytes > MOST_BYTES {
            (self.parts, self.is_opaque) = (Vec::new(), true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(origin: &str) -> Value {
        Value::unknown(Type::String, Origins::of(origin))
    }

    fn built(values: &[Value]) -> Value {
        let mut text = TextBuilder::default();
        for value in values {
            text.push(value);
        }
        text.build()
    }

    #[test]
    fn neighbours_of_one_kind_are_one_part() {
        let inner = built(&["b/".into(), later("step.a"), "/c".into()]);
        let id = later("step.id").of_kind(TextKind::Path);
        for (values, expected) in [
            (vec!["a".into(), "b".into()], "a \"ab\""),
            (vec!["a/".into(), inner, "/d".into()], "? a/b/(known after step.a)/c/d"),
            (vec![later("step.a"), later("step.b")], "? (known after step.a, step.b)"),
            (vec![id.clone(), later("step.b")], "? (known after step.id)(known after step.b)"),
            (vec![id], "? (known after step.id)"),
        ] {
            let value = built(&values);
            let shown = match value.data() {
                Data::Unknown(unknown) => {
                    format!(
                        "? {}",
                        unknown
                            .pattern
                            .as_ref()
                            .map_or_else(|| format!("({})", unknown.origins), ToString::to_string)
                    )
                }
                _ => format!("a {value:?}"),
            };
            assert_eq!(shown, expected);
            assert_eq!(value.ty(), Type::String);
        }
    }

    #[test]
    fn a_text_of_too_many_parts_is_unknown_as_a_whole() {
        let parts = |count: usize| {
            let mut text = TextBuilder::default();
            for at in 0..count {
                text.push_str("/");
                text.push(&later(&format!("step.{at}")));
            }
            text.build()
        };
        assert!(parts(MOST_PARTS / 2).pattern().is_some() && parts(MOST_PARTS / 2 + 1).pattern().is_none());
        let many = parts(10_000);
        assert_eq!((many.pattern(), many.origins().iter().count()), (None, 10_000));
        for size in [MOST_BYTES, MOST_BYTES + 1] {
            let long = built(&["x".repeat(size).into(), later("step.a")]);
            assert_eq!(long.pattern().is_some(), size == MOST_BYTES);
        }
        assert_eq!(built(&["x".repeat(MOST_BYTES + 1).into()]).as_str().map(str::len), Some(MOST_BYTES + 1));
    }
}
