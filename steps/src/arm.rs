//! Paths, versions and URLs shared by the step types that call Azure Resource Manager.

use arcbook_engine::step::{Arg, ArgumentError, ArgumentType, Form, Text};
use arcbook_engine::value::{TextKind, TextPart, Type, Value};
use percent_encoding::percent_decode_str;

use crate::azure::Azure;
use crate::names::partial_argument;
use crate::outline::{GAP, Outline};
use crate::percent;

/// The default API version for each resource provider; the last provider in the path decides.
const VERSIONS: [(&str, &str); 6] = [
    ("Microsoft.Authorization", "2022-04-01"),
    ("Microsoft.HybridCompute", "2024-07-10"),
    ("Microsoft.KeyVault", "2023-07-01"),
    ("Microsoft.ManagedIdentity", "2023-01-31"),
    (RESOURCES, RESOURCES_VERSION),
    ("Microsoft.Storage", "2023-05-01"),
];

/// The provider of subscriptions, resource groups and everything that belongs to no other provider.
const RESOURCES: &str = "Microsoft.Resources";
const RESOURCES_VERSION: &str = "2021-04-01";

/// A path on ARM, such as a resource id: absolute, without a query and without dot segments.
///
/// The path keeps ARM's own spelling: `CPU > 80%` is a name, and encoded characters such as `%2F` stay
/// encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePath(String);

/// An API version, such as `2021-04-01` or `2024-01-01-preview`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersion(pub(crate) String);

impl ResourcePath {
    /// The path of the list of subscriptions.
    pub(crate) fn subscriptions() -> Self {
        Self("/subscriptions".to_owned())
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if path.contains(GAP) {
            return Err(ODD_SEGMENTS.to_owned());
        }
        Self::check(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Writes a partly known path as [`Self::encoded`] does.
    pub(crate) fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        let path = outline.text().strip_suffix('/').unwrap_or(outline.text());
        Self::check(path)?;
        // An unknown part at the start contains the slash that a path starts with.
        let starts_unknown = path.starts_with(GAP);
        let form = |at: usize, kind| match kind {
            TextKind::Plain if at > 0 || !starts_unknown => Form::Segment,
            _ => Form::Path,
        };
        Ok(Some(outline.write_as(path.trim_start_matches('/'), percent::path, form)))
    }

    /// Checks a path in which [`GAP`] stands for an unknown part.
    fn check(path: &str) -> Result<(), String> {
        if !path.starts_with(['/', GAP]) || path.contains("//") {
            return Err(
                "must be a path like /subscriptions/…/resourceGroups/…, starting with one slash".to_owned()
            );
        }
        // A name may contain a question mark; a query has a name and a value.
        if path.split_once('?').is_some_and(|(_, query)| query.contains('=')) {
            return Err("must be a path without a query: use `query` and `api_version`".to_owned());
        }
        let is_odd = |segment: &str| {
            let decoded = percent_decode_str(segment).decode_utf8_lossy();
            decoded.split(['/', '\\']).any(|part| part == "." || part == "..")
                || decoded.matches(char::is_control).count() > segment.matches(GAP).count()
        };
        if path.split('/').any(is_odd) { Err(ODD_SEGMENTS.to_owned()) } else { Ok(()) }
    }

    /// Returns the path as it was given, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path percent-encoded for a URL, without the leading slash.
    pub(crate) fn encoded(&self) -> String {
        percent::path(self.0.trim_start_matches('/'))
    }

    /// Returns the segments of the path; the first one is not empty.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }

    /// Returns the provider of the resource.
    fn provider(&self) -> &str {
        let segments: Vec<&str> = self.segments().collect();
        let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
        at.and_then(|at| segments.get(at + 1)).copied().unwrap_or(RESOURCES)
    }

    fn default_version(&self) -> Option<&'static str> {
        default_version(self.provider())
    }
}

const ODD_SEGMENTS: &str = "must not contain `.` or `..` segments or control characters";

/// Returns the version for resources of a provider.
fn default_version(provider: &str) -> Option<&'static str> {
    let own = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(provider);
    VERSIONS.iter().find(own).map(|(_, version)| *version)
}

/// Returns the provider of a resource whose path is partly known; none if an unknown part decides it.
fn known_provider(path: &Text) -> Option<String> {
    const PATH: &str = "\u{1}";
    const SEGMENT: &str = "\0";
    let path = path.fill(|gap| Some(if gap.form == Form::Path { PATH } else { SEGMENT }))?;
    let segments: Vec<&str> = path.split('/').collect();
    let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let after = &segments[at.unwrap_or(0)..];
    if after.iter().any(|segment| segment.contains(PATH)) {
        return None;
    }
    let provider = at.and_then(|_| after.get(1)).copied().unwrap_or(RESOURCES);
    (!provider.contains(SEGMENT)).then(|| provider.to_owned())
}

