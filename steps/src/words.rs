//! Names resources and scopes in words.

use arcbook_engine::step::{Part, Text, Title};
use arcbook_engine::value::Value;

use crate::declared::member_of;
use crate::directory::RoleId;
use crate::permission::{Path, Segment};

/// The beginning of the origin of a result of the step type `metadata`.
const MACHINE: &str = "step.metadata.";

/// The noun of an object of which only the whole id is unknown.
const ID: &str = "the object";

/// Returns the title of the resource at a path of Azure Resource Manager.
pub(crate) fn resource(path: &Text) -> Title {
    title(&Path::parse(path))
}

/// Returns the words for a scope: the id of an object, or its URL in the data plane.
pub(crate) fn scope(scope: &Text) -> String {
    let path = Path::parse(scope);
    let is_url = path.segments.first().is_some_and(|first| first.is("https:") || first.is("http:"));
    match path.segments.as_slice() {
        [_, host, names @ ..] if is_url => of_data(host, names),
        _ => {
            let title = title(&path);
            format!("{} {}", title.brief(), title.place).trim_end().to_owned()
        }
    }
}

/// Says who gets a right: `for group 3000…`, or `for the group given as var.group`.
pub(crate) fn holder(noun: &str, id: &Text) -> String {
    match id.only_gap() {
        Some(gap) => format!("for the {noun} {}", gap.origins.found()),
        None => format!("for {noun} {id}"),
    }
}

/// Returns the title of a resource with this body; that of a role assignment names the role and its holder, which its own name
/// does not.
pub(crate) fn declared(path: &Text, body: Option<&Value>) -> Title {
    let parsed = Path::parse(path);
    let [outer @ .., providers, _, kind, _] = parsed.segments.as_slice() else { return title(&parsed) };
    if !providers.is("providers") || !kind.is("roleAssignments") {
        return title(&parsed);
    }
    let property = |name| member_of(member_of(body?, "properties")?, name)?.as_str();
    let (role, holder) = (property("roleDefinitionId"), property("principalId"));
    let (Some(role), Some(holder)) = (role, holder) else {
        // Nobody can approve what they take for another kind of resource.
        let own = title(&parsed);
        return Title { place: format!("for a principal that its body names, {}", own.place), ..own };
    };
    let role = RoleId::parse(role).map_or_else(|_| role.to_owned(), RoleId::name);
    let noun = match property("principalType") {
        Some(kind) if kind.eq_ignore_ascii_case("Group") => "group",
        Some(kind) if kind.eq_ignore_ascii_case("User") => "user",
        Some(kind) if kind.eq_ignore_ascii_case("ServicePrincipal") => "service principal",
        _ => "principal",
    };
    let outer = title(&parsed.first(outer.len()));
    let scope = format!("{} {}", outer.brief(), outer.place);
    let place = format!("{} on {}", self::holder(noun, &holder.into()), scope.trim_end());
    Title::new("role").named(&role.as_str().into()).placed(place)
}

/// Names a secret, a container or a blob, and its vault or account if that is known.
fn of_data(host: &Segment, names: &[Segment]) -> String {
    let account = host.known().and_then(|host| host.split('.').next());
    let name = match names {
        [] => return of_host(host, account),
        [_, kind, name, ..] if kind.is("groups") => return format!("group {}", name.text()),
        [kind, name, ..] if kind.is("secrets") => format!("secret {}", name.text()),
        [container] => format!("container {}", container.text()),
        names => format!("blob {}", joined(names)),
    };
    match account {
        Some(account) if !names.is_empty() => format!("{name} in {account}"),
        _ => name,
    }
}

/// Names a vault or a storage account; its `name` is the first part of the host, if that is known.
fn of_host(host: &Segment, name: Option<&str>) -> String {
    let shown = host.text().to_string();
    let is_of =
        |service: &str| ['.', '{'].iter().any(|before| shown.contains(&format!("{before}{service}.")));
    let noun = match () {
        () if is_of("vault") => "key vault",
        () if is_of("blob") => "storage account",
        () => return format!("the objects of {}", name.unwrap_or(&shown)),
    };
    found(noun, &name.map_or_else(|| before_dot(host.text()), Text::from)).brief()
}

/// Returns the first name of a host that has unknown parts.
fn before_dot(host: &Text) -> Text {
    let mut first = Text::new();
    for part in host.parts() {
        match part {
            Part::Known(known) if known.contains('.') => {
                let end = known.split('.').next().unwrap_or_default();
                return if end.is_empty() { first } else { first.then(end) };
            }
            // The domain begins here.
            Part::OneOf(_) => return first,
            part => first = first.then_text(&part.clone().into()),
        }
    }
    first
}

fn joined(names: &[Segment]) -> String {
    names.iter().map(|name| name.text().to_string()).collect::<Vec<_>>().join("/")
}

