//! Recognizes a JMESPath query whose own texts are in double quotes: `"value[?type=="x"]"`.

use crate::jmespath::Query;

/// Returns the query on the line of `at`, with single quotes inside, if it is one.
pub(super) fn quoted_query(text: &str, at: usize) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let line = &text[start..end];
    let (first, last) = (line.find('"')?, line.rfind('"')?);
    let inner = line.get(first + 1..last)?;
    let is_around = (start + first..start + last).contains(&at);
    if !is_around || !inner.contains("[?") || !inner.contains('"') || inner.contains('\\') {
        return None;
    }
    let query = inner.replace('"', "'");
    Query::parse(&query).is_ok().then_some(query)
}

#[cfg(test)]
mod tests {
    use super::quoted_query;

    #[test]
    fn a_query_with_double_quotes_inside_is_recognized() {
        for (line, query) in [
            (r#"vault = "value[?type=="a/b"].name | [0]""#, Some("value[?type=='a/b'].name | [0]")),
            (r#"x = jmespath({}, "[?a=="x"].n")"#, Some("[?a=='x'].n")),
            (r#"x = "[?a=="x" && b=="y"]""#, Some("[?a=='x' && b=='y']")),
            (r#"x = "a" "b""#, None),
            (r#"x = ["[?a]" "b"]"#, None),
        ] {
            let text = format!("a = 1\n{line}\n");
            let at = text.find("==\"").map_or(10, |at| at + 3);
            assert_eq!(quoted_query(&text, at).as_deref(), query, "{line}");
        }
    }
}
