//! Finds the host of a URL that may be partly unknown.

/// Returns the host of a URL: `https://(known after …).vault.azure.net/secrets` →
/// `(known after …).vault.azure.net`.
///
/// Spellings of one host give one text: the known parts are in lower case, and the default port is left out.
#[must_use]
pub fn host(url: &str) -> String {
    let (scheme, authority) = url.split_once("://").unwrap_or(("", url));
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
    let authority = in_lower_case(&authority[..end.unwrap_or(authority.len())]);
    let default = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return authority,
    };
    authority.strip_suffix(default).map_or_else(|| authority.clone(), ToOwned::to_owned)
}

/// Returns a host with lower-case letters, except in phrases in parentheses.
fn in_lower_case(host: &str) -> String {
    let mut depth = 0_u32;
    let lower = |next: char| {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 { next.to_ascii_lowercase() } else { next }
    };
    host.chars().map(lower).collect()
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
        for (url, expected) in [
            ("https://a.test:8443?x", "a.test:8443"),
            ("https://A.Test/B", "a.test"),
            ("HTTPS://a.test:443/B", "a.test"),
            ("https://a.test:80", "a.test:80"),
            ("http://a.test:80/", "a.test"),
            ("https://(known after step.A.b).Vault.test:443/", "(known after step.A.b).vault.test"),
            ("a.test:443", "a.test:443"),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