fn title(path: &Path) -> Title {
    let segments = path.segments.as_slice();
    let within = |count: usize| {
        let outer = title(&path.first(count));
        format!("of {} {}", outer.brief(), outer.place).trim_end().to_owned()
    };
    match segments {
        [] => path
            .start
            .as_ref()
            .map_or_else(|| Title::new("the whole tenant (every subscription)"), |start| found(ID, start)),
        [kind, name] if path.start.is_none() && kind.is("subscriptions") => {
            found("subscription", name.text())
        }
        [_, _, kind, name] if path.start.is_none() && kind.is("resourceGroups") => {
            found("resource group", name.text())
        }
        // A provider, its type and the name stand at the end.
        [outer @ .., providers, _, kind, name] if providers.is("providers") => {
            let place =
                if outer.is_empty() && path.start.is_none() { String::new() } else { within(outer.len()) };
            Title { place, ..found(&kind.text().to_string(), name.text()) }
        }
        [outer @ .., kind, name] if outer.len().is_multiple_of(2) => {
            Title { place: within(outer.len()), ..found(&kind.text().to_string(), name.text()) }
        }
        [outer @ .., last] => {
            let is_inner = !outer.is_empty() || path.start.is_some();
            let place = if is_inner { within(outer.len()) } else { String::new() };
            Title { place, ..Title::new(last.text().to_string()) }
        }
    }
}

/// Returns the title of an object whose name may be the result of a step.
fn found(noun: &str, name: &Text) -> Title {
    let Some(gap) = name.only_gap() else { return Title::new(noun).named(name) };
    let origins: Vec<&str> = gap.origins.iter().collect();
    let is_machine = |origin: &&str| origin.starts_with(MACHINE) || origin.contains(&format!(".{MACHINE}"));
    if !origins.is_empty() && origins.iter().all(is_machine) {
        return match noun {
            // These are the ids that `metadata` gives.
            ID => Title::new("this machine or its resource group"),
            noun => Title { name: "of this machine".to_owned(), ..Title::new(noun) },
        };
    }
    Title { name: gap.origins.found(), ..Title::new(noun) }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Arg;
    use arcbook_engine::value::Origins;

    use super::*;

    fn known_after(origin: &str) -> Arg<String> {
        Arg::Unknown(Origins::of(origin))
    }

    #[test]
    fn scopes_have_names() {
        let later = |origin: &str| Text::new().then_arg(&known_after(origin), Clone::clone);
        let subscription = |origin: &str| Text::from("/subscriptions/").then_text(&later(origin));
        let blob =
            Text::from("https://").then_text(&later("step.arm_list.all")).then(".").then_one_of(&["a", "b"]);
        let secret = Arg::Known { value: "hunter2".to_owned(), sensitive: true };
        for (text, expected) in [
            ("/".into(), "the whole tenant (every subscription)"),
            ("/subscriptions/s".into(), "subscription s"),
            (subscription("step.metadata.machine"), "subscription of this machine"),
            (subscription("module.a.step.metadata.machine"), "subscription of this machine"),
            (subscription("step.arm_get.x"), "subscription found by step.arm_get.x"),
            (subscription("var.x"), "subscription given as var.x"),
            (
                subscription("step.metadata.machine").then("/tagNames"),
                "tagNames of subscription of this machine",
            ),
            ("/subscriptions/s/resourceGroups/g".into(), "resource group g"),
            (
                subscription("x").then("/resourceGroups/").then_text(&later("step.metadata.m")),
                "resource group of this machine",
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/things/t".into(),
                "things t of resource group g",
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/A.B/things/t/parts/p".into(),
                "parts p of things t of resource group g",
            ),
            ("/providers/A.B/things/t".into(), "things t"),
            (later("step.metadata.machine"), "this machine or its resource group"),
            (later("step.arm_get.x"), "the object found by step.arm_get.x"),
            (
                later("step.metadata.m").then("/extensions/tools"),
                "extensions tools of this machine or its resource group",
            ),
            ("https://v.vault.azure.net/secrets/a".into(), "secret a in v"),
            ("https://v.vault.azure.net/secrets/a/123".into(), "secret a in v"),
            (blob.clone().then("/uploads"), "container uploads"),
            ("https://acc.blob.core.windows.net/uploads/a/b.txt".into(), "blob uploads/a/b.txt in acc"),
            ("https://acc.blob.core.windows.net".into(), "storage account acc"),
            ("https://v.vault.azure.net".into(), "key vault v"),
            ("https://graph.microsoft.com".into(), "the objects of graph"),
            (
                Text::from("https://")
                    .then_text(&later("step.arm_list.all"))
                    .then(".")
                    .then_one_of(&["blob.x", "y"]),
                "storage account found by step.arm_list.all",
            ),
            (
                Text::from("https://kv").then_text(&later("var.x")).then(".vault.azure.net"),
                "key vault kv(given to the run as var.x)",
            ),
            (blob.then("/").then_arg(&secret, Clone::clone), "container (sensitive)"),
        ] {
            assert_eq!(scope(&text), expected, "{text}");
        }
    }
}
