//! Finds the host of a URL that may be partly unknown.

/// Returns the host of a URL: `https://(known after …).vault.azure.net/secrets` →
/// `(known after …).vault.azure.net`.
#[must_use]
pub fn host(url: &str) -> String {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    // A phrase in parentheses may contain slashes; a host may not.
    let mut depth = 0_u32;
    let end = authority.find(|next| {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(next, '/' | '?' | '#')
    });
    authority[..end.unwrap_or(authority.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Arg, Text};
    use crate::value::Origins;

    #[test]
    fn the_host_of_a_url_may_not_be_known() {
        let vault: Arg<String> = Arg::Unknown(Origins::of("step.a.b[\"x/y\"]"));
        let url = Text::from("https://").then_arg(&vault, Clone::clone).then(".vault.azure.net/secrets/x?y");
        assert_eq!(host(&url.to_string()), "(known after step.a.b[\"x/y\"]).vault.azure.net");
        assert_eq!(host("https://a.test:8443?x"), "a.test:8443");
    }
}
