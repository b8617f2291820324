//! Computes the permission that a request needs from its method and path.

use arcbook_engine::step::{Method, Permission, Text};

use super::exceptions;
use super::path::{Path, Segment};

/// The part of an action that is not known yet.
pub const ANY: &str = "*";

/// The provider of subscriptions, resource groups and everything else without a provider in its path.
const RESOURCES: &str = "Microsoft.Resources";

/// The providers whose resources extend the resource before them, which is the scope of the permission.
const EXTENSIONS: [&str; 3] = ["Microsoft.Authorization", "Microsoft.GuestConfiguration", RESOURCES];

/// The types that have no scope of their own: their requests are checked at the resource that has them.
const PARTS: [(&str, &str); 3] = [
    ("Microsoft.HybridCompute", "machines/extensions"),
    ("Microsoft.HybridCompute", "machines/runCommands"),
    ("Microsoft.KeyVault", "vaults/accessPolicies"),
];

/// Returns the permission that a request to `path` needs, a path of Azure Resource Manager without a query.
///
/// Parts of the action that depend on unknown parts of the path are [`ANY`].
#[must_use]
pub fn arm(method: Method, path: &Text) -> Permission {
    let path = Path::parse(path);
    let target = Target::of(&path);
    exceptions::apply(target.action(method), target.scope(method))
}

/// Returns true if a permission is that of a deployment, which writes whatever its template declares.
pub(crate) fn deploys(need: &Permission) -> bool {
    let is = |own: &str| need.action.eq_ignore_ascii_case(own);
    is("Microsoft.Resources/deployments/write") || is("Microsoft.Resources/deploymentStacks/write")
}

/// The resource that a path names.
struct Target<'a> {
    path: &'a Path,
    /// The position of `providers` before the provider of the resource.
    provider: Option<usize>,
    /// The types and names after the provider, alternating.
    names: &'a [Segment],
}

impl<'a> Target<'a> {
    fn of(path: &'a Path) -> Self {
        let provider = path.provider();
        Self { path, provider, names: &path.segments[provider.map_or(0, |at| at + 2)..] }
    }

    /// Returns true if the path ends in a type, or in the name of an action.
    fn ends_in_type(&self) -> bool {
        self.names.len() % 2 == 1
    }

    fn action(&self, method: Method) -> String {
        let namespace = match (self.provider, &self.path.start) {
            (Some(at), _) => name(&self.path.segments[at + 1]),
            (None, Some(_)) => ANY,
            (None, None) => RESOURCES,
        };
        let types = self.names.iter().step_by(2).map(name);
        let verb = match method {
            Method::Get | Method::Head => "read",
            Method::Delete => "delete",
            Method::Post if self.ends_in_type() => "action",
            // Older providers take POST to a resource as an update.
            Method::Put | Method::Patch | Method::Post | Method::Other(_) => "write",
        };
        std::iter::once(namespace).chain(types).chain([verb]).collect::<Vec<_>>().join("/")
    }

    fn scope(&self, method: Method) -> Text {
        let whole = self.path.segments.len();
        let Some(at) = self.provider else {
            if let [_, _, providers, _] = self.names
                && providers.is("providers")
            {
                return self.path.prefix(2);
            }
            return self.path.prefix(if self.ends_in_type() { whole - 1 } else { whole });
        };
        let namespace = &self.path.segments[at + 1];
        let extends = self.path.segments[..at].iter().any(|segment| segment.is("providers"))
            || EXTENSIONS.iter().any(|extension| namespace.is(extension));
        match self.names {
            _ if extends => self.path.prefix(at),
            // A location belongs to the provider, and no role can be assigned there.
            [locations, ..] if locations.is("locations") => self.path.prefix(at),
            [kind, _, part, _] if is_part(namespace, kind, part) => self.path.prefix(whole - 2),
            // An action of the provider, such as its registration.
            [_] if method == Method::Post => self.path.prefix(at),
            _ if self.ends_in_type() => self.path.prefix(whole - 1),
            _ => self.path.prefix(whole),
        }
    }
}

fn is_part(namespace: &Segment, kind: &Segment, part: &Segment) -> bool {
    PARTS.iter().any(|(provider, types)| {
        let (own, parts) = types.split_once('/').unwrap_or_default();
        namespace.is(provider) && kind.is(own) && part.is(parts)
    })
}

