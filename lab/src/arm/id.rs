//! Resource ids: `/subscriptions/S/resourceGroups/G/providers/A.B/c/x`.

/// A parsed resource id. Parts keep the caller's spelling.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Id<'a> {
    /// The id before its last `/providers/`: a subscription, a resource group or another resource.
    scope: Vec<&'a str>,
    pub namespace: &'a str,
    types: Vec<&'a str>,
    names: Vec<&'a str>,
}

impl<'a> Id<'a> {
    /// Parses a path that ends in the name of a resource.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"))?;
        let (namespace, pairs) = segments[at + 1..].split_first()?;
        if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
            return None;
        }
        Some(Self {
            scope: segments[..at].to_vec(),
            namespace,
            types: pairs.iter().step_by(2).copied().collect(),
            names: pairs.iter().skip(1).step_by(2).copied().collect(),
        })
    }

    /// Returns the type with its namespace: `A.B/c/d`.
    pub(super) fn type_name(&self) -> String {
        format!("{}/{}", self.namespace, self.relative_type())
    }

    /// Returns the type without its namespace: `c/d`.
    pub(super) fn relative_type(&self) -> String {
        self.types.join("/")
    }

    /// Returns the name as lists across types show it: `x/y`.
    pub(super) fn name(&self) -> String {
        self.names.join("/")
    }

    /// Returns the resource group in the id.
    pub(super) fn group(&self) -> Option<&'a str> {
        match self.scope.as_slice() {
            [_, _, groups, group, ..] if groups.eq_ignore_ascii_case("resourceGroups") => Some(group),
            _ => None,
        }
    }

    /// Returns the id of the scope that holds the resource.
    pub(super) fn scope(&self) -> String {
        joined(&self.scope)
    }

    /// Returns the id of the resource that this one is a child of, or lies at; `None` directly in a group or
    /// in a subscription.
    pub(super) fn parent(&self) -> Option<String> {
        let pairs = self.types.iter().zip(&self.names).flat_map(|(kind, name)| ["/", kind, "/", name]);
        let depth = self.types.len() - 1;
        if depth > 0 {
            let pairs: String = pairs.take(4 * depth).collect();
            return Some(format!("{}/providers/{}{pairs}", self.scope(), self.namespace));
        }
        (self.scope.len() > 4).then(|| self.scope())
    }

    /// Returns the id in the spelling of `holder` (the stored id of its parent or scope) and of `type_name`
    /// (the declared type).
    pub(super) fn spelled(&self, holder: &str, type_name: &str) -> String {
        let name = self.names.last().copied().unwrap_or_default();
        let kind = type_name.rsplit('/').next().unwrap_or_default();
        if self.types.len() > 1 {
            return format!("{holder}/{kind}/{name}");
        }
        format!("{holder}/providers/{type_name}/{name}")
    }
}

fn joined(segments: &[&str]) -> String {
    segments.iter().flat_map(|segment| ["/", segment]).collect()
}

/// Returns the resource group in a resource id; empty in a subscription.
pub(super) fn group_of(id: &str) -> &str {
    let mut segments = id.split('/').skip(3);
    match (segments.next(), segments.next()) {
        (Some(groups), Some(group)) if groups.eq_ignore_ascii_case("resourceGroups") => group,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_a_scope_a_type_and_a_name() {
        for (path, type_name, name, group, parent) in [
            ("/subscriptions/S/resourceGroups/G/providers/A.B/c/x", "A.B/c", "x", Some("G"), None),
            (
                "/subscriptions/S/resourcegroups/G/Providers/A.B/c/x/d/y",
                "A.B/c/d",
                "x/y",
                Some("G"),
                Some("/subscriptions/S/resourcegroups/G/providers/A.B/c/x"),
            ),
            ("/subscriptions/S/providers/A.B/c/x", "A.B/c", "x", None, None),
            (
                "/subscriptions/S/resourceGroups/G/providers/A.B/c/x/providers/E.F/g/z",
                "E.F/g",
                "z",
                Some("G"),
                Some("/subscriptions/S/resourceGroups/G/providers/A.B/c/x"),
            ),
        ] {
            let id = Id::parse(path).unwrap();
            assert_eq!((id.type_name(), id.name()), (type_name.to_owned(), name.to_owned()), "{path}");
            assert_eq!((id.group(), id.parent().as_deref()), (group, parent), "{path}");
        }
        for path in ["", "/subscriptions/S", "/subscriptions/S/providers/A.B", "/s/S/providers/A.B/c"] {
            assert_eq!(Id::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_new_id_is_spelled_as_its_parent_and_its_type_are() {
        let child = Id::parse("/subscriptions/s/resourcegroups/g/providers/a.b/C/X/D/Y").unwrap();
        assert_eq!(child.spelled("/subscriptions/s/…/c/x", "A.B/c/d"), "/subscriptions/s/…/c/x/d/Y");
        let top = Id::parse("/subscriptions/s/resourcegroups/g/providers/a.b/C/X").unwrap();
        assert_eq!(
            top.spelled("/subscriptions/s/resourceGroups/G", "A.B/c"),
            "/subscriptions/s/resourceGroups/G/providers/A.B/c/X"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_path_is_parsed_or_refused(path in "(/|providers|subscriptions|a|é|A.B){0,12}") {
            if let Some(id) = Id::parse(&path) {
                let _ = (id.parent(), id.spelled(&id.scope(), &id.type_name()), group_of(&path));
            }
        }
    }
}
