//! Builds the world from the blocks of a world file: resolves references, checks names, fills in defaults.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::error::Problem;
use super::file::{
    AccountFile, BlobFile, ContainerFile, GroupFile, Labelled, ResourceFile, VaultFile, WorldFile,
};
use super::grants::Deferred;
use super::resource::{Account, GROUP_TYPE, Kind, Resource, SeedBlob, SeedContainer, Tags, Vault};
use super::{Principal, World, groups, resource_type, restriction, run_command, seed, throttle};
use crate::access::{Assignment, Directory, Group, Roles};
use crate::fault::{Fault, FaultError};
use crate::names;

const VAULT: &str = "Microsoft.KeyVault/vaults";
const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";

/// Builds a world; `base` is the directory of its file.
pub(super) fn world(file: WorldFile, base: &Path) -> Result<World, Problem> {
    if !(1..=1000).contains(&file.page_size) {
        return Err(Problem::new(&["page_size"], "out of range", "give a number from 1 to 1000"));
    }
    let types = resource_type::types(file.resource_type)?;
    let faults = faults(&file.faults)?;
    let throttles = throttle::limits(file.throttle)?;
    let mut builder = Builder::new(file.tenant_id, file.subscription, groups::roles(file.role)?);
    builder.groups(file.resource_group)?;
    // A grant may name any principal, so all of them come before the first grant.
    builder.user_assigned(file.user_assigned_identity)?;
    // The machine comes after the virtual machine, so that it is the usual principal where there are both.
    let virtual_machine = builder.virtual_machine(file.virtual_machine)?;
    let (machine, is_connected) = builder.machine(file.machine)?;
    builder.applications(file.service_principal, base)?;
    builder.directory(file.group)?;
    builder.roles(&[], &builder.subscription.clone(), file.role_assignment)?;
    builder.deferred_roles()?;
    let denials = builder.denials(file.deny_assignment)?;
    let vaults = builder.vaults(file.key_vault)?;
    let accounts = builder.accounts(file.storage_account)?;
    builder.others(file.resource)?;
    builder.locks(file.lock)?;
    let policies = restriction::policies(file.policy_denial)?;
    let Builder { resources, principals, roles, assignments, directory, .. } = builder;
    Ok(World {
        tenant_id: file.tenant_id,
        subscription_id: file.subscription,
        subscription_name: file.subscription_name,
        page_size: file.page_size,
        run_commands: file.run_commands,
        script_ends: run_command::script_ends(file.run_command)?,
        audiences: file.audiences,
        faults,
        throttles,
        machine,
        is_connected,
        virtual_machine,
        principals,
        types,
        resources,
        vaults,
        accounts,
        registration_polls: file.registration_polls,
        roles,
        assignments,
        denials,
        assignment_limit: file.role_assignment_limit,
        propagation: groups::propagation(&file.role_propagation),
        directory: Directory::new(directory),
        policies,
    })
}

pub(super) struct Builder {
    pub tenant: Uuid,
    /// Resource id of the subscription.
    pub subscription: String,
    pub principals: Vec<Principal>,
    /// Principal of a grant that names none: the identity of the machine.
    pub usual: Option<Uuid>,
    /// Names and locations of the resource groups.
    groups: Vec<(String, String)>,
    resources: Vec<Resource>,
    /// The ids of the resources in lower case.
    ids: HashSet<String>,
    pub roles: Roles,
    pub assignments: Vec<Assignment>,
    pub directory: Vec<Group>,
    /// Grants that wait for the principals, which are read later.
    pub deferred: Vec<Deferred>,
}

impl Builder {
    fn new(tenant: Uuid, subscription: Uuid, roles: Roles) -> Self {
        Self {
            tenant,
            subscription: format!("/subscriptions/{subscription}"),
            principals: Vec::new(),
            usual: None,
            groups: Vec::new(),
            resources: Vec::new(),
            ids: HashSet::new(),
            roles,
            assignments: Vec::new(),
            directory: Vec::new(),
            deferred: Vec::new(),
        }
    }

