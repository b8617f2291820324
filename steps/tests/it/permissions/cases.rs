//! Steps of every type that sends requests to Azure.

use arcbook_engine::step::Change;
use arcbook_engine::value::{Type, Value};

use super::case::{Case, Step, step};
use super::granted::{GROUP, OPERATOR, SERVERS};
use crate::world::{Given, json};

/// Returns the cases. Each has the steps that use every permission of its type: what they make, find as wanted, change,
/// remove and undo.
pub fn cases() -> Vec<Case> {
    [servers(), resources(), rights(), secrets(), blobs()].into_iter().flatten().collect()
}

fn id(rest: &str) -> String {
    format!("{GROUP}/providers/{rest}")
}

fn machine() -> (&'static str, Value) {
    ("machine", id("Microsoft.HybridCompute/machines/ArcBox-01").into())
}

fn subscription() -> (&'static str, Value) {
    ("subscription_id", "00000000-0000-0000-0000-000000000000".into())
}

fn case(ty: &'static str, steps: Vec<Step>) -> Case {
    Case { ty, steps }
}

/// Returns a step that is the whole case.
fn one(ty: &'static str, given: &[(&'static str, Value)], change: Change) -> Case {
    case(ty, vec![step(ty, given, change)])
}

/// Returns steps that make an object, undo that, make it again, find it, change it, and undo the change.
fn kept(ty: &'static str, first: &Given, second: &Given) -> Vec<Step> {
    vec![
        step(ty, first, Change::Created).undone(),
        step(ty, first, Change::Created),
        step(ty, first, Change::None),
        step(ty, second, Change::Updated).undone(),
    ]
}

fn servers() -> Vec<Case> {
    let extension = |size: i64| {
        vec![
            machine(),
            ("publisher", "Microsoft.Azure.Extensions".into()),
            ("type", "CustomScript".into()),
            ("settings", Value::object([("size", size.into())])),
        ]
    };
    let script = vec![machine(), ("script", "exit 0".into())];
    let server = id("Microsoft.HybridCompute/machines/ArcBox-01");
    let mut cases = vec![
        case("arc_extension", kept("arc_extension", &extension(1), &extension(2))),
        one("arc_machine", &[("id", server.into())], Change::None),
    ];
    // The lab runs scripts with `sh`.
    if cfg!(unix) {
        cases.push(one("arc_run_command", &script, Change::Updated));
    }
    cases
}

