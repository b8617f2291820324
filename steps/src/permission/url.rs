//! Finds the permission that a request needs from its URL.

use arcbook_engine::step::{Method, Part, Permission, Text};
use url::Url;

use super::path::decoded;
use super::rule::{self, ANY};
use crate::cloud::Cloud;

/// Returns the permission that a request to a URL of Azure Resource Manager needs; none for any other URL, which does
/// not tell its permission.
pub fn of_url(cloud: &Cloud, method: Method, url: &Text) -> Option<Permission> {
    let (first, rest) = url.parts().split_first()?;
    let Part::Known(first) = first else { return None };
    let first = path_at(first, &cloud.arm())?;
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
    is_path.then(|| of_path(method, &path))
}

/// Returns what follows the base URL `base` in a URL whose host is the same in any spelling: upper or lower case, with the
/// default port or without it.
fn path_at<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    let (found, base) = (Url::parse(&format!("{scheme}://{authority}")).ok()?, Url::parse(base).ok()?);
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
    let is_same = found.scheme() == base.scheme()
        && host(&found) == host(&base)
        && found.port_or_known_default() == base.port_or_known_default();
    is_same.then_some(path)
}

/// Returns the permission of a request to a path: a batch may be any requests.
fn of_path(method: Method, path: &Text) -> Permission {
    let is_batch =
        path.reveal().is_some_and(|path| decoded(&path).trim_end_matches('/').eq_ignore_ascii_case("/batch"));
    if is_batch { Permission::control(ANY, "/".into()) } else { rule::arm(method, path) }
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
            (
                "https://MANAGEMENT.Azure.com/subscriptions/s",
                Some(("subscriptions/read", "/subscriptions/s")),
            ),
            (
                "HTTPS://management.azure.com:443/subscriptions/s",
                Some(("subscriptions/read", "/subscriptions/s")),
            ),
            (
                "https://management.azure.com./subscriptions/s",
                Some(("subscriptions/read", "/subscriptions/s")),
            ),
            ("https://management.azure.com:8443/subscriptions/s", None),
            ("http://management.azure.com/subscriptions/s", None),
            ("https://management.azure.com@example.net/subscriptions/s", None),
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

    #[test]
    fn the_permission_is_that_of_the_path_which_the_service_reads() {
        let arm = "https://management.azure.com";
        for (method, path, action) in [
            (
                Method::Put,
                "/subscriptions/s/providers/Microsoft.Authorization/%72oleAssignments/x",
                "Microsoft.Authorization/roleAssignments/write",
            ),
            (Method::Get, "/subscriptions/s/providers/A.B/c%64/x%2Fy", "A.B/cd/read"),
            (Method::Post, "/batch?api-version=2020-06-01", ANY),
            (Method::Post, "/Batch/", ANY),
            (Method::Post, "/b%61tch", ANY),
            (
                Method::Put,
                "/subscriptions/s/%70roviders/Microsoft.Authorization/roleAssignments/x",
                "Microsoft.Authorization/roleAssignments/write",
            ),
        ] {
            let found = of_url(&Cloud::public(), method, &format!("{arm}{path}").as_str().into());
            assert_eq!(found.map(|found| found.action.into_owned()).as_deref(), Some(action), "{path}");
        }
    }
}
