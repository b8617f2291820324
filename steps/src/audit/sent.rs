//! Finds the requests whose method, URL and body the runbook itself writes, those inside of a batch among them.

use arcbook_engine::audit::{StepView, Subject};
use arcbook_engine::value::Value;
use url::Url;

use super::written::{member, segments, shown};
use crate::cloud::{Cloud, Service};
use crate::permission;

/// A request of an `http` or an `arm_action` step.
pub(super) struct Sent<'a> {
    /// The step.
    pub view: StepView<'a>,
    /// The argument that holds the body, or else the one that names the address.
    pub argument: &'static str,
    /// True if the request may give something: it neither reads nor deletes.
    pub gives: bool,
    /// The path as the service reads it, with phrases in place of unknown parts; none if all of it is unknown.
    pub path: Option<String>,
    /// The service, if the host is known, or else the audience of the token.
    pub service: Option<Service>,
    /// The body, if there is one.
    pub body: Option<Value>,
    /// True if it is a batch whose requests nobody can see.
    pub hides: bool,
}

/// Returns the requests of a runbook.
pub(super) fn sent<'a>(subject: &Subject<'a>) -> Vec<Sent<'a>> {
    let mut found = Vec::new();
    for view in subject.steps() {
        let outer = match &*view.step.type_name.value {
            "http" => of_http(view),
            "arm_action" => of_action(view),
            _ => continue,
        };
        found.extend(unpacked(outer));
    }
    found
}

fn of_http(view: StepView<'_>) -> Sent<'_> {
    let url = view.argument("url").map(shown).unwrap_or_default();
    let argument = ["json", "text"].into_iter().find(|name| view.argument(name).is_some());
    let body = argument.and_then(|name| view.argument(name)).map(read);
    let audience = view.argument("audience").and_then(Value::as_str);
    Sent {
        view,
        argument: argument.unwrap_or("url"),
        gives: view.argument("method").is_some_and(|method| gives(method.as_str())),
        path: path(&url),
        service: service_at(&url).or_else(|| service_of(audience?)),
        body,
        hides: false,
    }
}

fn of_action(view: StepView<'_>) -> Sent<'_> {
    let path = view.argument("path").filter(|path| !path.is_unknown() || path.pattern().is_some());
    let argument = if view.argument("body").is_some() { "body" } else { "path" };
    Sent {
        view,
        argument,
        gives: true,
        path: path.map(|path| permission::decoded(&shown(path))),
        service: Some(Service::Arm),
        body: view.argument("body").cloned(),
        hides: false,
    }
}

/// Returns the requests of a batch, or else the request itself.
fn unpacked(outer: Sent<'_>) -> Vec<Sent<'_>> {
    let names = outer.path.as_deref().map(segments).unwrap_or_default();
    let is_batch = match (outer.service, names.last().map(|last| last.to_ascii_lowercase()).as_deref()) {
        (Some(Service::Graph), Some("$batch" | "%24batch")) => true,
        (Some(Service::Arm) | None, Some("batch")) => names.len() == 1,
        _ => false,
    };
    if !is_batch || !outer.gives {
        return vec![outer];
    }
    let requests = outer.body.as_ref().and_then(|body| member(body, &["requests"]));
    let Some(requests) = requests.filter(|requests| !requests.is_unknown()) else {
        return vec![Sent { hides: true, ..outer }];
    };
    let of = |request: &Value, names: &[&str]| {
        names.iter().find_map(|name| member(request, &[name]).filter(|value| !value.is_null())).cloned()
    };
    let inner = |request: &Value| {
        let url =
            of(request, &["url", "relativeUrl"]).filter(|url| !url.is_unknown() || url.pattern().is_some());
        let method = of(request, &["method", "httpMethod"]);
        let url = url.map(|url| shown(&url));
        Sent {
            gives: gives(method.as_ref().and_then(Value::as_str)),
            path: url.and_then(|url| if url.contains("://") { path(&url) } else { Some(plain(&url)) }),
            body: of(request, &["body", "content"]).as_ref().map(read),
            hides: request.is_unknown(),
            ..outer
        }
    };
    requests.children().map(inner).collect()
}

/// Returns true if a method neither reads nor deletes; an unknown one may be any.
fn gives(method: Option<&str>) -> bool {
    let takes = |method: &str| {
        ["GET", "HEAD", "OPTIONS", "DELETE"].iter().any(|own| own.eq_ignore_ascii_case(method))
    };
    !method.is_some_and(takes)
}

/// Returns a body, parsed if it is the text of one.
fn read(body: &Value) -> Value {
    let parsed = body.as_str().and_then(|text| Value::parse_json(text).ok());
    parsed.map_or_else(|| body.clone(), |parsed| parsed.with_marks(body.marks()))
}

/// Returns the path of a URL as the service reads it; none if the URL begins with an unknown part.
fn path(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(plain(&rest[start..]))
}

/// Returns a path without the query, as the service reads it.
fn plain(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    permission::decoded(path)
}

/// The clouds whose hosts are known.
fn clouds() -> [Cloud; 3] {
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
}

/// Hosts of Microsoft Graph, or of the API before it, that no cloud lists.
const GRAPHS: [&str; 4] =
    ["dod-graph.microsoft.us", "graph.microsoft.de", "graph.windows.net", "graph.chinacloudapi.cn"];

/// Returns the service at the host of a URL, in any cloud.
fn service_at(url: &str) -> Option<Service> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let parsed = Url::parse(&format!("https://{authority}")).ok()?;
    let host = parsed.host_str()?.trim_end_matches('.').to_owned();
    let plain = Url::parse(&format!("https://{host}")).ok()?;
    let known = clouds().iter().find_map(|cloud| cloud.service(&plain));
    known.or_else(|| GRAPHS.contains(&host.as_str()).then_some(Service::Graph))
}

/// Returns the service that takes tokens for an audience, in any cloud.
fn service_of(audience: &str) -> Option<Service> {
    let audience = arcbook_engine::step::Audience::new(audience);
    clouds().iter().find_map(|cloud| Some(cloud.endpoint_for(&audience)?.service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_one_that_the_service_reads() {
        for (url, expected) in [
            ("https://management.azure.com/SUB/%70roviders/A.B/c?x=/y", Some("/SUB/providers/A.B/c")),
            ("https://management.azure.com", Some("")),
            ("https://h/a%2Fb#c", Some("/a%2Fb")),
            ("(unknown)", None),
        ] {
            assert_eq!(path(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_service_is_known_in_every_cloud_and_spelling() {
        for (url, expected) in [
            ("https://graph.microsoft.com/v1.0/me", Some(Service::Graph)),
            ("https://GRAPH.microsoft.com.:443/v1.0/me", Some(Service::Graph)),
            ("https://graph.microsoft.us/beta", Some(Service::Graph)),
            ("https://dod-graph.microsoft.us/beta", Some(Service::Graph)),
            ("https://microsoftgraph.chinacloudapi.cn/", Some(Service::Graph)),
            ("https://management.usgovcloudapi.net/subscriptions", Some(Service::Arm)),
            ("https://graph.microsoft.com.evil.test/", None),
            ("https://(unknown)/x", None),
        ] {
            assert_eq!(service_at(url), expected, "{url}");
        }
        assert_eq!(service_of("https://graph.microsoft.com/"), Some(Service::Graph));
        assert_eq!(service_of("https://management.core.windows.net"), Some(Service::Arm));
        assert_eq!(service_of("api://own"), None);
    }
}
