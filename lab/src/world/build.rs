//! Builds the world from the blocks of a world file: resolves references, checks names, fills in defaults.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::error::Problem;
use super::file::{
    AccountFile, BlobFile, ContainerFile, GroupFile, Labelled, MachineFile, PolicyFile, Repeated,
    ResourceFile, RoleFile, SecretFile, VaultFile, WorldFile,
};
use super::resource::{Account, GROUP_TYPE, Kind, Policy, Resource, SeedBlob, SeedSecret, Tags, Vault};
use super::{Machine, World, derived_id, resource_type};
use crate::access::{Assignment, Assignments, role_named, role_names};
use crate::fault::{Fault, FaultError};
use crate::names;

pub(super) fn world(file: WorldFile) -> Result<World, Problem> {
    if !(1..=1000).contains(&file.page_size) {
        return Err(Problem::new(&["page_size"], "out of range", "give a number from 1 to 1000"));
    }
    let types = resource_type::types(file.resource_type)?;
    let faults = faults(&file.faults)?;
    let mut builder = Builder::new(file.tenant_id, file.subscription);
    builder.groups(file.resource_group)?;
    let machine = builder.machine(file.machine)?;
    builder.principal = machine.principal_id;
    builder.roles(&[], &builder.subscription.clone(), file.role_assignment)?;
    builder.deferred_roles()?;
    let vaults = builder.vaults(file.key_vault)?;
    let accounts = builder.accounts(file.storage_account)?;
    builder.others(file.resource)?;
    let Builder { resources, assignments, .. } = builder;
    Ok(World {
        tenant_id: file.tenant_id,
        subscription_id: file.subscription,
        subscription_name: file.subscription_name,
        page_size: file.page_size,
        audiences: file.audiences,
        faults,
        machine,
        types,
        resources,
        vaults,
        accounts,
        assignments: Assignments::new(assignments),
    })
}

struct Builder {
    tenant: Uuid,
    /// Resource id of the subscription.
    subscription: String,
    /// Default principal of a grant.
    principal: Uuid,
    /// Names and locations of the resource groups.
    groups: Vec<(String, String)>,
    resources: Vec<Resource>,
    assignments: Vec<Assignment>,
    /// Grants that wait for the machine's principal, which is read later.
    deferred: Vec<(Vec<String>, String, Repeated<RoleFile>)>,
}

impl Builder {
    fn new(tenant: Uuid, subscription: Uuid) -> Self {
        Self {
            tenant,
            subscription: format!("/subscriptions/{subscription}"),
            principal: Uuid::nil(),
            groups: Vec::new(),
            resources: Vec::new(),
            assignments: Vec::new(),
            deferred: Vec::new(),
        }
    }

    fn groups(&mut self, files: Labelled<GroupFile>) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["resource_group", name.as_str()];
            let id = format!("{}/resourceGroups/{name}", self.subscription);
            self.deferred.push((path.map(str::to_owned).to_vec(), id.clone(), file.role_assignment));
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

