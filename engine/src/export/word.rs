//! Writes words of bash.

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A text that is taken as it is.
    Known(String),
    /// The value of a variable.
    Variable(String),
    /// The value of a variable, which begins with a slash, without that.
    WithoutSlash(String),
}

/// Writes parts as one word.
pub(super) fn word(pieces: &[Piece]) -> String {
    if let [] | [Piece::Known(_)] = pieces {
        let text = if let [Piece::Known(text)] = pieces { text } else { "" };
        return quoted(text);
    }
    format!("\"{}\"", inner(pieces))
}

/// Writes parts as they are inside of double quotes.
pub(super) fn inner(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let next = match pieces.get(at + 1) {
            Some(Piece::Known(next)) => next.chars().next(),
            _ => None,
        };
        let ends = !next.is_some_and(|next| next.is_ascii_alphanumeric() || "_[".contains(next));
        match piece {
            Piece::Known(known) => known.chars().for_each(|next| {
                if "\\\"$`".contains(next) {
                    text.push('\\');
                }
                text.push(next);
            }),
            Piece::Variable(name) if ends => text.extend(["$", name]),
            Piece::Variable(name) => text.extend(["${", name, "}"]),
            Piece::WithoutSlash(name) => text.extend(["${", name, "#/}"]),
        }
    }
    text
}

/// Quotes text as one word, if it needs quotes.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |next: char| next.is_ascii_alphanumeric() || "-_./:@%+=,".contains(next);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes text as a comment: its lines, each after `#`.
pub(super) fn comment(text: &str) -> String {
    let visible = crate::diagnostic::visible(text);
    visible.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_bash_keeps_its_text() {
        let known = |text: &str| Piece::Known(text.to_owned());
        let variable = |name: &str| Piece::Variable(name.to_owned());
        for (pieces, expected) in [
            (vec![], "''"),
            (vec![known("a/b")], "a/b"),
            (vec![known("it's $(x)")], r"'it'\''s $(x)'"),
            (vec![known("x-"), variable("a"), known("-y")], r#""x-$a-y""#),
            (vec![variable("a"), known("y$`\"\\")], r#""${a}y\$\`\"\\""#),
            (vec![known("h/"), Piece::WithoutSlash("id".to_owned()), known("/x")], r#""h/${id#/}/x""#),
        ] {
            assert_eq!(word(&pieces), expected);
        }
    }
}
