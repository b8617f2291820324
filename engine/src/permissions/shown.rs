//! Reads a text with unknown parts back from the form in which plans show it.

use crate::step::{Form, Text};
use crate::value::{Origins, read_unknown};

/// The phrase for a sensitive part.
const SENSITIVE: &str = "(sensitive)";

/// Returns the text that is shown as `shown`. A sensitive part is unknown.
pub(super) fn text(shown: &str) -> Text {
    let (mut text, mut rest) = (Text::new(), shown);
    while let Some(at) = rest.find('(') {
        let (before, phrase) = rest.split_at(at);
        let (origins, after) = if let Some(after) = phrase.strip_prefix(SENSITIVE) {
            (Origins::of("a sensitive value"), after)
        } else if let Some((origins, length)) = read_unknown(phrase) {
            (origins, &phrase[length..])
        } else {
            let (open, after) = phrase.split_at(1);
            text = text.then(before).then(open);
            rest = after;
            continue;
        };
        if !before.is_empty() {
            text = text.then(before);
        }
        text = text.then_unknown(origins, Form::Any);
        rest = after;
    }
    if rest.is_empty() { text } else { text.then(rest) }
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
            unknown(Text::from("/subscriptions/"), "var.id").then("/x"),
            Text::from("(known after all"),
        ] {
            assert_eq!(super::text(&text.to_string()), text);
        }
        assert_eq!(super::text("/(sensitive)").origins(), Origins::of("a sensitive value"));
    }
}
