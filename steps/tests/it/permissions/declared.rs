//! The permissions that steps declare are those of the table.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arcbook_engine::step::Change;
use arcbook_engine::value::Value;
use arcbook_steps::{Azure, AzureOptions, Environment, registry};

use super::case::{Step, step};
use super::cases::cases;
use super::comparison::{comparison, scope_of, shown, wanted};
use super::granted::{GROUP, SUBSCRIPTION};
use super::matching::row_of;
use super::table::rows;

/// The types whose steps send no request to a service that checks permissions of Azure.
const ELSEWHERE: [&str; 16] = [
    "arc_agent",
    // The agent sends the requests; the test below compares them.
    "arc_connect",
    "arc_disconnect",
    "assert",
    "directory",
    "echo",
    "endpoint",
    "exec",
    "file",
    "host",
    "metadata",
    "postgres_query",
    "random",
    "template",
    "token",
    "wait",
];

fn azure() -> Arc<Azure> {
    Arc::new(Azure::new(AzureOptions::new(Environment::default())))
}

/// Returns more steps, which declare what the cases do not.
#[expect(clippy::too_many_lines, reason = "a table")]
fn more() -> Vec<Step> {
    let version = || ("api_version", "2024-01-01".into());
    let id = |rest: &str| format!("{GROUP}/providers/{rest}");
    let server = "Microsoft.HybridCompute/machines/m";
    let get = |path: String| step("arm_get", &[("path", path.into()), version()], Change::None);
    let paths = [
        SUBSCRIPTION.to_owned(),
        format!("{SUBSCRIPTION}/tagNames"),
        format!("{SUBSCRIPTION}/resources"),
        format!("{SUBSCRIPTION}/providers/Microsoft.Web"),
        format!(
            "{SUBSCRIPTION}/providers/Microsoft.HybridCompute/locations/l/publishers/p/extensionTypes/t/versions"
        ),
        GROUP.to_owned(),
        format!("{GROUP}/resources"),
        id(server),
        id("Microsoft.HybridCompute/machines"),
        id(&format!("{server}/extensions")),
        id(&format!("{server}/extensions/e")),
        id(&format!("{server}/runCommands/r")),
        id(&format!("{server}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/a")),
        id(&format!("{server}/providers/Microsoft.Resources/tags/default")),
        id("Microsoft.HybridCompute/licenses/l"),
        id("Microsoft.HybridCompute/privateLinkScopes/p"),
        id("Microsoft.KeyVault/vaults/v"),
        id("Microsoft.KeyVault/vaults"),
        id("Microsoft.Storage/storageAccounts/s"),
        id("Microsoft.Resources/deployments/d"),
        id("Microsoft.Authorization/permissions"),
        id("Microsoft.Authorization/roleAssignments"),
        id("Microsoft.Authorization/roleAssignments/r"),
    ];
    let posts = [
        id(&format!("{server}/upgradeExtensions")),
        format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/l/deletedVaults/v/purge"),
        format!("{SUBSCRIPTION}/providers/Microsoft.Web/register"),
        "/providers/Microsoft.ResourceGraph/resources".to_owned(),
    ];
    let kept = [
        GROUP.to_owned(),
        id(server),
        id(&format!("{server}/extensions/e")),
        id("Microsoft.HybridCompute/licenses/l"),
        id("Microsoft.KeyVault/vaults/v"),
        id("Microsoft.KeyVault/vaults/v/secrets/s"),
        id(&format!("{server}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/a")),
    ];
    let post = |path: String| step("arm_action", &[("path", path.into()), version()], Change::Updated);
    let put = |id: String| {
        let given = [("id", id.into()), version(), ("body", Value::object::<&str>([]))];
        step("arm_resource", &given, Change::Created)
    };
    let query = ("query", "resources".into());
    let within = ("subscriptions", Value::tuple(["00000000-0000-0000-0000-000000000000".into()]));
    let version_of = [
        ("vault", "roles01".into()),
        ("name", "scenario".into()),
        ("version", "0123456789abcdef0123456789abcdef".into()),
    ];
    let url = format!("https://management.azure.com{GROUP}?api-version=2021-04-01");
    let request = [("url", url.into()), ("audience", "https://management.azure.com/".into())];
    let others = [
        step("http", &request, Change::None),
        step("resource_graph", &[query, within], Change::None),
        step("keyvault_secret", &version_of, Change::None),
    ];
    let all = paths.map(get).into_iter().chain(posts.map(post)).chain(kept.map(put));
    all.chain(others).collect()
}

