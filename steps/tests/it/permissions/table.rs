//! The table of the permissions that requests need.

use std::collections::BTreeMap;

const TABLE: &str = include_str!("table.tsv");

/// The texts for which the names of a pattern stand.
pub type Names = BTreeMap<&'static str, String>;

/// A request and its permissions.
#[derive(Debug)]
pub struct Row {
    pub method: &'static str,
    /// `arm`, `vault`, `blob`, `graph` or `azcmagent`.
    pub service: &'static str,
    /// The path, and after `?` the parameters that select an operation of Blob storage.
    pub target: &'static str,
    /// The permissions; the first one is that of the request itself.
    pub actions: Vec<&'static str>,
    /// `control`, `data` or `directory`.
    pub plane: &'static str,
    /// The path of the scope, of the same service; none if the body of the request names it.
    pub scope: Option<&'static str>,
    /// The code of a refusal; none if nothing is refused.
    pub refusal: Option<&'static str>,
}

/// Reads the table.
pub fn rows() -> Vec<Row> {
    let is_row = |line: &&'static str| !line.is_empty() && !line.starts_with('#');
    TABLE.lines().filter(is_row).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let fields: Vec<&str> = line.split('\t').collect();
    let [request, actions, plane, scope, refusal, source] = fields.as_slice() else {
        panic!("a row has six fields: {line}")
    };
    assert!(!source.is_empty(), "a row has a source: {line}");
    let parts: Vec<&str> = request.split(' ').collect();
    let [method, service, target] = parts.as_slice() else { panic!("not a request: {request}") };
    let target_of = |scope: &'static str| scope.split_once(' ').map(|(_, path)| path);
    Row {
        method,
        service,
        target,
        actions: actions.split(", ").collect(),
        plane,
        scope: target_of(scope),
        refusal: (*refusal != "none").then_some(*refusal),
    }
}

impl Row {
    /// Returns the texts of the names of the target, if it is the row of a request.
    pub fn names(&self, method: &str, service: &str, target: &str) -> Option<Names> {
        let (own, parameters) = self.target.split_once('?').unwrap_or((self.target, ""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut names = Names::new();
        let fits = self.method == method
            && self.service == service
            && operation(service, parameters) == operation(service, query)
            && fit(&segments(own), &segments(path), &mut names);
        fits.then_some(names)
    }

    /// Returns the number of words that the target has in full.
    fn words(&self) -> usize {
        segments(self.target).iter().filter(|segment| !segment.starts_with('{')).count()
    }
}

/// Returns the row of a request, which must be the only one that is as exact.
pub fn row_of<'a>(
    rows: &'a [Row],
    method: &str,
    service: &str,
    target: &str,
) -> Result<(&'a Row, Names), String> {
    let fitting = rows.iter().filter_map(|row| Some((row, row.names(method, service, target)?)));
    let mut fitting: Vec<(&Row, Names)> = fitting.collect();
    fitting.sort_by_key(|(row, _)| std::cmp::Reverse(row.words()));
    match fitting.as_slice() {
        [(one, _), (other, _), ..] if one.words() == other.words() => {
            Err(format!("{method} {service} {target} has two rows: {one:?} {other:?}"))
        }
        [] => Err(format!("{method} {service} {target} has no row")),
        _ => Ok(fitting.swap_remove(0)),
    }
}

/// Returns a pattern with the texts of its names.
pub fn filled(pattern: &str, names: &Names) -> String {
    names.iter().fold(pattern.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value).replace(&format!("{{{name}...}}"), value)
    })
}

/// Returns the id of the scope at which a role is assigned, for a path of the service that `name` is the vault or the
/// account of. Key Vault and Blob storage name their objects by URL; roles are assigned at ids.
pub fn scope_id(service: &str, group: &str, name: &str, path: &str) -> String {
    let path = path.trim_matches('/');
    let id = match service {
        "vault" => format!("{group}/providers/Microsoft.KeyVault/vaults/{name}/{path}"),
        "blob" if path.is_empty() => format!("{group}/providers/Microsoft.Storage/storageAccounts/{name}"),
        "blob" => {
            format!(
                "{group}/providers/Microsoft.Storage/storageAccounts/{name}/blobServices/default/containers/{path}"
            )
        }
        _ => format!("/{path}"),
    };
    id.trim_end_matches('/').to_owned()
}

/// Returns the parameters of a query that select the operation.
fn operation<'a>(service: &str, query: &'a str) -> Vec<&'a str> {
    let selects = |part: &&str| part.starts_with("restype=") || part.starts_with("comp=");
    let mut parts: Vec<&str> = query.split('&').filter(selects).collect();
    parts.sort_unstable();
    if service == "blob" { parts } else { Vec::new() }
}

fn segments(path: &str) -> Vec<&str> {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn fit(pattern: &[&'static str], path: &[&str], names: &mut Names) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return path.is_empty() };
    let Some(name) = first.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
        return path.first().is_some_and(|segment| segment.eq_ignore_ascii_case(first))
            && fit(rest, &path[1..], names);
    };
    let (name, most) = match name.strip_suffix("...") {
        Some(name) => (name, path.len()),
        None => (name, path.len().min(1)),
    };
    (1..=most).any(|count| {
        let mut own = names.clone();
        own.insert(name, path[..count].join("/"));
        let fits = fit(rest, &path[count..], &mut own);
        if fits {
            *names = own;
        }
        fits
    })
}