fn resources() -> Vec<Case> {
    let version = || ("api_version", "2024-01-01".into());
    let nsg = |body: &str, more: &[(&'static str, Value)]| {
        let id = id("Microsoft.Network/networkSecurityGroups/new");
        [&[("id", id.into()), version(), ("body", json(body))], more].concat()
    };
    let body = |size: i64| format!(r#"{{"location":"westeurope","properties":{{"size":{size}}}}}"#);
    let patch = nsg(&body(3), &[("update", "patch".into())]);
    let absent = vec![
        ("id", id("Microsoft.Network/networkSecurityGroups/new").into()),
        version(),
        ("absent", true.into()),
    ];
    let keys = id("Microsoft.Storage/storageAccounts/files01/listKeys");
    let old = id("Microsoft.Network/networkSecurityGroups/old");
    let mut resource = kept("arm_resource", &nsg(&body(1), &[]), &nsg(&body(2), &[]));
    resource.push(step("arm_resource", &patch, Change::Updated));
    resource.push(step("arm_resource", &absent, Change::Removed));
    resource.push(step("arm_resource", &absent, Change::None));
    vec![
        one("arm_action", &[("path", keys.into()), version(), ("effect", "reads".into())], Change::None),
        one("arm_delete", &[("id", old.as_str().into()), version()], Change::Removed),
        one("arm_get", &[("path", old.into()), version()], Change::None),
        one("arm_list", &[("scope", GROUP.into())], Change::None),
        one("arm_list", &[("path", id("Microsoft.KeyVault/vaults").into()), version()], Change::None),
        case("arm_resource", resource),
        case(
            "arm_deployment",
            vec![
                step("arm_deployment", &deployment(1), Change::Updated),
                step("arm_deployment", &deployment(1), Change::None),
                step("arm_deployment", &deployment(2), Change::Updated),
            ],
        ),
        one("resource_graph", &[("query", "resources | project id".into())], Change::None),
        case(
            "provider_registration",
            vec![
                step(
                    "provider_registration",
                    &[subscription(), ("namespace", "Lab.New".into())],
                    Change::Updated,
                ),
                step(
                    "provider_registration",
                    &[subscription(), ("namespace", "Lab.New".into())],
                    Change::None,
                ),
            ],
        ),
    ]
}

fn deployment(size: i64) -> Given {
    let template = r#"{
      "parameters": { "size": { "type": "int" } },
      "resources": [{
        "type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-01-01", "name": "deployed",
        "location": "westeurope", "properties": { "size": "[parameters('size')]" }
      }]
    }"#;
    vec![
        ("name", "main".into()),
        ("scope", GROUP.into()),
        ("template", json(template)),
        ("parameters", Value::object([("size", size.into())])),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn rights() -> Vec<Case> {
    let assignment =
        vec![("scope", GROUP.into()), ("role", "Reader".into()), ("principal_id", OPERATOR.into())];
    let without = [assignment.clone(), vec![("absent", true.into())]].concat();
    let member = vec![("group_id", SERVERS.into()), ("member_id", OPERATOR.into())];
    let no_member = [member.clone(), vec![("absent", true.into())]].concat();
    let group = |owner: &'static str| {
        vec![
            subscription(),
            ("name", "made".into()),
            ("location", "westeurope".into()),
            ("tags", Value::string_map([("owner", owner)])),
        ]
    };
    let tags = [("id", GROUP.into()), ("tags", Value::string_map([("env", "prod")]))];
    let policy = |permissions: &[&'static str]| {
        let permissions = permissions.iter().map(|name| Value::from(*name));
        vec![
            ("vault_id", id("Microsoft.KeyVault/vaults/policies01").into()),
            ("principal_id", OPERATOR.into()),
            ("secrets", Value::list(Type::String, permissions)),
        ]
    };
    vec![
        case(
            "role_assignment",
            vec![
                step("role_assignment", &assignment, Change::Created).undone(),
                step("role_assignment", &assignment, Change::Created),
                step("role_assignment", &assignment, Change::None),
                step("role_assignment", &without, Change::Removed),
            ],
        ),
        case(
            "entra_group_member",
            vec![
                step("entra_group_member", &member, Change::Created).undone(),
                step("entra_group_member", &member, Change::Created),
                step("entra_group_member", &no_member, Change::Removed),
            ],
        ),
        case(
            "resource_group",
            vec![
                step("resource_group", &group("a"), Change::Created).undone(),
                step("resource_group", &group("a"), Change::Created),
                step("resource_group", &group("a"), Change::None),
                step("resource_group", &group("b"), Change::Updated),
            ],
        ),
        case(
            "resource_tags",
            vec![
                step("resource_tags", &tags, Change::Updated).undone(),
                step("resource_tags", &tags, Change::Updated),
                step("resource_tags", &tags, Change::None),
            ],
        ),
        case(
            "keyvault_access_policy",
            kept("keyvault_access_policy", &policy(&["get"]), &policy(&["get", "list"])),
        ),
    ]
}

fn secrets() -> Vec<Case> {
    let secret = |name: &'static str, more: &[(&'static str, Value)]| {
        [&[("vault", "roles01".into()), ("name", name.into())], more].concat()
    };
    let set = |value: &'static str, more: &[(&'static str, Value)]| {
        [secret("new", &[("value", value.into())]), more.to_vec()].concat()
    };
    let purge = ("purge", true.into());
    vec![
        one("keyvault_secret", &secret("scenario", &[]), Change::None),
        one("keyvault_secrets", &[("vault", "roles01".into())], Change::None),
        one(
            "keyvault_certificate",
            &[("vault", "certificates01".into()), ("name", "web".into())],
            Change::None,
        ),
        case(
            "keyvault_secret_set",
            vec![
                step("keyvault_secret_set", &set("one", &[]), Change::Created).undone(),
                step("keyvault_secret_set", &set("one", &[("recover", true.into())]), Change::Created),
                step("keyvault_secret_set", &set("one", &[]), Change::None),
                step("keyvault_secret_set", &set("two", &[]), Change::Updated).undone(),
                step(
                    "keyvault_secret_set",
                    &set("one", &[("content_type", "text/plain".into())]),
                    Change::Updated,
                ),
            ],
        ),
        case(
            "keyvault_secret_delete",
            vec![
                step("keyvault_secret_delete", &secret("retired", &[]), Change::Removed).undone(),
                step(
                    "keyvault_secret_delete",
                    &secret("retired", std::slice::from_ref(&purge)),
                    Change::Removed,
                ),
                step("keyvault_secret_delete", &secret("retired", &[purge]), Change::None),
            ],
        ),
    ]
}

fn blobs() -> Vec<Case> {
    let container = || [("account", "files01".into()), ("container", "files".into())];
    let blob = |name: &'static str, more: &[(&'static str, Value)]| {
        [&container()[..], &[("name", name.into())], more].concat()
    };
    let new = [("account", "files01".into()), ("name", "new".into())];
    let download = blob("b.txt", &[("path", "b.txt".into())]);
    let text = |content: &'static str| blob("c.txt", &[("content", content.into())]);
    vec![
        case(
            "blob_container",
            vec![
                step("blob_container", &new, Change::Created).undone(),
                step("blob_container", &new, Change::Created),
                // The same run finds its own.
                step("blob_container", &new, Change::Created),
            ],
        ),
        case(
            "blob_upload",
            vec![
                step("blob_upload", &text("one"), Change::Created).undone(),
                step("blob_upload", &text("one"), Change::Created),
                step("blob_upload", &text("one"), Change::None),
                step("blob_upload", &text("two"), Change::Updated),
            ],
        ),
        case(
            "blob_delete",
            vec![
                step("blob_delete", &blob("a.txt", &[]), Change::Removed),
                step("blob_delete", &blob("a.txt", &[]), Change::None),
            ],
        ),
        case(
            "blob_download",
            vec![
                step("blob_download", &download, Change::Created),
                step("blob_download", &download, Change::None),
            ],
        ),
        one("blob_list", &container(), Change::None),
    ]
}
