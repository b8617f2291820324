//! Builds the machines and identities of a world.

use std::path::Path;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::build::{Builder, seconds, twice};
use super::error::Problem;
use super::file::Labelled;
use super::principal::{ClientSecret, FederatedCredential, Principal, PrincipalKind, SignIn};
use super::principal_file::{
    ApplicationFile, CertificateFile, ClientSecretFile, FederatedFile, IdentityFile, MachineFile,
    VirtualMachineFile,
};
use super::resource::Kind;
use super::{GraphPermission, Machine, certificate, derived_id};

/// The ids and permissions of a principal as its block gives them.
struct Given {
    object_id: Option<Uuid>,
    client_id: Option<Uuid>,
    graph: Vec<GraphPermission>,
}

impl Builder {
    pub(super) fn user_assigned(&mut self, files: Labelled<IdentityFile>) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["user_assigned_identity", name.as_str()];
            let kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
            let place = self.place(&path, kind, &file.resource_group, file.location)?;
            let kind = PrincipalKind::UserAssigned(place.id.clone());
            let sign_in = SignIn { federated: federated(file.federated_credential), ..SignIn::default() };
            let given = Given {
                object_id: file.principal_id,
                client_id: file.client_id,
                graph: file.graph_permissions,
            };
            let own = self.principal(&path, &place.id, (kind, sign_in), given)?;
            self.own_roles(&path, own.object_id, file.role_assignment)?;
            let mut resource = place.resource(file.tags, Kind::Other);
            let ids = self.ids(&own);
            resource.body.insert("properties".to_owned(), ids);
            self.add(&path, resource)?;
        }
        Ok(())
    }

    /// Adds the machine whose agent the lab plays; returns it, and true if it is connected.
    pub(super) fn machine(
        &mut self,
        files: Labelled<MachineFile>,
    ) -> Result<(Option<Machine>, bool), Problem> {
        let remedy = "declare one `machine \"name\" {}`: the one whose agent the lab plays. \
                      Others are `resource \"Microsoft.HybridCompute/machines\" \"name\" {}`";
        let Some((name, file)) = only(files, "machine", "a world has one machine", remedy)? else {
            return Ok((None, false));
        };
        let path = ["machine", name.as_str()];
        let mut machine = Machine {
            id: String::new(),
            group: String::new(),
            location: String::new(),
            provider: "",
            os: file.os,
            os_sku: file.os_sku.clone().unwrap_or_else(|| file.os.usual_sku().to_owned()),
            os_version: file.os_version.clone().unwrap_or_else(|| file.os.usual_version().to_owned()),
            agent_version: file.agent_version.clone(),
            size: String::new(),
            vm_id: file.vm_id.unwrap_or_else(|| derived_id(&["vm", &name])),
            tags: file.tags.clone(),
            name: name.clone(),
        };
        if !file.connected {
            has_nothing_of_azure(&path, &file)?;
            return Ok((Some(machine), false));
        }
        let Some(group) = &file.resource_group else {
            let remedy =
                "name its resource group, or say `connected = false` for a machine that is not onboarded yet";
            return Err(Problem::new(&path, "missing field `resource_group`", remedy));
        };
        let place = self.place(&path, "Microsoft.HybridCompute/machines", group, file.location)?;
        machine.id.clone_from(&place.id);
        machine.group.clone_from(&place.group);
        machine.location.clone_from(&place.location);
        machine.vm_id = file.vm_id.unwrap_or_else(|| derived_id(&["vm", &place.id]));
        let given =
            Given { object_id: file.principal_id, client_id: file.client_id, graph: file.graph_permissions };
        let own = self.system_assigned(&path, &place.id, given)?;
        self.defer(&path, &place.id, file.role_assignment);
        let mut resource = place.resource(file.tags, Kind::Machine);
        resource.body.insert("identity".to_owned(), self.identities(Some(&own)));
        self.add(&path, resource)?;
        Ok((Some(machine), true))
    }

    pub(super) fn virtual_machine(
        &mut self,
        files: Labelled<VirtualMachineFile>,
    ) -> Result<Option<Machine>, Problem> {
        let remedy = "declare one `virtual_machine \"name\" {}`: the one whose metadata service the lab plays. \
                      Others are `resource \"Microsoft.Compute/virtualMachines\" \"name\" {}`";
        let one = only(files, "virtual_machine", "a world has one virtual machine", remedy)?;
        let Some((name, file)) = one else { return Ok(None) };
        let path = ["virtual_machine", name.as_str()];
        let place =
            self.place(&path, "Microsoft.Compute/virtualMachines", &file.resource_group, file.location)?;
        let machine = Machine {
            id: place.id.clone(),
            group: place.group.clone(),
            location: place.location.clone(),
            provider: "Microsoft.Compute",
            os: file.os,
            os_sku: file.os_sku,
            os_version: file.os_version,
            agent_version: String::new(),
            size: file.size,
            vm_id: file.vm_id.unwrap_or_else(|| derived_id(&["vm", &place.id])),
            tags: file.tags.clone(),
            name: name.clone(),
        };
        let given =
            Given { object_id: file.principal_id, client_id: file.client_id, graph: file.graph_permissions };
        let own = file.system_assigned.then(|| self.system_assigned(&path, &place.id, given)).transpose()?;
        self.defer(&path, &place.id, file.role_assignment);
        let mut resource = place.resource(file.tags, Kind::Other);
        resource.body.insert("identity".to_owned(), self.identities(own.as_ref()));
        resource.body.insert(
            "properties".to_owned(),
            json!({
                "vmId": machine.vm_id,
                "hardwareProfile": { "vmSize": machine.size },
                "osProfile": { "computerName": machine.name },
                "provisioningState": "Succeeded",
            }),
        );
        self.add(&path, resource)?;
        Ok(Some(machine))
    }

    pub(super) fn applications(
        &mut self,
        files: Labelled<ApplicationFile>,
        base: &Path,
    ) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["service_principal", name.as_str()];
            let seed = format!("{}/{name}", self.tenant);
            let given =
                Given { object_id: file.object_id, client_id: file.client_id, graph: file.graph_permissions };
            let roles = file.role_assignment;
            let secret = |(name, file): (String, ClientSecretFile)| {
                let expires =
                    seconds(&[&path[..], &["secret", &name, "expires"]].concat(), file.expires.as_deref())?;
                Ok(ClientSecret { value: file.value, expires })
            };
            let registered = |(name, file): (String, CertificateFile)| {
                certificate::certificate(&file, base).map_err(|(message, remedy)| {
                    Problem::new(&[&path[..], &["certificate", &name]].concat(), message, remedy)
                })
            };
            let sign_in = SignIn {
                disabled: !file.enabled,
                conditional_access: file.conditional_access,
                secrets: file.secret.into_iter().map(secret).collect::<Result<_, _>>()?,
                certificates: file.certificate.into_iter().map(registered).collect::<Result<_, _>>()?,
                federated: federated(file.federated_credential),
            };
            let own = self.principal(&path, &seed, (PrincipalKind::Application, sign_in), given)?;
            self.own_roles(&path, own.object_id, roles)?;
        }
        Ok(())
    }

    /// Adds the identity of a machine, which then is the usual principal of grants.
    fn system_assigned(&mut self, path: &[&str], id: &str, given: Given) -> Result<Principal, Problem> {
        let kind = PrincipalKind::SystemAssigned(id.to_owned());
        let own = self.principal(path, id, (kind, SignIn::default()), given)?;
        self.usual = Some(own.object_id);
        Ok(own)
    }

    /// Adds the principal of the block at `path`, whose ids are those given, or derived from `seed`.
    fn principal(
        &mut self,
        path: &[&str],
        seed: &str,
        (kind, sign_in): (PrincipalKind, SignIn),
        given: Given,
    ) -> Result<Principal, Problem> {
        let own = Principal {
            name: path.last().copied().unwrap_or_default().to_owned(),
            object_id: given.object_id.unwrap_or_else(|| derived_id(&["principal", seed])),
            client_id: given.client_id.unwrap_or_else(|| derived_id(&["client", seed])),
            kind,
            graph: given.graph,
            sign_in,
        };
        let same = |other: &Principal| other.object_id == own.object_id || other.client_id == own.client_id;
        if self.principals.iter().any(|other| other.name == own.name) {
            return Err(twice(path));
        }
        if self.principals.iter().any(same) {
            return Err(Problem::new(
                path,
                "its ids are those of another principal",
                "give it ids of its own",
            ));
        }
        self.principals.push(own.clone());
        Ok(own)
    }

    fn ids(&self, own: &Principal) -> Value {
        json!({ "tenantId": self.tenant, "principalId": own.object_id, "clientId": own.client_id })
    }

    /// Returns the member `identity` of a machine, which has every user-assigned identity.
    fn identities(&self, own: Option<&Principal>) -> Value {
        let assigned = self.principals.iter().filter_map(|principal| match &principal.kind {
            PrincipalKind::UserAssigned(id) => Some((
                id.clone(),
                json!({ "principalId": principal.object_id, "clientId": principal.client_id }),
            )),
            _ => None,
        });
        let assigned: Map<String, Value> = assigned.collect();
        let kind = match (own, assigned.is_empty()) {
            (Some(_), true) => "SystemAssigned",
            (Some(_), false) => "SystemAssigned, UserAssigned",
            (None, false) => "UserAssigned",
            (None, true) => "None",
        };
        let mut identity = json!({ "type": kind });
        if let Some(own) = own {
            identity = json!({ "principalId": own.object_id, "tenantId": self.tenant, "type": kind });
        }
        if !assigned.is_empty() {
            identity["userAssignedIdentities"] = assigned.into();
        }
        identity
    }
}

