//! Compares an action with the table.

use std::collections::BTreeSet;

use arcbook_engine::step::{Action, Part, Plane};

use super::matching::row_of;
use super::table::{Names, Row, filled};

/// Returns the difference between the needs of an action and the row of its request, if it is one to Azure.
pub fn comparison(rows: &[Row], action: &Action) -> Result<(), String> {
    let Some(request) = action.request() else { return Ok(()) };
    let url: String = request.url.parts().iter().map(known).collect();
    let (host, target) = place_of(&url);
    let Some(service) = service_of(host) else { return Ok(()) };
    let method = request.method.as_str();
    let (row, names) = row_of(rows, method, service, target)?;
    let found: BTreeSet<String> = action
        .needs
        .iter()
        .map(|need| shown(&need.action, need.plane, &scope_of(&need.scope.reveal().unwrap_or_default())))
        .collect();
    let wanted = wanted(row, &names, host);
    let is_equal = if row.actions.contains(&"{template}/write") {
        // A template with one resource.
        wanted.is_subset(&found)
            && found.difference(&wanted).all(|need| need.contains("/write control /"))
            && found.len() == wanted.len() + 1
    } else {
        wanted == found || (row.scope.is_none() && names_same(row, action))
    };
    if is_equal {
        Ok(())
    } else {
        Err(format!("{method} {url} declares {found:?}, but the table has {wanted:?}"))
    }
}

/// Returns a part of a text; an unknown one, which is a segment of a path, as any name.
fn known(part: &Part) -> &str {
    match part {
        Part::Known(text) => text,
        _ => "unknown",
    }
}

/// Returns true if the action needs the permissions of the row, at whatever scope.
fn names_same(row: &Row, action: &Action) -> bool {
    !action.needs.is_empty() && action.needs.iter().all(|need| row.actions == [&*need.action])
}

/// Returns the permissions of a row as the needs of an action are shown, without those of the resources of a template.
pub fn wanted(row: &Row, names: &Names, host: &str) -> BTreeSet<String> {
    let plane = match row.plane {
        "control" => Plane::Control,
        "data" => Plane::Data,
        _ => Plane::Directory,
    };
    let path = filled(row.scope.unwrap_or_default(), names);
    let scope =
        if row.service == "arm" || row.service == "azcmagent" { path } else { format!("{host}{path}") };
    let actions = row.actions.iter().filter(|action| **action != "{template}/write");
    actions.map(|action| shown(&filled(action, names), plane, scope.trim_end_matches('/'))).collect()
}

/// Returns a scope as it is compared: an id, or a URL without its scheme, without a slash at the end.
pub fn scope_of(scope: &str) -> String {
    let scope = scope.split_once("://").map_or(scope, |(_, rest)| rest);
    scope.trim_end_matches('/').to_owned()
}

pub fn shown(action: &str, plane: Plane, scope: &str) -> String {
    // Azure compares neither with case.
    format!("{action} {plane:?} {scope}").to_lowercase()
}

/// Splits a URL into host and target.
pub fn place_of(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

/// Returns the service of a host, as the table names it.
pub fn service_of(host: &str) -> Option<&'static str> {
    let is_of = |name: &str| host.starts_with(&format!("{name}."));
    let is_below = |name: &str| host.contains(&format!(".{name}."));
    match () {
        () if is_of("management") => Some("arm"),
        () if is_of("graph") => Some("graph"),
        () if is_below("vault") => Some("vault"),
        () if is_below("blob") => Some("blob"),
        () => None,
    }
}
