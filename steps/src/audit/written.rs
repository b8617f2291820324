//! Finds the resources that a runbook writes, whatever step type sends them.

use arcbook_engine::audit::{StepView, Subject};
use arcbook_engine::value::{Data, Value};

use super::sent::{Sent, sent};
use crate::cloud::Service;
use crate::permission;

/// A resource that a step writes: with `arm_resource`, with `http`, or in the template of a deployment.
pub(super) struct Written<'a> {
    /// The step.
    pub view: StepView<'a>,
    /// The argument that holds the resource.
    pub argument: &'static str,
    /// The type in lower case, such as `microsoft.storage/storageaccounts`; empty if it is not known.
    pub kind: String,
    /// The scope in lower case, with phrases in place of its unknown parts.
    pub scope: String,
    /// The thing that may write anything else, because nobody can see what it holds; none if all of it is here.
    pub hidden: Option<&'static str>,
    /// The bodies that are merged: the later ones count first.
    bodies: Vec<Value>,
}

impl Written<'_> {
    /// Returns the values at a path of the body, whatever the case of its names.
    pub fn at(&self, path: &[&str]) -> Vec<&Value> {
        self.bodies.iter().rev().filter_map(|body| member(body, path)).collect()
    }

    /// Returns true if the resource is an assignment of a role, a request for one among them.
    pub fn is_assignment(&self) -> bool {
        self.kind.ends_with("/roleassignments") || !self.at(&["properties", "roleDefinitionId"]).is_empty()
    }

    /// Returns true if the resource deploys a template.
    pub fn is_deployment(&self) -> bool {
        DEPLOYMENTS.contains(&self.kind.as_str())
    }
}

/// The types of resources that deploy templates.
const DEPLOYMENTS: [&str; 2] = ["microsoft.resources/deployments", "microsoft.resources/deploymentstacks"];

/// Returns the resources that a runbook writes.
pub(super) fn written<'a>(subject: &Subject<'a>) -> Vec<Written<'a>> {
    let mut found = Vec::new();
    for view in subject.steps() {
        match &*view.step.type_name.value {
            "arm_resource" if !is_true(view.argument("absent")) => resource(view, &mut found),
            "arm_deployment" => {
                let scope = view.argument("scope").map(shown).unwrap_or_default().to_ascii_lowercase();
                let template = view.argument("template").map_or(Template::Elsewhere, Template::of);
                Place { view, argument: "template" }.deployed(&scope, "", template, &mut found);
            }
            _ => {}
        }
    }
    for one in sent(subject).into_iter().filter(|one| one.gives) {
        request(one, &mut found);
    }
    found
}

/// Returns the resources of a type.
pub(super) fn of_type<'a>(subject: &Subject<'a>, kind: &str) -> Vec<Written<'a>> {
    written(subject).into_iter().filter(|one| one.kind == kind).collect()
}

/// Returns true if a value is true, or its text.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| match value.data() {
        Data::Bool(found) => *found,
        Data::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

fn resource<'a>(view: StepView<'a>, found: &mut Vec<Written<'a>>) {
    let id = permission::decoded(&view.argument("id").map(shown).unwrap_or_default());
    let bodies: Vec<Value> =
        ["body", "sensitive_body"].iter().filter_map(|name| view.argument(name)).cloned().collect();
    let argument = if view.argument("body").is_some() { "body" } else { "sensitive_body" };
    Place { view, argument }.add(&id, bodies, found);
}

/// Adds the resource that a request writes, if its path is that of one.
fn request<'a>(one: Sent<'a>, found: &mut Vec<Written<'a>>) {
    let Sent { view, argument, path, service, body, hides, .. } = one;
    let (place, is_arm) = (Place { view, argument }, service == Some(Service::Arm));
    let hidden = |thing| Written { hidden: Some(thing), ..place.empty() };
    match (service, path) {
        (Some(Service::Arm | Service::Graph), _) if hides => found.push(hidden("batch")),
        (Some(Service::Arm | Service::Graph), None) => found.push(hidden("request")),
        (Some(Service::Arm) | None, Some(path)) => {
            // An unknown part may be the id of any resource.
            let is_id =
                |name: &String| name.eq_ignore_ascii_case("providers") || is_arm && name.starts_with('(');
            let is_resource = segments(&path).iter().any(is_id);
            let Some(body) = body.filter(|_| is_resource) else { return };
            place.add(&path, vec![body], found);
        }
        _ => {}
    }
}

/// The place in a runbook that writes resources.
#[derive(Clone, Copy)]
struct Place<'a> {
    view: StepView<'a>,
    argument: &'static str,
}

