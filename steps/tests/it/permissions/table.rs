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