impl ApiVersion {
    fn parse(text: &str) -> Result<Self, String> {
        (!text.is_empty() && text.len() <= 64 && Self::is_good(text))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be a version like 2021-04-01";

    fn is_good(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        if !outline.known().all(Self::is_good) {
            return Err(Self::SHAPE.to_owned());
        }
        Ok(Some(outline.write_as(outline.text(), str::to_owned, |_, _| Form::Component)))
    }
}

partial_argument!(ResourcePath, ApiVersion);

/// Returns the ARM URL of `path`, up to and including its API version.
pub(crate) fn url(azure: &Azure, path: &Arg<ResourcePath>, version: Option<&Arg<ApiVersion>>) -> Text {
    let version = version.map_or_else(|| default_of(path), text);
    versioned(azure, &Text::new().then_parts(path, ResourcePath::encoded), &version)
}

/// Returns the default version for the resource at `path`, as far as it is known.
fn default_of(path: &Arg<ResourcePath>) -> Text {
    let known = match path {
        Arg::Partial(path) if !path.is_sensitive() => known_provider(path),
        _ => None,
    };
    match known.and_then(|provider| default_version(&provider)) {
        Some(version) => version.into(),
        None => Text::new().then_arg(path, |path| path.default_version().unwrap_or_default().to_owned()),
    }
}

/// Returns the ARM URL of `list`, the path of a list of resources without its leading slash, up to and including its
/// API version.
pub(crate) fn resources(azure: &Azure, list: &Text, version: Option<&Arg<ApiVersion>>) -> Text {
    versioned(azure, list, &version.map_or_else(|| RESOURCES_VERSION.into(), text))
}

fn text(version: &Arg<ApiVersion>) -> Text {
    Text::new().then_parts(version, |ApiVersion(version)| version.clone())
}

/// Returns the ARM URL of `path`, without its leading slash, with this API version.
pub(crate) fn versioned(azure: &Azure, path: &Text, version: &Text) -> Text {
    Text::from(&*azure.cloud().arm()).then("/").then_text(path).then("?api-version=").then_text(version)
}

/// Returns an error if `path` needs an explicit version: none is given and its provider has no default.
pub(crate) fn check_version(
    path: &Arg<ResourcePath>,
    version: Option<&Arg<ApiVersion>>,
) -> Option<ArgumentError> {
    if version.is_some() {
        return None;
    }
    if let Arg::Partial(path) = path {
        known_provider(path).filter(|provider| default_version(provider).is_none())?;
        let error = ArgumentError::new("api_version", "must be given for resources of this provider");
        return Some(error.help("az provider show --namespace NAME lists the versions of each type"));
    }
    let path = path.value().filter(|path| path.default_version().is_none())?;
    let message = format!("must be given for resources of {}", path.provider());
    let help = format!("az provider show --namespace {} lists the versions of each type", path.provider());
    Some(ArgumentError::new("api_version", message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_and_plain() {
        for good in [
            "/subscriptions",
            "/subscriptions/s/resourceGroups/my rg/",
            "/subscriptions/s/providers/A.B/c/d%2Fe",
            "/subscriptions/s/resourceGroups/a..b",
            "/subscriptions/s/providers/A.B/c/CPU #1 > 80%",
            "/subscriptions/s/providers/A.B/c/ok?",
            "/subscriptions/s/providers/A.B/c/DOMAIN\\user",
        ] {
            assert!(ResourcePath::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "subscriptions",
            "//evil.example/x",
            "https://evil.example/x",
            "/a//b",
            "/a/../b",
            "/a/%2e%2E/b",
            "/a/./b",
            "/a?api-version=1",
            "/a?$expand=b",
            "/a\\..\\b",
            "/a%5c..%5Cb",
            "/a%2F..%2Fb",
            "/a\nb",
            "/a%0Ab",
        ] {
            assert!(ResourcePath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_that_arm_returned_can_be_requested() {
        let scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/metricAlerts";
        for (name, encoded) in [
            ("CPU > 80%", "CPU%20%3E%2080%25"),
            ("#1", "%231"),
            ("100%a", "100%25a"),
            ("what?", "what%3F"),
            ("what？", "what%EF%BC%9F"),
            ("Größe", "Gr%C3%B6%C3%9Fe"),
            ("a%2Fb", "a%2Fb"),
            ("a\\b", "a%5Cb"),
            ("50%25 {x} [y] ^|`", "50%25%20%7Bx%7D%20[y]%20%5E%7C%60"),
            ("a;b=c,d+e&f'g", "a;b=c,d+e&f'g"),
        ] {
            let path = ResourcePath::parse(&format!("{scope}/{name}")).unwrap();
            assert_eq!(path.encoded(), format!("{}/{encoded}", &scope[1..]), "{name}");
            let url =
                url::Url::parse(&format!("https://management.azure.com/{}?api-version=1", path.encoded()))
                    .unwrap();
            assert_eq!(
                (url.path(), url.query()),
                (&*format!("{scope}/{encoded}"), Some("api-version=1")),
                "{name}"
            );
        }
    }

    #[test]
    fn the_last_provider_gives_the_version() {
        for (path, version) in [
            ("/subscriptions/s/tagNames", Some("2021-04-01")),
            ("/subscriptions/s/providers/microsoft.keyvault/vaults/v", Some("2023-07-01")),
            (
                "/subscriptions/s/providers/Microsoft.X/y/z/providers/Microsoft.Authorization/a",
                Some("2022-04-01"),
            ),
            ("/subscriptions/s/providers/Microsoft.X/y", None),
        ] {
            let path = ResourcePath::parse(path).unwrap();
            assert_eq!(path.default_version(), version, "{path:?}");
            assert_eq!(check_version(&Arg::known(path), None).is_none(), version.is_some());
        }
    }
}