    fn groups(&mut self, files: Labelled<GroupFile>) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["resource_group", name.as_str()];
            let id = format!("{}/resourceGroups/{name}", self.subscription);
            self.defer(&path, &id, file.role_assignment);
            let group = Resource {
                id,
                name: name.clone(),
                type_name: GROUP_TYPE.to_owned(),
                body: body(&file.location, file.tags),
                detail: Kind::Other,
            };
            self.add(&path, group)?;
            self.groups.push((name, file.location));
        }
        Ok(())
    }

    fn vaults(&mut self, files: Labelled<VaultFile>) -> Result<Vec<Vault>, Problem> {
        let mut vaults = Vec::with_capacity(files.len());
        for (name, file) in files {
            let path = ["key_vault", name.as_str()];
            if !names::is_vault(&name) {
                let remedy = "use 3 to 24 letters, digits and single hyphens, a letter first";
                return Err(Problem::new(&path, "not a key vault's name", remedy));
            }
            let kind = spelled(&path, file.type_name, VAULT)?;
            let place = self.place(&path, &kind, &file.resource_group, file.location)?;
            let is_empty = file.secret.is_empty() && file.certificate.is_empty();
            if !file.exists && !is_empty {
                let remedy = "leave out its secrets and certificates, or `exists = false`";
                return Err(Problem::new(&path, "a vault that does not exist is empty", remedy));
            }
            self.roles(&path, &place.id, file.role_assignment)?;
            vaults.push(Vault {
                id: place.id.clone(),
                location: place.location.clone(),
                rbac: file.rbac,
                retention_days: file.retention_days,
                policies: self.policies(&path, file.rbac, file.access_policy)?,
                deletion_polls: file.deletion_polls,
                certificates: seed::certificates(&path, file.certificate, &file.secret)?,
                secrets: file
                    .secret
                    .into_iter()
                    .map(|secret| seed::secret(&path, secret))
                    .collect::<Result<_, _>>()?,
                name: name.clone(),
            });
            if file.exists {
                self.add(&path, place.resource(file.tags, Kind::Vault(vaults.len() - 1)))?;
            }
        }
        Ok(vaults)
    }

    fn accounts(&mut self, files: Labelled<AccountFile>) -> Result<Vec<Account>, Problem> {
        let mut accounts = Vec::with_capacity(files.len());
        for (name, file) in files {
            let path = ["storage_account", name.as_str()];
            if !names::is_account(&name) {
                let remedy = "use 3 to 24 lower-case letters and digits";
                return Err(Problem::new(&path, "not a storage account's name", remedy));
            }
            let kind = spelled(&path, file.type_name, ACCOUNT)?;
            let place = self.place(&path, &kind, &file.resource_group, file.location)?;
            self.roles(&path, &place.id, file.role_assignment)?;
            let containers = containers(&path, file.container)?;
            let id = place.id.clone();
            accounts.push(Account { name: name.clone(), id, containers });
            let mut resource = place.resource(file.tags, Kind::Account(accounts.len() - 1));
            let tier = file.sku.split('_').next().unwrap_or_default();
            resource.body.insert("kind".to_owned(), json!("StorageV2"));
            resource.body.insert("sku".to_owned(), json!({ "name": file.sku, "tier": tier }));
            self.add(&path, resource)?;
        }
        Ok(accounts)
    }

    fn others(&mut self, files: Labelled<Labelled<ResourceFile>>) -> Result<(), Problem> {
        for (type_name, files) in files {
            for (name, file) in files {
                let path = ["resource", type_name.as_str(), name.as_str()];
                if [VAULT, ACCOUNT].iter().any(|known| known.eq_ignore_ascii_case(&type_name)) {
                    let remedy =
                        "write it as `key_vault` or `storage_account`, so that its service answers too";
                    return Err(Problem::new(&path, "a kind that has a block of its own", remedy));
                }
                let place = self.place(&path, &type_name, &file.resource_group, file.location)?;
                self.roles(&path, &place.id, file.role_assignment)?;
                let mut resource = place.resource(file.tags, Kind::Other);
                let optional = [("kind", file.kind.map(Value::from)), ("sku", file.sku)];
                let given = optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                resource.body.extend(given);
                resource.body.insert("properties".to_owned(), file.properties.into());
                self.add(&path, resource)?;
            }
        }
        Ok(())
    }

    /// Returns a resource's id and location. Its group must exist and provides the default location.
    pub(super) fn place(
        &self,
        path: &[&str],
        kind: &str,
        group: &str,
        location: Option<String>,
    ) -> Result<Place, Problem> {
        let name = path.last().copied().unwrap_or_default();
        let known = self.groups.iter().find(|(known, _)| known.eq_ignore_ascii_case(group));
        let Some((known, its_location)) = known else {
            let path: Vec<&str> = path.iter().copied().chain(["resource_group"]).collect();
            let remedy = format!("declare `resource_group \"{group}\" {{ location = \"westeurope\" }}`");
            return Err(Problem::new(&path, format!("there is no resource group \"{group}\""), remedy));
        };
        let Some(tail) = names::id_tail(kind, name) else {
            let remedy = "write a namespace and a type, `Microsoft.Compute/disks`; for a child, `A.B/c/d` with `parent/child`";
            return Err(Problem::new(
                path,
                format!("\"{kind}\" is not a type for the name \"{name}\""),
                remedy,
            ));
        };
        Ok(Place {
            id: format!("{}/resourceGroups/{}/providers/{tail}", self.subscription, known),
            name: name.to_owned(),
            type_name: kind.to_owned(),
            group: known.clone(),
            location: location.unwrap_or_else(|| its_location.clone()),
        })
    }

    /// Returns whether there is a resource or a resource group with this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(&id.to_ascii_lowercase())
    }

    pub(super) fn add(&mut self, path: &[&str], resource: Resource) -> Result<(), Problem> {
        if !self.ids.insert(resource.id.to_ascii_lowercase()) {
            return Err(twice(path));
        }
        self.resources.push(resource);
        Ok(())
    }
}

