//! The patterns of permissions.

/// Returns true if a pattern, in which `*` stands for any characters, allows an action, in any case.
///
/// `vaults/*/read` allows `vaults/read` too, as Azure probably reads it: nothing is reported as missing that may be there.
pub(super) fn allows(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    matches(&pattern, &action) || matches(&pattern.replacen("/*/", "/", 1), &action)
}

fn matches(pattern: &str, action: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut left) = action.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, action, expected) in [
            ("*", "Microsoft.KeyVault/vaults/read", true),
            ("*/read", "Microsoft.KeyVault/vaults/read", true),
            ("*/read", "Microsoft.KeyVault/vaults/write", false),
            ("Microsoft.KeyVault/vaults/*/read", "microsoft.keyvault/vaults/read", true),
            ("Microsoft.KeyVault/*/secrets/*", "Microsoft.KeyVault/vaults/secrets/getSecret/action", true),
            ("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/READ", true),
            ("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/reads", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "ac", false),
            ("ü*", "a", false),
        ] {
            assert_eq!(allows(pattern, action), expected, "{pattern} {action}");
        }
    }
}
