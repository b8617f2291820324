//! Parses replacements with references to groups, such as `$1` and `${name}`.

use ::regex::Captures;

/// A part of a replacement.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// The numbers of groups; the first one that participated in the match counts.
    Groups(Vec<usize>),
}

impl Part<'_> {
    /// Returns the text of the part for one match.
    pub(super) fn text<'m>(&'m self, found: &Captures<'m>) -> &'m str {
        match self {
            Self::Text(text) => text,
            Self::Groups(numbers) => {
                numbers.iter().find_map(|number| found.get(*number)).map_or("", |group| group.as_str())
            }
        }
    }
}

/// Parses a replacement as Go's `regexp` does: a reference takes the longest possible name, `$$` is a dollar sign, and
/// any other `$` is literal. `names` are the names of the groups, from the first.
pub(super) fn parse<'t>(replacement: &'t str, names: &[Option<String>]) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        parts.push(Part::Text(&rest[..at]));
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('$') {
            parts.push(Part::Text("$"));
            rest = after;
        } else if let Some((name, after)) = name(after) {
            parts.push(Part::Groups(groups(name, names)));
            rest = after;
        } else {
            parts.push(Part::Text("$"));
            rest = after;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// Splits off the name at the start, with or without braces.
fn name(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{');
    let start = inner.unwrap_or(text);
    let end = start.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(start.len());
    let (name, after) = start.split_at(end);
    let after = if inner.is_some() { after.strip_prefix('}')? } else { after };
    (!name.is_empty()).then_some((name, after))
}

/// Returns the groups with a name; a name of digits without a leading zero is the number of a group.
fn groups(name: &str, names: &[Option<String>]) -> Vec<usize> {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    if is_number {
        return name.parse().ok().filter(|number| *number <= names.len()).into_iter().collect();
    }
    let alike = names.iter().enumerate().filter(|(_, group)| group.as_deref() == Some(name));
    alike.map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_read_as_go_reads_them() {
        let names = [Some("x".to_owned()), None, Some("1a".to_owned()), Some("x".to_owned())];
        let cases: [(&str, &[Part<'_>]); 11] = [
            ("$1", &[Part::Groups(vec![1])]),
            ("${1}x", &[Part::Groups(vec![1]), Part::Text("x")]),
            ("$1x", &[Part::Groups(vec![])]),
            ("$1a", &[Part::Groups(vec![3])]),
            ("$x-", &[Part::Groups(vec![1, 4]), Part::Text("-")]),
            ("$1é", &[Part::Groups(vec![])]),
            ("$9$01", &[Part::Groups(vec![]), Part::Groups(vec![])]),
            ("$$1", &[Part::Text("$"), Part::Text("1")]),
            ("${a-b}", &[Part::Text("$"), Part::Text("{a-b}")]),
            ("${}", &[Part::Text("$"), Part::Text("{}")]),
            ("a$", &[Part::Text("a"), Part::Text("$")]),
        ];
        for (replacement, parts) in cases {
            let mut found = parse(replacement, &names);
            found.retain(|part| *part != Part::Text(""));
            assert_eq!(found, parts, "{replacement}");
        }
    }
}