pub(super) struct Place {
    pub id: String,
    name: String,
    type_name: String,
    pub group: String,
    pub location: String,
}

impl Place {
    pub(super) fn resource(self, tags: Tags, detail: Kind) -> Resource {
        let Self { id, name, type_name, location, .. } = self;
        Resource { id, name, type_name, body: body(&location, tags), detail }
    }
}

/// Returns the spelling of a type in a world, which Azure answers in any case.
fn spelled(path: &[&str], given: Option<String>, own: &str) -> Result<String, Problem> {
    let Some(given) = given else { return Ok(own.to_owned()) };
    if given.eq_ignore_ascii_case(own) {
        return Ok(given);
    }
    let path: Vec<&str> = path.iter().copied().chain(["type"]).collect();
    Err(Problem::new(&path, "another type", format!("write {own}, in any case")))
}

fn body(location: &str, tags: Tags) -> Map<String, Value> {
    let tags = tags.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    let members = [("location", Value::from(location)), ("tags", Value::Object(tags))];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn faults(texts: &[String]) -> Result<Vec<Fault>, Problem> {
    let fault = |(index, text): (usize, &String)| {
        text.parse().map_err(|error: FaultError| {
            let path = ["faults", &format!("[{index}]")];
            Problem::new(&path, error.to_string(), "see docs/lab.md for the grammar of faults")
        })
    };
    texts.iter().enumerate().map(fault).collect()
}

/// Returns the Unix seconds of a time as RFC 3339 writes it.
pub(super) fn seconds(path: &[&str], text: Option<&str>) -> Result<Option<i64>, Problem> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp);
    let wrong = |_| Problem::new(path, "not a time", "write it as \"2030-01-31T12:00:00Z\"");
    text.map(parse).transpose().map_err(wrong)
}

fn containers(account: &[&str], files: Labelled<ContainerFile>) -> Result<Vec<SeedContainer>, Problem> {
    let blob = |(name, file): (String, BlobFile)| SeedBlob {
        name,
        content: file.content,
        content_type: file.content_type,
    };
    let container = |(name, file): (String, ContainerFile)| {
        if names::is_container(&name) {
            let blobs = file.blob.into_iter().map(blob).collect();
            return Ok(SeedContainer { name, immutable: file.immutable, blobs });
        }
        let path: Vec<&str> = account.iter().copied().chain(["container", &name]).collect();
        let remedy = "use 3 to 63 lower-case letters, digits and single hyphens";
        Err(Problem::new(&path, "not a container's name", remedy))
    };
    files.into_iter().map(container).collect()
}

pub(super) fn twice(path: &[&str]) -> Problem {
    Problem::new(path, "declared twice (Azure ignores case in names)", "rename one of the two or remove it")
}