    fn deferred_roles(&mut self) -> Result<(), Problem> {
        for (path, scope, roles) in std::mem::take(&mut self.deferred) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.roles(&path, &scope, roles)?;
        }
        Ok(())
    }

    fn machine(&mut self, files: Labelled<MachineFile>) -> Result<Machine, Problem> {
        let remedy = "declare one `machine \"name\" {}`: the one whose agent the lab plays. \
                      Others are `resource \"Microsoft.HybridCompute/machines\" \"name\" {}`";
        let mut files = files.into_iter();
        let (Some((name, file)), None) = (files.next(), files.next()) else {
            return Err(Problem::new(&["machine"], "a world has one machine", remedy));
        };
        let path = ["machine", name.as_str()];
        let place =
            self.place(&path, "Microsoft.HybridCompute/machines", &file.resource_group, file.location)?;
        let derive = |what: &str| derived_id(&[what, &place.id]);
        let machine = Machine {
            id: place.id.clone(),
            group: place.group.clone(),
            location: place.location.clone(),
            os: file.os,
            os_sku: file.os_sku,
            os_version: file.os_version,
            agent_version: file.agent_version,
            vm_id: file.vm_id.unwrap_or_else(|| derive("vm")),
            principal_id: file.principal_id.unwrap_or_else(|| derive("principal")),
            client_id: file.client_id.unwrap_or_else(|| derive("client")),
            tags: file.tags.clone(),
            name: name.clone(),
        };
        self.deferred.push((vec!["machine".to_owned(), name], place.id.clone(), file.role_assignment));
        let mut resource = place.resource(file.tags, Kind::Machine);
        let identity =
            json!({ "principalId": machine.principal_id, "tenantId": self.tenant, "type": "SystemAssigned" });
        resource.body.insert("identity".to_owned(), identity);
        self.add(&["machine", &machine.name], resource)?;
        Ok(machine)
    }

    fn vaults(&mut self, files: Labelled<VaultFile>) -> Result<Vec<Vault>, Problem> {
        let mut vaults = Vec::with_capacity(files.len());
        for (name, file) in files {
            let path = ["key_vault", name.as_str()];
            if !names::is_vault(&name) {
                let remedy = "use 3 to 24 letters, digits and single hyphens, a letter first";
                return Err(Problem::new(&path, "not a key vault's name", remedy));
            }
            let place =
                self.place(&path, "Microsoft.KeyVault/vaults", &file.resource_group, file.location)?;
            self.roles(&path, &place.id, file.role_assignment)?;
            vaults.push(Vault {
                id: place.id.clone(),
                location: place.location.clone(),
                rbac: file.rbac,
                retention_days: file.retention_days,
                policies: self.policies(&path, file.rbac, file.access_policy)?,
                secrets: file
                    .secret
                    .into_iter()
                    .map(|secret| seed(&path, secret))
                    .collect::<Result<_, _>>()?,
                name: name.clone(),
            });
            self.add(&path, place.resource(file.tags, Kind::Vault(vaults.len() - 1)))?;
        }
        Ok(vaults)
    }

    fn policies(
        &self,
        path: &[&str],
        rbac: bool,
        files: Repeated<PolicyFile>,
    ) -> Result<Vec<Policy>, Problem> {
        if rbac && !files.0.is_empty() {
            let remedy = "remove `rbac = true`, or grant with `role_assignment` instead";
            return Err(Problem::new(
                path,
                "a vault with `rbac = true` does not heed access policies",
                remedy,
            ));
        }
        let policy = |file: PolicyFile| Policy {
            principal: file.principal_id.unwrap_or(self.principal),
            secrets: file.secrets,
        };
        Ok(files.0.into_iter().map(policy).collect())
    }

    fn accounts(&mut self, files: Labelled<AccountFile>) -> Result<Vec<Account>, Problem> {
        let mut accounts = Vec::with_capacity(files.len());
        for (name, file) in files {
            let path = ["storage_account", name.as_str()];
            if !names::is_account(&name) {
                let remedy = "use 3 to 24 lower-case letters and digits";
                return Err(Problem::new(&path, "not a storage account's name", remedy));
            }
            let place =
                self.place(&path, "Microsoft.Storage/storageAccounts", &file.resource_group, file.location)?;
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
                let own_block = ["Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts"];
                if own_block.iter().any(|known| known.eq_ignore_ascii_case(&type_name)) {
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
    fn place(
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

    fn add(&mut self, path: &[&str], resource: Resource) -> Result<(), Problem> {
        if self.resources.iter().any(|other| other.id.eq_ignore_ascii_case(&resource.id)) {
            return Err(twice(path));
        }
        self.resources.push(resource);
        Ok(())
    }

    fn roles(&mut self, path: &[&str], scope: &str, roles: Repeated<RoleFile>) -> Result<(), Problem> {
        for (index, file) in roles.0.into_iter().enumerate() {
            let Some(role) = role_named(&file.role) else {
                let index = format!("[{index}]");
                let path: Vec<&str> =
                    path.iter().copied().chain(["role_assignment", index.as_str()]).collect();
                let remedy = format!("use one of {}", role_names());
                return Err(Problem::new(&path, format!("there is no role \"{}\"", file.role), remedy));
            };
            let principal = file.principal_id.unwrap_or(self.principal);
            self.assignments.push(Assignment::new(role, principal, scope));
        }
        Ok(())
    }
}

struct Place {
    id: String,
    name: String,
    type_name: String,
    group: String,
    location: String,
}

impl Place {
    fn resource(self, tags: Tags, detail: Kind) -> Resource {
        let Self { id, name, type_name, location, .. } = self;
        Resource { id, name, type_name, body: body(&location, tags), detail }
    }
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

fn seed(vault: &[&str], (name, file): (String, SecretFile)) -> Result<SeedSecret, Problem> {
    let path =
        |attribute| vault.iter().copied().chain(["secret", &name]).chain(attribute).collect::<Vec<_>>();
    if !names::is_secret(&name) {
        let remedy = "use 1 to 127 letters, digits and hyphens";
        return Err(Problem::new(&path(None), "not a secret's name", remedy));
    }
    let seconds = |attribute, text: Option<&String>| {
        let parse = |text: &String| OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp);
        text.map(parse).transpose().map_err(|_| {
            Problem::new(&path(Some(attribute)), "not a time", "write it as \"2030-01-31T12:00:00Z\"")
        })
    };
    Ok(SeedSecret {
        not_before: seconds("not_before", file.not_before.as_ref())?,
        expires: seconds("expires", file.expires.as_ref())?,
        value: file.value,
        content_type: file.content_type,
        enabled: file.enabled,
        tags: file.tags,
        name,
    })
}

type SeedContainer = (String, Vec<SeedBlob>);

fn containers(account: &[&str], files: Labelled<ContainerFile>) -> Result<Vec<SeedContainer>, Problem> {
    let blob = |(name, file): (String, BlobFile)| SeedBlob {
        name,
        content: file.content,
        content_type: file.content_type,
    };
    let container = |(name, file): (String, ContainerFile)| {
        if names::is_container(&name) {
            return Ok((name, file.blob.into_iter().map(blob).collect()));
        }
        let path: Vec<&str> = account.iter().copied().chain(["container", &name]).collect();
        let remedy = "use 3 to 63 lower-case letters, digits and single hyphens";
        Err(Problem::new(&path, "not a container's name", remedy))
    };
    files.into_iter().map(container).collect()
}

fn twice(path: &[&str]) -> Problem {
    Problem::new(path, "declared twice (Azure ignores case in names)", "rename one of the two or remove it")
}