#[test]
fn every_request_declares_the_permissions_of_its_row() {
    let (azure, rows) = (azure(), rows());
    let steps = cases().into_iter().flat_map(|case| case.steps).chain(more());
    let actions = steps.flat_map(|step| step.prepare(&azure, Path::new("")).actions());
    let odd: BTreeSet<String> = actions.filter_map(|action| comparison(&rows, &action).err()).collect();
    assert!(odd.is_empty(), "{}", odd.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_type_has_a_case_or_asks_elsewhere() {
    let covered: BTreeSet<&str> =
        cases().iter().map(|case| case.ty).chain(more().iter().map(|step| step.ty)).collect();
    let all: BTreeSet<String> = registry(&azure()).iter().map(|ty| ty.schema().name.to_owned()).collect();
    let is_missing = |ty: &&String| !covered.contains(ty.as_str()) && !ELSEWHERE.contains(&ty.as_str());
    // The lab runs the scripts of run commands with `sh`.
    let missing: Vec<_> =
        all.iter().filter(is_missing).filter(|ty| cfg!(unix) || *ty != "arc_run_command").collect();
    assert!(missing.is_empty(), "{missing:?}");
    let known = |ty: &&str| all.contains(*ty) && !covered.contains(ty);
    assert_eq!(ELSEWHERE.iter().filter(|ty| known(ty)).count(), ELSEWHERE.len(), "each exception is needed");
}

/// The agent connects and disconnects the machine with a token of the step's identity.
#[test]
fn the_commands_of_the_agent_declare_the_permissions_of_their_rows() {
    let (azure, rows) = (azure(), rows());
    let server = format!("{GROUP}/providers/Microsoft.HybridCompute/machines/m");
    let link = format!("{GROUP}/providers/Microsoft.HybridCompute/privateLinkScopes/p");
    let connect = [
        ("subscription_id", "00000000-0000-0000-0000-000000000000".into()),
        ("resource_group", "arc_pilot".into()),
        ("location", "westeurope".into()),
        ("private_link_scope", link.as_str().into()),
    ];
    let disconnect = [("resource_id", server.as_str().into())];
    for (ty, given, scopes, targets) in [
        (
            "arc_connect",
            &connect[..],
            [GROUP, &link].as_slice(),
            &["/connect", &format!("/connect{link}")][..],
        ),
        ("arc_disconnect", &disconnect, &[&server], &["/disconnect"]),
    ] {
        let mut table = BTreeSet::new();
        for (target, scope) in targets.iter().zip(scopes) {
            let (row, mut names) = row_of(&rows, "RUN", "azcmagent", target).expect("a row");
            // A command names its scope by its settings.
            let segments: Vec<&str> = scope.split('/').collect();
            names.insert("subscription", segments[2].to_owned());
            names.insert("group", segments[4].to_owned());
            names.insert("machine", segments.last().expect("a name").to_string());
            table.extend(wanted(row, &names, ""));
        }
        let actions = step(ty, given, Change::Created).prepare(&azure, Path::new("")).actions();
        let needs = actions.iter().flat_map(|action| &action.needs);
        let declared: BTreeSet<String> = needs
            .map(|need| shown(&need.action, need.plane, &scope_of(&need.scope.reveal().expect("known"))))
            .collect();
        assert_eq!(declared, table, "{ty}");
    }
}
