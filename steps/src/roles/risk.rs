//! Lists the actions that give more than their names say.
//!
//! Sources: the built-in roles, and Microsoft's pages about each service: access policies and the permission model of
//! vaults, account keys, extensions and run commands of servers, managed identities.

use arcbook_engine::step::{Permission, Plane, Risk, Surplus};

use super::block::Reading;
use super::price::{beyond, ends_with, is_read};
use super::role::Role;

const CODE: &str = "runs any code on the machine as root, or as the system of Windows";
const POLICIES: &str =
    "gives its holder every secret, key and certificate of a vault that uses access policies";
const KEYS: &str = "gives the keys of the object, which stand for full access to its data";

/// The actions of the control plane, and the access that each gives.
const CONTROL: [(&str, &str); 19] = [
    ("Microsoft.Authorization/roleAssignments/write", "gives anybody any role at the scope"),
    ("Microsoft.Authorization/roleDefinitions/write", "widens the custom roles that its holder has"),
    ("Microsoft.KeyVault/vaults/accessPolicies/write", POLICIES),
    ("Microsoft.KeyVault/vaults/write", POLICIES),
    (
        "Microsoft.KeyVault/vaults/secrets/write",
        "overwrites the secrets of the vault, whatever roles and access policies it has for its data",
    ),
    ("Microsoft.Storage/storageAccounts/listKeys/action", "gives all data of the account"),
    ("Microsoft.Storage/storageAccounts/regenerateKey/action", "gives all data of the account"),
    ("Microsoft.Storage/storageAccounts/listAccountSas/action", "gives all data of the account"),
    ("Microsoft.HybridCompute/machines/extensions/write", CODE),
    ("Microsoft.HybridCompute/machines/runCommands/write", CODE),
    ("Microsoft.HybridCompute/machines/addExtensions/action", CODE),
    ("Microsoft.Compute/virtualMachines/extensions/write", CODE),
    ("Microsoft.Compute/virtualMachines/runCommands/write", CODE),
    ("Microsoft.Compute/virtualMachines/runCommand/action", CODE),
    ("Microsoft.Automation/automationAccounts/jobs/write", "runs the code of runbooks as their account"),
    (
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
        "lets a resource, and who controls it, act as the identity",
    ),
    (
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
        "lets an outsider act as the identity",
    ),
    ("Microsoft.OperationalInsights/workspaces/sharedKeys/action", KEYS),
    ("Microsoft.Kubernetes/connectedClusters/listClusterUserCredential/action", KEYS),
];

/// The actions of the data plane that reveal or use secrets; they are a risk only if nobody asked for them.
const DATA: [(&str, &str); 4] = [
    (
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "reads every secret, and the private keys of certificates",
    ),
    ("Microsoft.KeyVault/vaults/keys/decrypt/action", "decrypts with every key"),
    ("Microsoft.KeyVault/vaults/keys/sign/action", "signs with every key"),
    (
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/modifyPermissions/action",
        "changes the access of others to the data",
    ),
];

/// The permissions of the directory.
const DIRECTORY: [(&str, &str); 1] = [(
    "GroupMember.ReadWrite.All",
    "adds anybody to any group of the tenant that is given no directory role",
)];

/// The permission of a deployment in mode `complete`.
const EVERYTHING: (&str, &str) =
    ("*/delete", "deletes every resource at the scope, and the resource group itself");

/// Returns the reason why a needed permission gives more than its name says.
pub(super) fn of(need: &Permission) -> Option<&'static str> {
    let known: &[(&str, &'static str)] = match need.plane {
        Plane::Control => &CONTROL,
        Plane::Directory => &DIRECTORY,
        Plane::Data => return None,
    };
    let everything = (need.plane == Plane::Control).then_some(&EVERYTHING);
    let found = known.iter().chain(everything).find(|(action, _)| action.eq_ignore_ascii_case(&need.action));
    let keys = ends_with(&need.action, "/listKeys/action").then_some(KEYS);
    found.map(|(_, gives)| *gives).or(keys)
}

/// Returns the rights of a role beyond `needs`.
pub(super) fn surplus(role: &Role, needs: &[&Permission]) -> Surplus {
    let mut surplus = Surplus::default();
    for (plane, known) in [(Plane::Control, &CONTROL[..]), (Plane::Data, &DATA)] {
        let is_needed = |action: &str| {
            needs.iter().any(|need| need.plane == plane && need.action.eq_ignore_ascii_case(action))
        };
        let risks = known
            .iter()
            .filter(|(action, _)| role.allows(action, plane, Reading::Lenient) && !is_needed(action));
        surplus.risks.extend(
            risks.map(|(action, gives)| Risk { action: (*action).to_owned(), gives: (*gives).to_owned() }),
        );
    }
    let is_risk = |pattern: &str| surplus.risks.iter().any(|risk| risk.action.eq_ignore_ascii_case(pattern));
    let others: Vec<&str> =
        beyond(role, needs).map(|(_, pattern)| pattern).filter(|pattern| !is_risk(pattern)).collect();
    for pattern in others {
        let list = match () {
            () if is_read(pattern) => &mut surplus.reads,
            () if pattern.ends_with('*')
                || ends_with(pattern, "/delete")
                || ends_with(pattern, "purge/action") =>
            {
                &mut surplus.deletes
            }
            () => &mut surplus.changes,
        };
        // Several blocks of a role may name one action.
        if !list.iter().any(|listed| listed.eq_ignore_ascii_case(pattern)) {
            list.push(pattern.to_owned());
        }
    }
    surplus
}
