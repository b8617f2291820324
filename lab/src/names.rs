//! Naming rules, and the format of resource ids.

/// Returns whether this is a key vault name: 3 to 24 letters, digits and single hyphens, a letter first, no
/// hyphen last.
pub(crate) fn is_vault(name: &str) -> bool {
    let hyphens = !name.contains("--") && !name.ends_with('-');
    (3..=24).contains(&name.len())
        && hyphens
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && plain(name)
}

/// Returns whether this is a storage account name: 3 to 24 lower-case letters and digits.
pub(crate) fn is_account(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Returns whether this is a container name: 3 to 63 lower-case letters, digits and single hyphens between
/// them.
pub(crate) fn is_container(name: &str) -> bool {
    let hyphens = !name.contains("--") && !name.ends_with('-') && !name.starts_with('-');
    (3..=63).contains(&name.len())
        && hyphens
        && plain(name)
        && !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns whether this is a secret name: 1 to 127 letters, digits and hyphens.
pub(crate) fn is_secret(name: &str) -> bool {
    (1..=127).contains(&name.len()) && plain(name)
}

fn plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Returns whether this is a date in the form of `api-version` and `x-ms-version`; such dates order as texts.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Returns the subscription's own id in a resource id: `/subscriptions/S`.
pub(crate) fn subscription_of(id: &str) -> &str {
    id.match_indices('/').nth(2).map_or(id, |(end, _)| &id[..end])
}

/// Returns whether this is an api-version of ARM: a date, with or without `-preview`.
pub(crate) fn is_api_version(text: &str) -> bool {
    is_date(text.strip_suffix("-preview").unwrap_or(text))
}

/// Returns a location in the form in which ARM stores it: `West Europe` is `westeurope`.
pub(crate) fn location(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Returns the part of a resource id after `/providers/`: `A.B/c/d` named `x/y` is `A.B/c/x/d/y`.
///
/// `None` when type and name have different depths.
pub(crate) fn id_tail(type_name: &str, name: &str) -> Option<String> {
    let mut types = type_name.split('/');
    let namespace = types.next()?;
    let types: Vec<&str> = types.collect();
    let names: Vec<&str> = name.split('/').collect();
    let whole = |part: &&str| !part.is_empty();
    if types.is_empty()
        || types.len() != names.len()
        || !types.iter().chain(&names).chain([&namespace]).all(whole)
    {
        return None;
    }
    let pairs = types.iter().zip(&names).flat_map(|(kind, name)| ["/", kind, "/", name]);
    Some(std::iter::once(namespace).chain(pairs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_each_service() {
        for (rule, good, bad) in [
            (is_vault as fn(&str) -> bool, "arcmi-00", ["1abc", "a--b", "ab"]),
            (is_account, "arcmi00", ["Arcmi", "a-b-c", "ab"]),
            (is_container, "up-loads", ["-up", "u--p", "Up1"]),
            (is_secret, "psql-cmd", ["a_b", "", "a.b"]),
            (is_date, "2020-10-02", ["2020-10-2", "latest", "2020-10-02T"]),
        ] {
            assert!(rule(good), "{good}");
            for name in bad {
                assert!(!rule(name), "{name}");
            }
        }
    }

    #[test]
    fn a_childs_id_alternates_types_and_names() {
        assert_eq!(id_tail("A.B/c", "x").as_deref(), Some("A.B/c/x"));
        assert_eq!(id_tail("A.B/c/d", "x/y").as_deref(), Some("A.B/c/x/d/y"));
        assert_eq!(id_tail("A.B/c/d", "x"), None);
        assert_eq!(id_tail("A.B", "x"), None);
        assert_eq!(id_tail("A.B/", ""), None);
    }
}
