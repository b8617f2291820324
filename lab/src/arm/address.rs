//! Parsing of ARM paths.

use uuid::Uuid;

/// A parsed ARM path. Names keep the caller's spelling.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    Subscriptions,
    /// The queries of Resource Graph.
    ResourceGraph,
    Subscription {
        subscription: &'a str,
    },
    TagNames {
        subscription: &'a str,
    },
    Groups {
        subscription: &'a str,
    },
    Group {
        subscription: &'a str,
        group: &'a str,
    },
    Resources {
        subscription: &'a str,
        group: Option<&'a str>,
    },
    /// Role assignments at, above and below a scope, which is a resource id.
    RoleAssignments {
        scope: String,
    },
    /// A role assignment at a scope.
    RoleAssignment {
        scope: String,
        name: &'a str,
    },
    /// The roles that can be assigned at a scope.
    RoleDefinitions {
        scope: String,
    },
    /// A role, at a scope.
    RoleDefinition {
        scope: String,
        name: &'a str,
    },
    /// The deny assignments at a scope and above it.
    DenyAssignments {
        scope: String,
    },
    /// The permissions of the caller at a scope.
    Permissions {
        scope: String,
    },
    /// The tags of a scope.
    Tags {
        scope: String,
    },
    /// A resource by its id, or a collection of resources.
    Path {
        subscription: &'a str,
        path: String,
    },
    /// A long-running operation.
    Operation {
        subscription: &'a str,
        view: OperationView,
        id: Uuid,
    },
    /// The registrations of the subscription.
    Providers {
        subscription: &'a str,
    },
    /// The registration of the subscription for a namespace.
    Provider {
        subscription: &'a str,
        namespace: &'a str,
    },
    /// The request for that registration.
    Registration {
        subscription: &'a str,
        namespace: &'a str,
    },
    Unknown,
}

/// The two views of an operation, each with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperationView {
    /// The operation as a resource: `operationStatuses`.
    Status,
    /// 202 until the final response: `operationResults`.
    Result,
}

impl OperationView {
    /// Returns the path segment before the operation's id.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::Status => "operationStatuses",
            Self::Result => "operationResults",
        }
    }

    fn of(segment: &str) -> Option<Self> {
        [Self::Status, Self::Result].into_iter().find(|view| view.segment().eq_ignore_ascii_case(segment))
    }
}

impl<'a> Address<'a> {
    pub(super) fn of(segments: &[&'a str]) -> Self {
        let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let words: Vec<&str> = lower.iter().map(String::as_str).collect();
        if let Some(extension) = extension(&words, segments) {
            return extension;
        }
        if let Some(operation) = operation(&words, segments) {
            return operation;
        }
        match (words.as_slice(), segments) {
            (["providers", "microsoft.resourcegraph", "resources"], _) => Self::ResourceGraph,
            (["subscriptions"], _) => Self::Subscriptions,
            (["subscriptions", _], [_, subscription]) => Self::Subscription { subscription },
            (["subscriptions", _, "tagnames"], [_, subscription, _]) => Self::TagNames { subscription },
            (["subscriptions", _, "resourcegroups"], [_, subscription, _]) => Self::Groups { subscription },
            (["subscriptions", _, "resources"], [_, subscription, _]) => {
                Self::Resources { subscription, group: None }
            }
            (["subscriptions", _, "resourcegroups", _], [_, subscription, _, group]) => {
                Self::Group { subscription, group }
            }
            (["subscriptions", _, "resourcegroups", _, "resources"], [_, subscription, _, group, _]) => {
                Self::Resources { subscription, group: Some(group) }
            }
            (["subscriptions", _, "providers"], [_, subscription, _]) => Self::Providers { subscription },
            (["subscriptions", _, "providers", _], [_, subscription, _, namespace]) => {
                Self::Provider { subscription, namespace }
            }
            (["subscriptions", _, "providers", _, "register"], [_, subscription, _, namespace, _]) => {
                Self::Registration { subscription, namespace }
            }
            (
                ["subscriptions", _, "providers", _, _, ..]
                | ["subscriptions", _, "resourcegroups", _, "providers", _, _, ..],
                [_, subscription, ..],
            ) => Self::Path { subscription, path: id(segments) },
            _ => Self::Unknown,
        }
    }

    /// Returns the subscription id in the path.
    pub(super) fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscriptions | Self::ResourceGraph | Self::Unknown => None,
            Self::Subscription { subscription }
            | Self::TagNames { subscription }
            | Self::Groups { subscription }
            | Self::Group { subscription, .. }
            | Self::Resources { subscription, .. }
            | Self::Operation { subscription, .. }
            | Self::Providers { subscription }
            | Self::Provider { subscription, .. }
            | Self::Registration { subscription, .. }
            | Self::Path { subscription, .. } => Some(subscription),
            Self::RoleAssignments { scope }
            | Self::RoleAssignment { scope, .. }
            | Self::RoleDefinitions { scope }
            | Self::RoleDefinition { scope, .. }
            | Self::DenyAssignments { scope }
            | Self::Permissions { scope }
            | Self::Tags { scope } => scope.split('/').nth(2),
        }
    }
}