impl<'a> Place<'a> {
    /// Returns a resource of which nothing is known.
    fn empty(self) -> Written<'a> {
        let Self { view, argument } = self;
        let (kind, scope) = (String::new(), String::new());
        Written { view, argument, kind, scope, hidden: None, bodies: Vec::new() }
    }

    /// Adds the resource with an id.
    fn add(self, id: &str, bodies: Vec<Value>, found: &mut Vec<Written<'a>>) {
        let (scope, kind) = parts(id);
        // A phrase in parentheses stands for what is not known.
        let is_any = kind.contains('(') || kind.is_empty() && id.contains('(');
        let hidden = (is_any && bodies.iter().any(Value::is_unknown)).then_some("resource");
        self.with_templates(Written { kind, scope, hidden, bodies, ..self.empty() }, found);
    }

    /// Adds a resource, and those that its templates deploy.
    fn with_templates(self, one: Written<'a>, found: &mut Vec<Written<'a>>) {
        let mut templates = one.bodies.iter().flat_map(templates).collect::<Vec<_>>();
        if one.is_deployment() && templates.is_empty() {
            templates.push(Template::Elsewhere);
        }
        for template in templates {
            // A type of its own may call anything unknown a template.
            if one.is_deployment() || !matches!(template, Template::Elsewhere) {
                self.deployed(&one.scope, "", template, found);
            }
        }
        found.push(one);
    }

    /// Adds the resources of a template; those of inner resources, with the type of the one around them.
    fn deployed(self, scope: &str, around: &str, template: Template, found: &mut Vec<Written<'a>>) {
        let Template::Here(resources) = template else {
            // Nobody can see what an unknown template holds.
            let scope = scope.to_owned();
            found.push(Written { scope, hidden: Some("template"), ..self.empty() });
            return;
        };
        for resource in resources.children() {
            let own = member(resource, &["type"]).and_then(Value::as_str).unwrap_or_default();
            // An inner type may be whole already: it has a provider, whose name has a dot.
            let is_whole = around.is_empty() || own.split('/').next().is_some_and(|name| name.contains('.'));
            let kind = if is_whole { own.to_owned() } else { format!("{around}/{own}") }.to_ascii_lowercase();
            let its = member(resource, &["scope"]).map(shown).filter(|scope| !scope.is_empty());
            let scope = its.unwrap_or_else(|| scope.to_owned()).to_ascii_lowercase();
            if let Some(inner) = member(resource, &["resources"]) {
                self.deployed(&scope, &kind, Template::Here(inner.clone()), found);
            }
            let bodies = vec![resource.clone()];
            self.with_templates(Written { kind, scope, bodies, ..self.empty() }, found);
        }
    }
}

/// A template.
enum Template {
    /// Its resources.
    Here(Value),
    /// It is known later, or lies elsewhere.
    Elsewhere,
}

impl Template {
    fn of(value: &Value) -> Self {
        let read = value.as_str().and_then(|text| Value::parse_json(text).ok());
        let resources = member(read.as_ref().unwrap_or(value), &["resources"]);
        match resources.filter(|resources| !resources.is_unknown()) {
            Some(resources) => Self::Here(resources.clone()),
            None => Self::Elsewhere,
        }
    }
}

/// Returns the templates in the body of a resource, wherever they are: in a deployment, or in a policy that deploys one.
fn templates(body: &Value) -> Vec<Template> {
    let mut found = Vec::new();
    // The inner resources of a resource in a template are resources of that template.
    let mut open: Vec<&Value> = members(body)
        .filter(|(name, _)| !name.eq_ignore_ascii_case("resources"))
        .map(|(_, value)| value)
        .collect();
    while let Some(value) = open.pop() {
        for (name, inner) in members(value) {
            match name.to_ascii_lowercase().as_str() {
                "template" | "maintemplate" => found.push(Template::of(inner)),
                "templatelink" => found.push(Template::Elsewhere),
                _ => open.push(inner),
            }
        }
        if members(value).next().is_none() {
            open.extend(value.children());
        }
    }
    found
}

/// Returns the members of an object.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = match value.data() {
        Data::Object(entries) | Data::Map(_, entries) => Some(entries),
        _ => None,
    };
    entries.into_iter().flat_map(|entries| entries.iter()).map(|(name, value)| (&**name, value))
}

/// Returns a text, with phrases in place of its unknown parts.
pub(super) fn shown(text: &Value) -> String {
    let unknown = || text.is_unknown().then(|| "(unknown)".to_owned());
    let parts = || text.pattern().map(ToString::to_string);
    text.as_str().map(str::to_owned).or_else(parts).or_else(unknown).unwrap_or_default()
}

/// Returns the segments of an id. A phrase in parentheses may contain slashes.
pub(super) fn segments(id: &str) -> Vec<String> {
    let (mut found, mut depth) = (vec![String::new()], 0_usize);
    for next in id.chars() {
        match next {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match found.last_mut() {
            Some(last) if next != '/' || depth > 0 => last.push(next),
            _ => found.push(String::new()),
        }
    }
    found.retain(|segment| !segment.is_empty());
    found
}

/// Returns the scope of a resource, and the last resource type in its id, both in lower case.
fn parts(id: &str) -> (String, String) {
    let segments = segments(&id.to_ascii_lowercase());
    let Some(at) = segments.iter().rposition(|segment| segment == "providers") else {
        return (segments.join("/"), String::new());
    };
    let rest = &segments[at + 1..];
    let types = rest.iter().skip(1).step_by(2);
    let kind: Vec<&str> = rest.first().into_iter().chain(types).map(String::as_str).collect();
    (segments[..at].join("/"), kind.join("/"))
}

/// Returns the member of an object at a path, whatever the case of its names.
pub(super) fn member<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let Some((name, rest)) = path.split_first() else { return Some(value) };
    let (Data::Object(entries) | Data::Map(_, entries)) = value.data() else { return None };
    let found = entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.and_then(|(_, inner)| member(inner, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_the_last_one_of_an_id() {
        for (id, scope, kind) in [
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default",
                "subscriptions/s/resourcegroups/g",
                "microsoft.storage/storageaccounts/blobservices",
            ),
            (
                "/subscriptions/(known after step.a[\"x/providers/y\"])/providers/Microsoft.Authorization/roleAssignments/r",
                "subscriptions/(known after step.a[\"x/providers/y\"])",
                "microsoft.authorization/roleassignments",
            ),
            ("/subscriptions/s", "subscriptions/s", ""),
        ] {
            assert_eq!(parts(id), (scope.to_owned(), kind.to_owned()), "{id}");
        }
    }
}
