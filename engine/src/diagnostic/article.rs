//! Adds articles to names in messages.

/// Returns a name in backquotes with its article: ``a `step` ``, ``an `echo` ``.
#[must_use]
pub fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} `{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_goes_by_the_first_letter() {
        for (name, expected) in [("echo", "an `echo`"), ("token", "a `token`"), ("until", "an `until`")] {
            assert_eq!(with_article(name), expected);
        }
    }
}
