//! Finds the permission that a request needs from its URL.

use arcbook_engine::step::{Method, Part, Permission, Text};

use super::rule;
use crate::cloud::Cloud;

/// Returns the permission that a request to a URL of Azure Resource Manager needs; none for any other URL, which does
/// not tell its permission.
pub fn of_url(cloud: &Cloud, method: Method, url: &Text) -> Option<Permission> {
    let (first, rest) = url.parts().split_first()?;
    let Part::Known(first) = first else { return None };
    let first = first.strip_prefix(&cloud.arm())?;
    let is_path = first.is_empty() || first.starts_with(['/', '?']);
    let first = Part::Known(first.to_owned());
    let mut path = Text::new();
    for part in std::iter::once(&first).chain(rest) {
        if let Part::Known(text) = part
            && let Some((text, _)) = text.split_once('?')
        {
            path = path.then(text);
            break;
        }
        path = path.then_text(&part.clone().into());
    }
    is_path.then(|| rule::arm(method, &path))
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Arg;
    use arcbook_engine::value::Origins;

    use super::*;

    #[test]
    fn only_a_url_of_azure_resource_manager_tells_its_permission() {
        let unknown: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        for (url, expected) in [
            (
                "https://management.azure.com/subscriptions/s?api-version=1",
                Some(("subscriptions/read", "/subscriptions/s")),
            ),
            (
                "https://management.azure.com/subscriptions/s/resourceGroups/*?api-version=*",
                Some(("resourceGroups/read", "/subscriptions/s/resourceGroups/(known after step.a.b)")),
            ),
            ("https://management.azure.com.example.net/subscriptions/s", None),
            ("https://v.vault.azure.net/secrets/s", None),
            ("*", None),
        ] {
            let mut pieces = url.split('*');
            let first = Text::from(pieces.next().unwrap_or_default());
            let text = pieces.fold(first, |text, piece| text.then_arg(&unknown, Clone::clone).then(piece));
            let found = of_url(&Cloud::public(), Method::Get, &text);
            let found = found.map(|found| (found.action.into_owned(), found.scope.to_string()));
            let expected = expected.map(|(action, scope)| (action, scope.to_owned()));
            assert_eq!(found.is_some(), expected.is_some(), "{url}");
            if let (Some((action, scope)), Some((end, wanted))) = (found, expected) {
                assert!(action.ends_with(end) && scope == wanted, "{url}: {action} {scope}");
            }
        }
    }
}
