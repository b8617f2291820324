//! Makes foreign text part of a document of HTML or XML: it can neither begin an element, nor end an attribute.

/// Returns `text` with a reference in place of each character that is markup of HTML or XML.
///
/// Characters that XML does not allow become U+FFFD.
#[must_use]
pub fn escape_markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_of_a_text_is_markup() {
        for (text, escaped) in [
            ("plain", "plain"),
            ("<b>\"x\"</b> & 'y'", "&lt;b&gt;&quot;x&quot;&lt;/b&gt; &amp; &#39;y&#39;"),
            ("]]>&amp;", "]]&gt;&amp;amp;"),
            ("a\u{0}\u{1b}\u{ffff}b\n", "a\u{fffd}\u{fffd}\u{fffd}b\n"),
            ("日本", "日本"),
        ] {
            assert_eq!(escape_markup(text), escaped, "{text:?}");
        }
    }
}