/// Refuses what a machine gets only by its connection.
fn has_nothing_of_azure(path: &[&str], file: &MachineFile) -> Result<(), Problem> {
    let given = [
        ("resource_group", file.resource_group.is_some()),
        ("location", file.location.is_some()),
        ("tags", !file.tags.is_empty()),
        ("principal_id", file.principal_id.is_some()),
        ("client_id", file.client_id.is_some()),
        ("graph_permissions", !file.graph_permissions.is_empty()),
        ("role_assignment", !file.role_assignment.0.is_empty()),
    ];
    let Some((name, _)) = given.into_iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
    let remedy = "the machine gets a resource and an identity when `azcmagent connect` connects it; grant roles to a group \
                  that it joins";
    Err(Problem::new(&[path, &[name]].concat(), "a machine that is not connected has none", remedy))
}

fn federated(files: Labelled<FederatedFile>) -> Vec<FederatedCredential> {
    let credential = |(name, file): (String, FederatedFile)| {
        let FederatedFile { issuer, subject, audience } = file;
        FederatedCredential { name, issuer, subject, audience }
    };
    files.into_iter().map(credential).collect()
}

/// Returns the only block of its type, if there is one.
fn only<T>(
    files: Labelled<T>,
    block: &str,
    message: &str,
    remedy: &str,
) -> Result<Option<(String, T)>, Problem> {
    let mut files = files.into_iter();
    match (files.next(), files.next()) {
        (_, Some((second, _))) => Err(Problem::new(&[block, &second], message, remedy)),
        (one, None) => Ok(one),
    }
}
