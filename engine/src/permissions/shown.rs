//! Reads a text with unknown parts back from the form in which plans show it.

use crate::step::{Form, Text};
use crate::value::Origins;

/// The beginning of the phrase for an unknown part.
const UNKNOWN: &str = "(known after ";

/// The phrase for a sensitive part.
const SENSITIVE: &str = "(sensitive)";

/// Returns the text that is shown as `shown`. A sensitive part is unknown.
pub(super) fn text(shown: &str) -> Text {
    let (mut text, mut rest) = (Text::new(), shown);
    while let Some(at) = rest.find('(') {
        let (before, phrase) = rest.split_at(at);
        let (origin, after) = if let Some(after) = phrase.strip_prefix(SENSITIVE) {
            ("a sensitive value", after)
        } else if let Some(found) =
            phrase.strip_prefix(UNKNOWN).and_then(|inner| inner.split_at_checked(end(inner)?))
        {
            (found.0, &found.1[1..])
        } else {
            let (open, after) = phrase.split_at(1);
            text = text.then(before).then(open);
            rest = after;
            continue;
        };
        if !before.is_empty() {
            text = text.then(before);
        }
        text = text.then_unknown(Origins::of(origin), Form::Any);
        rest = after;
    }
    if rest.is_empty() { text } else { text.then(rest) }
}

/// Returns the position of the `)` that ends a phrase; keys of instances may contain some.
fn end(inner: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    inner.find(|next| {
        match next {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ')' if !is_quoted => return true,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Arg;

    #[test]
    fn a_shown_text_is_read_back() {
        let arg = |origin: &str| Arg::<String>::Unknown(Origins::of(origin));
        let unknown = |text: Text, origin: &str| text.then_arg(&arg(origin), Clone::clone);
        let vault = unknown(Text::from("https://"), "step.a.b[\"x)\\\"y\"]").then(".vault.test/secrets/a(1)");
        for text in [
            Text::from("/subscriptions/s"),
            Text::new(),
            unknown(Text::new(), "step.a.b"),
            unknown(unknown(Text::from("/x/"), "step.a.b").then("/y/"), "step.c.d"),
            vault,
            Text::from("(known after all"),
        ] {
            assert_eq!(super::text(&text.to_string()), text);
        }
        assert_eq!(super::text("/(sensitive)").origins(), Origins::of("a sensitive value"));
    }
}
