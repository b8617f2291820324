//! Finds rules of policies that nobody asks, although they seem to deny or to warn.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, closest};

/// The rules that are asked.
const ASKED: [&str; 2] = ["deny", "warn"];

/// The beginnings of names that other tools and other habits give to such rules.
const LIKE: [&str; 5] = ["den", "warn", "violat", "forbid", "reject"];

/// Returns an error if no policy has a rule that is asked, or if a rule seems to deny or to warn and nobody asks it: it has
/// such a name, and no rule of a policy uses it. `files` are names and texts.
pub(super) fn check(files: &[(&str, &str)]) -> Result<(), Box<Diagnostic>> {
    let wrong = |summary: String| {
        let found = Diagnostic::error("invalid-policy", summary);
        Box::new(found.detail("arcbook asks the rules `deny` and `warn` of each package, and no others."))
    };
    let mut heads: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (file, text) in files {
        for name in text.lines().filter_map(head) {
            heads.entry(name).or_insert((file, 0)).1 += 1;
        }
    }
    for (name, (file, count)) in &heads {
        let uses: usize = files.iter().map(|(_, text)| words(text).filter(|word| word == name).count()).sum();
        if is_like(name) && uses <= *count {
            let found = wrong(format!("nobody asks the rule `{name}` of {file}"));
            return Err(Box::new(found.help("call it `deny` or `warn`, or use it in one of these")));
        }
    }
    if ASKED.iter().any(|asked| heads.contains_key(asked)) {
        Ok(())
    } else {
        Err(wrong("the policies have no rule `deny` or `warn`".to_owned()))
    }
}

/// Returns true if a name seems to be that of a rule which denies or warns.
fn is_like(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !ASKED.contains(&name)
        && (LIKE.iter().any(|like| lower.starts_with(like)) || closest(&lower, ASKED).is_some())
}

/// Returns the name of the rule that a line defines: it begins in the first column.
fn head(line: &str) -> Option<&str> {
    let line = line.strip_prefix("default ").unwrap_or(line);
    let end = line.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(line.len());
    let name = &line[..end];
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (is_name && !["package", "import", "else"].contains(&name)).then_some(name)
}

/// Returns the words of a policy, without its comments.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    code.flat_map(|line| line.split(|next: char| !next.is_ascii_alphanumeric() && next != '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_nobody_asks_is_found_by_its_name() {
        for (text, expected) in [
            ("deny contains 1 if true\n", true),
            ("warn := []\n", true),
            ("default deny := false\n", true),
            ("deny contains 1 if denied\n\ndenied if true\n", true),
            ("deny contains 1 if true\n\nregions := {1}\n", true),
            ("denied contains 1 if true\n\ndeny := []\n", false),
            ("deny := []\n\nDeny contains 1 if true\n", false),
            ("deny := []\n\nwarning contains 1 if true # warning\n", false),
            ("deny := []\n\nviolation contains 1 if true\n", false),
            ("deny := []\n\ndney contains 1 if true\n", false),
            ("nothing := 1\n", false),
        ] {
            let text = format!("package a\n\n{text}");
            assert_eq!(check(&[("a.rego", &text)]).is_ok(), expected, "{text}");
        }
        // A library is used by another file.
        let library = "package library\n\ndenied_regions := {1}\n";
        let user = "package a\n\nimport data.library\n\ndeny contains 1 if 1 in library.denied_regions\n";
        assert_eq!(check(&[("library.rego", library), ("a.rego", user)]), Ok(()));
    }
}