/// Parses the path of a resource that extends the scope before it, which is in a subscription, or of a list of them.
fn extension<'a>(words: &[&str], segments: &[&'a str]) -> Option<Address<'a>> {
    let scope = |length: usize| id(&segments[..segments.len() - length]);
    match words {
        ["subscriptions", _, .., "providers", "microsoft.authorization", kind] => match *kind {
            "roleassignments" => Some(Address::RoleAssignments { scope: scope(3) }),
            "roledefinitions" => Some(Address::RoleDefinitions { scope: scope(3) }),
            "denyassignments" => Some(Address::DenyAssignments { scope: scope(3) }),
            "permissions" => Some(Address::Permissions { scope: scope(3) }),
            _ => None,
        },
        ["subscriptions", _, .., "providers", namespace, kind, _] => match (*namespace, *kind) {
            ("microsoft.authorization", "roleassignments") => {
                Some(Address::RoleAssignment { scope: scope(4), name: segments.last()? })
            }
            ("microsoft.authorization", "roledefinitions") => {
                Some(Address::RoleDefinition { scope: scope(4), name: segments.last()? })
            }
            ("microsoft.resources", "tags") => Some(Address::Tags { scope: scope(4) }),
            _ => None,
        },
        _ => None,
    }
}

/// Parses the path of an operation: at the subscription, or at a location of a provider.
fn operation<'a>(words: &[&str], segments: &[&'a str]) -> Option<Address<'a>> {
    let (["subscriptions", _, view, id] | ["subscriptions", _, "providers", _, "locations", _, view, id]) =
        words
    else {
        return None;
    };
    let subscription = segments.get(1)?;
    Some(Address::Operation { subscription, view: OperationView::of(view)?, id: id.parse().ok()? })
}

fn id(segments: &[&str]) -> String {
    segments.iter().flat_map(|segment| ["/", segment]).collect()
}

/// Returns the action that `verb` on this path performs: `Microsoft.Storage/storageAccounts/write`.
pub(super) fn action(segments: &[&str], verb: &str) -> String {
    let provider = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let Some((namespace, rest)) = provider.and_then(|at| segments[at + 1..].split_first()) else {
        let group = segments.len() > 3;
        let kind = if group { "subscriptions/resourceGroups" } else { "subscriptions" };
        return format!("Microsoft.Resources/{kind}/{verb}");
    };
    let types: String = rest.iter().step_by(2).flat_map(|kind| ["/", kind]).collect();
    format!("{namespace}{types}/{verb}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_ignore_case_and_keep_names() {
        let of = |path: &'static str| {
            Address::of(&path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>())
        };
        assert_eq!(of("/subscriptions"), Address::Subscriptions);
        assert_eq!(of("/Subscriptions/S/tagNames"), Address::TagNames { subscription: "S" });
        assert_eq!(
            of("/subscriptions/S/resourcegroups/Rg/resources"),
            Address::Resources { subscription: "S", group: Some("Rg") }
        );
        assert_eq!(
            of("/subscriptions/S/resourceGroups/Rg/providers/A.B/c/x"),
            Address::Path {
                subscription: "S",
                path: "/subscriptions/S/resourceGroups/Rg/providers/A.B/c/x".to_owned()
            }
        );
        let at_group =
            of("/subscriptions/S/resourceGroups/Rg/providers/Microsoft.Authorization/roleAssignments");
        assert_eq!(
            at_group,
            Address::RoleAssignments { scope: "/subscriptions/S/resourceGroups/Rg".to_owned() }
        );
        assert_eq!(at_group.subscription(), Some("S"));
        let id = Uuid::from_u128(7);
        for (path, view) in [
            ("/subscriptions/S/OperationResults/00000000-0000-0000-0000-000000000007", OperationView::Result),
            (
                "/subscriptions/S/providers/A.B/locations/x/operationStatuses/00000000-0000-0000-0000-000000000007",
                OperationView::Status,
            ),
        ] {
            assert_eq!(of(path), Address::Operation { subscription: "S", view, id });
        }
        let provider = Address::Provider { subscription: "S", namespace: "A.B" };
        assert_eq!(of("/subscriptions/S/providers/A.B"), provider);
        let registration = Address::Registration { subscription: "S", namespace: "A.B" };
        assert_eq!(of("/subscriptions/S/providers/A.B/register"), registration);
        assert_eq!(of("/nothing"), Address::Unknown);
        assert_eq!(of("/subscriptions/S/providers"), Address::Providers { subscription: "S" });
        let scope = "/subscriptions/S/resourceGroups/Rg".to_owned();
        let definitions =
            of("/subscriptions/S/resourceGroups/Rg/providers/Microsoft.Authorization/RoleDefinitions");
        assert_eq!(definitions, Address::RoleDefinitions { scope: scope.clone() });
        let permissions =
            of("/subscriptions/S/resourceGroups/Rg/providers/Microsoft.Authorization/permissions");
        assert_eq!(permissions, Address::Permissions { scope });
    }

    #[test]
    fn actions_are_named_by_the_type() {
        let split = |path: &'static str| path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let path = split("/subscriptions/S/resourceGroups/rg/providers/A.B/c/x/d/y");
        assert_eq!(action(&path, "write"), "A.B/c/d/write");
        assert_eq!(
            action(&split("/subscriptions/S/resourceGroups/rg"), "delete"),
            "Microsoft.Resources/subscriptions/resourceGroups/delete"
        );
    }
}