fn name(segment: &Segment) -> &str {
    segment.known().unwrap_or(ANY)
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::{Arg, Plane};
    use arcbook_engine::value::Origins;

    use super::*;

    const GROUP: &str = "/subscriptions/s/resourceGroups/g";

    /// The method, the path after [`GROUP`] or an absolute one, and the action and the scope, both likewise.
    const CASES: &[(Method, &str, &str, &str)] = &[
        (Method::Get, "/subscriptions/s", "Microsoft.Resources/subscriptions/read", "/subscriptions/s"),
        (Method::Get, "/subscriptions", "Microsoft.Resources/subscriptions/read", "/"),
        (
            Method::Get,
            "/subscriptions/s/resources",
            "Microsoft.Resources/subscriptions/resources/read",
            "/subscriptions/s",
        ),
        (
            Method::Get,
            "/subscriptions/s/tagNames",
            "Microsoft.Resources/subscriptions/tagNames/read",
            "/subscriptions/s",
        ),
        (
            Method::Get,
            "/subscriptions/s/providers",
            "Microsoft.Resources/subscriptions/providers/read",
            "/subscriptions/s",
        ),
        (
            Method::Get,
            "/subscriptions/s/providers/A.B",
            "Microsoft.Resources/subscriptions/providers/read",
            "/subscriptions/s",
        ),
        (
            Method::Post,
            "/subscriptions/s/providers/Microsoft.KeyVault/locations/l/deletedVaults/v/purge",
            "Microsoft.KeyVault/locations/deletedVaults/purge/action",
            "/subscriptions/s",
        ),
        (Method::Post, "/subscriptions/s/providers/A.B/register", "A.B/register/action", "/subscriptions/s"),
        (Method::Get, "", "Microsoft.Resources/subscriptions/resourceGroups/read", ""),
        (Method::Put, "", "Microsoft.Resources/subscriptions/resourceGroups/write", ""),
        (Method::Delete, "/", "Microsoft.Resources/subscriptions/resourceGroups/delete", ""),
        (Method::Get, "/resources", "Microsoft.Resources/subscriptions/resourceGroups/resources/read", ""),
        (
            Method::Post,
            "/exportTemplate",
            "Microsoft.Resources/subscriptions/resourceGroups/exportTemplate/action",
            "",
        ),
        (
            Method::Get,
            "/providers/Microsoft.KeyVault/vaults",
            "Microsoft.KeyVault/vaults/read",
            "/providers/Microsoft.KeyVault",
        ),
        (
            Method::Head,
            "/providers/Microsoft.KeyVault/vaults/v",
            "Microsoft.KeyVault/vaults/read",
            "/providers/Microsoft.KeyVault/vaults/v",
        ),
        (
            Method::Patch,
            "/providers/Microsoft.KeyVault/vaults/v",
            "Microsoft.KeyVault/vaults/write",
            "/providers/Microsoft.KeyVault/vaults/v",
        ),
        (
            Method::Put,
            "/providers/Microsoft.KeyVault/vaults/v/accessPolicies/add",
            "Microsoft.KeyVault/vaults/accessPolicies/write",
            "/providers/Microsoft.KeyVault/vaults/v",
        ),
        (Method::Get, "/providers/A.B/c/d/e", "A.B/c/e/read", "/providers/A.B/c/d"),
        (Method::Put, "/PROVIDERS/A.B/c/d/e/f", "A.B/c/e/write", "/PROVIDERS/A.B/c/d/e/f"),
        (Method::Post, "/providers/A.B/c/d/start", "A.B/c/start/action", "/providers/A.B/c/d"),
        (Method::Post, "/providers/A.B/c/d", "A.B/c/write", "/providers/A.B/c/d"),
        (Method::Get, "/providers/A.B/c/providers", "A.B/c/read", "/providers/A.B/c/providers"),
        (
            Method::Patch,
            "/providers/A.B/c/d/providers/Microsoft.Resources/tags/default",
            "Microsoft.Resources/tags/write",
            "/providers/A.B/c/d",
        ),
        (
            Method::Put,
            "/providers/Microsoft.Authorization/roleAssignments/r",
            "Microsoft.Authorization/roleAssignments/write",
            "",
        ),
        (Method::Put, "/providers/A.B/c/d/providers/E.F/g/h", "E.F/g/write", "/providers/A.B/c/d"),
        (
            Method::Put,
            "/providers/Microsoft.Resources/deployments/d",
            "Microsoft.Resources/deployments/write",
            "",
        ),
        // Exceptions.
        (
            Method::Post,
            "/providers/Microsoft.ResourceGraph/resources",
            "Microsoft.ResourceGraph/resources/read",
            "",
        ),
        (
            Method::Post,
            "/providers/microsoft.operationalinsights/workspaces/w/query",
            "Microsoft.OperationalInsights/workspaces/query/read",
            "/providers/microsoft.operationalinsights/workspaces/w",
        ),
        (
            Method::Post,
            "/providers/Microsoft.Network/networkWatchers/w/nextHop",
            "Microsoft.Network/networkWatchers/nextHop/read",
            "/providers/Microsoft.Network/networkWatchers/w",
        ),
        (
            Method::Get,
            "/providers/Microsoft.Network/dscpConfigurations/d",
            "Microsoft.Network/dscpConfiguration/read",
            "/providers/Microsoft.Network/dscpConfigurations/d",
        ),
        (
            Method::Put,
            "/providers/Microsoft.EventHub/namespaces/n/networkRuleSets/default",
            "Microsoft.EventHub/namespaces/networkruleset/write",
            "/providers/Microsoft.EventHub/namespaces/n/networkRuleSets/default",
        ),
        (
            Method::Put,
            "/providers/Microsoft.HybridCompute/machines/m/runCommands/r",
            "Microsoft.HybridCompute/machines/runCommands/write",
            "/providers/Microsoft.HybridCompute/machines/m",
        ),
    ];

    fn whole(path: &str) -> String {
        if path.starts_with("/subscriptions") || path == "/" {
            path.to_owned()
        } else {
            format!("{GROUP}{path}")
        }
    }

    #[test]
    fn the_permission_follows_from_method_and_path() {
        for &(method, path, action, scope) in CASES {
            let path = if path == "/" { format!("{GROUP}/") } else { whole(path) };
            let permission = arm(method, &path.as_str().into());
            assert_eq!((&*permission.action, permission.plane), (action, Plane::Control), "{method} {path}");
            assert_eq!(permission.scope.to_string(), whole(scope), "{method} {path}");
        }
    }

    #[test]
    fn a_read_may_be_an_action_of_the_data_plane() {
        let path = "/subscriptions/s/providers/Microsoft.HybridCompute/locations/l/publishers/p/extensionTypes/t/versions";
        let permission = arm(Method::Get, &path.into());
        assert_eq!(permission.plane, Plane::Data);
    }

    /// The path with `?` for unknown parts, the action and the scope.
    const UNKNOWN: &[(Method, &str, &str, &str)] = &[
        (Method::Get, "?", "*/read", "?"),
        (Method::Get, "/?", "*/read", "?"),
        (Method::Get, "?/resources", "*/resources/read", "?"),
        (Method::Post, "?/start", "*/start/action", "?"),
        (
            Method::Patch,
            "?/providers/Microsoft.Resources/tags/default",
            "Microsoft.Resources/tags/write",
            "?",
        ),
        (
            Method::Get,
            "/subscriptions/?/resourceGroups/?",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "/subscriptions/?/resourceGroups/?",
        ),
        (
            Method::Put,
            "/subscriptions/?/providers/A.B/c/x-?/d/?",
            "A.B/c/d/write",
            "/subscriptions/?/providers/A.B/c/x-?/d/?",
        ),
        (
            Method::Put,
            "/subscriptions/s/providers/A.B/?/d",
            "A.B/*/write",
            "/subscriptions/s/providers/A.B/?/d",
        ),
        (
            Method::Delete,
            "/subscriptions/s/providers/?/c/d",
            "*/c/delete",
            "/subscriptions/s/providers/?/c/d",
        ),
    ];

    #[test]
    fn an_unknown_part_makes_no_false_certainty() {
        let unknown: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let sensitive = Arg::Known { value: "machines".to_owned(), sensitive: true };
        for &(method, path, action, scope) in UNKNOWN {
            for (hole, shown) in [(&unknown, "(known after step.a.b)"), (&sensitive, "(sensitive)")] {
                let mut pieces = path.split('?');
                let first = Text::from(pieces.next().unwrap_or_default());
                let text = pieces.fold(first, |text, piece| text.then_arg(hole, Clone::clone).then(piece));
                let permission = arm(method, &text);
                assert_eq!(permission.action, action, "{method} {path}");
                assert_eq!(permission.scope.to_string(), scope.replace('?', shown), "{method} {path}");
            }
        }
    }
}
