//! Suggests the known name nearest to an unknown one.

/// The size limit of compared names: the cost is quadratic, and no typing mistake explains longer ones.
const LONGEST: usize = 128;

/// Returns the candidate most likely meant by `name`, if one is near enough.
///
/// A candidate is near if it is equal except for case, `-` for `_`, or the order of the words, or if it has
/// at most one edit (an inserted, deleted, changed or swapped character) for every three characters. Of
/// equally near candidates, the alphabetically first is returned, so the result does not depend on their
/// order.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = (length.max(3) / 3).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .filter(|candidate| !candidate.is_empty() && name.len().max(candidate.len()) <= LONGEST)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns the suggestion as a phrase, such as ``did you mean `keyvault_secret`?``.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Returns the number of edits between two names.
fn distance(name: &str, candidate: &str) -> usize {
    let (folded, other) = (fold(name), fold(candidate));
    if folded == other {
        return 0;
    }
    if words(&folded) == words(&other) {
        return 1;
    }
    strsim::osa_distance(&folded, &other)
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<_> = name.split('_').collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["metadata", "arm_get", "arm_list", "keyvault_secret", "blob_upload", "echo", "a", "b"];
        let cases = [
            ("metdata", Some("metadata")),
            ("keyvault_secrte", Some("keyvault_secret")),
            ("secret_keyvault", Some("keyvault_secret")),
            ("Blob-Upload", Some("blob_upload")),
            ("arm_lst", Some("arm_list")),
            ("ecko", Some("echo")),
            ("postgres", None),
            ("zzz", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(closest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn a_tie_does_not_depend_on_the_order() {
        assert_eq!(closest("bat", ["cat", "bar"]), Some("bar"));
        assert_eq!(closest("bat", ["bar", "cat"]), Some("bar"));
    }

    #[test]
    fn the_phrase_names_it() {
        assert_eq!(did_you_mean("ech", ["echo"]).as_deref(), Some("did you mean `echo`?"));
    }

    #[test]
    fn very_long_names_are_not_compared() {
        let long = "x".repeat(1_000_000);
        assert_eq!(closest(&long, [long.as_str()]), None);
    }
}
