//! Finds the resources that a runbook writes, whatever step type sends them.

use arcbook_engine::audit::{StepView, Subject};
use arcbook_engine::value::{Data, Value};

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
    /// The bodies that are merged: the later ones count first.
    bodies: Vec<Value>,
}

impl Written<'_> {
    /// Returns the values at a path of the body, whatever the case of its names.
    pub fn at(&self, path: &[&str]) -> Vec<&Value> {
        self.bodies.iter().rev().filter_map(|body| member(body, path)).collect()
    }

    /// Returns true if a part of the body is not known, so that it may have any member.
    pub fn is_open(&self) -> bool {
        self.bodies.is_empty() || self.bodies.iter().any(Value::is_unknown)
    }

    /// Returns true if the resource is an assignment of a role, a request for one among them.
    pub fn is_assignment(&self) -> bool {
        self.kind.ends_with("/roleassignments") || !self.at(&["properties", "roleDefinitionId"]).is_empty()
    }
}

/// Returns the resources that a runbook writes.
pub(super) fn written<'a>(subject: &Subject<'a>) -> Vec<Written<'a>> {
    let mut found = Vec::new();
    for view in subject.steps() {
        match &*view.step.type_name.value {
            "arm_resource" if !is_true(view.argument("absent")) => resource(view, &mut found),
            "http" => request(view, &mut found),
            "arm_deployment" => {
                let scope = view.argument("scope").map(shown).unwrap_or_default();
                let template = view.argument("template").cloned();
                deployed(view, "template", &scope, template.as_ref(), &mut found);
            }
            _ => {}
        }
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
    let id = view.argument("id").map(shown).unwrap_or_default();
    let bodies: Vec<Value> =
        ["body", "sensitive_body"].iter().filter_map(|name| view.argument(name)).cloned().collect();
    let argument = if view.argument("body").is_some() { "body" } else { "sensitive_body" };
    add(view, argument, &id, bodies, found);
}

/// Adds the resource that a request writes, if its URL is that of one.
fn request<'a>(view: StepView<'a>, found: &mut Vec<Written<'a>>) {
    let method = match view.argument("method") {
        Some(method) => method.as_str().unwrap_or("PUT"),
        None => "GET",
    };
    if !["PUT", "PATCH"].contains(&method) {
        return;
    }
    let url = view.argument("url").map(shown).unwrap_or_default();
    let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = path.split('?').next().unwrap_or_default();
    let Some((_, path)) = path.split_once('/').filter(|(_, path)| path.contains("providers/")) else {
        return;
    };
    let argument = ["json", "text"].into_iter().find(|name| view.argument(name).is_some());
    let Some(argument) = argument else { return };
    let body = view.argument(argument).map(|body| match body.as_str() {
        Some(text) => Value::parse_json(text).unwrap_or_else(|_| body.clone()),
        None => body.clone(),
    });
    add(view, argument, &format!("/{path}"), body.into_iter().collect(), found);
}

fn add<'a>(
    view: StepView<'a>,
    argument: &'static str,
    id: &str,
    bodies: Vec<Value>,
    found: &mut Vec<Written<'a>>,
) {
    let (scope, kind) = parts(id);
    if kind == "microsoft.resources/deployments" {
        let templates: Vec<Value> =
            bodies.iter().filter_map(|body| member(body, &["properties", "template"])).cloned().collect();
        for template in &templates {
            deployed(view, argument, &scope, Some(template), found);
        }
    }
    found.push(Written { view, argument, kind, scope, bodies });
}

/// Adds the resources of a template.
fn deployed<'a>(
    view: StepView<'a>,
    argument: &'static str,
    scope: &str,
    template: Option<&Value>,
    found: &mut Vec<Written<'a>>,
) {
    let read = template.and_then(Value::as_str).and_then(|text| Value::parse_json(text).ok());
    let Some(resources) = read.as_ref().or(template).and_then(|template| member(template, &["resources"]))
    else {
        // Nobody can see what an unknown template holds.
        let bodies = template.into_iter().cloned().collect();
        let scope = scope.to_ascii_lowercase();
        found.push(Written { view, argument, kind: String::new(), scope, bodies });
        return;
    };
    for resource in resources.children() {
        let kind =
            member(resource, &["type"]).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let own = member(resource, &["scope"]).map(shown).filter(|scope| !scope.is_empty());
        let scope = own.unwrap_or_else(|| scope.to_owned()).to_ascii_lowercase();
        if let Some(inner) = member(resource, &["properties", "template"]) {
            deployed(view, argument, &scope, Some(inner), found);
        }
        if member(resource, &["resources"]).is_some() {
            deployed(view, argument, &scope, Some(resource), found);
        }
        found.push(Written { view, argument, kind, scope, bodies: vec![resource.clone()] });
    }
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
