//! The complete content of a world file.

use std::path::Path;

use uuid::Uuid;

use super::{
    Account, Kind, Machine, PolicyDenial, Principal, Resource, ResourceType, ScriptEnd, Vault, WorldError,
    build, mistakes, read,
};
use crate::access::{Assignment, Denial, Directory, Propagation, Roles};
use crate::fault::Fault;
use crate::throttle::Limit;

/// The world that a lab serves, read from an HCL file.
///
/// A world is the initial state. Changes live in the [`Lab`](crate::Lab) that was started with it, so one
/// world can start any number of independent labs.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) tenant_id: Uuid,
    pub(crate) subscription_id: Uuid,
    pub(crate) subscription_name: String,
    pub(crate) page_size: usize,
    /// If true, the scripts of run commands really run, on the computer of the lab.
    pub(crate) run_commands: bool,
    /// Declared ends of scripts, which do not run; the first for a machine counts.
    pub(crate) script_ends: Vec<ScriptEnd>,
    pub(crate) audiences: Vec<String>,
    /// Faults from the start.
    pub(crate) faults: Vec<Fault>,
    pub(crate) throttles: Vec<Limit>,
    /// The Arc-enabled server whose agent the lab plays.
    pub(crate) machine: Option<Machine>,
    /// False if its agent is not connected at the start.
    pub(crate) is_connected: bool,
    /// The Azure VM whose metadata service the lab plays.
    pub(crate) virtual_machine: Option<Machine>,
    pub(crate) principals: Vec<Principal>,
    /// The types whose resources can change.
    pub(crate) types: Vec<ResourceType>,
    /// Every resource of the subscription, resource groups included.
    pub(crate) resources: Vec<Resource>,
    pub(crate) vaults: Vec<Vault>,
    pub(crate) accounts: Vec<Account>,
    /// The number of requests that find a registration of a provider running.
    pub(crate) registration_polls: u32,
    pub(crate) roles: Roles,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) denials: Vec<Denial>,
    /// The most assignments of the subscription.
    pub(crate) assignment_limit: usize,
    pub(crate) propagation: Propagation,
    pub(crate) directory: Directory,
    pub(crate) policies: Vec<PolicyDenial>,
}

impl World {
    /// Reads a world file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, WorldError> {
        let path = path.as_ref();
        let text = read::text(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        Self::parse_in(base, &text, &path.display().to_string())
    }

    /// Parses the text of a world file; `name` names the file in errors.
    ///
    /// Files that it names are relative to the current directory.
    pub fn parse(text: &str, name: &str) -> Result<Self, WorldError> {
        Self::parse_in(Path::new(""), text, name)
    }

    fn parse_in(base: &Path, text: &str, name: &str) -> Result<Self, WorldError> {
        Self::of_values(base, text, name).map_err(WorldError::all_of)
    }

    fn of_values(base: &Path, text: &str, name: &str) -> Result<Self, Vec<WorldError>> {
        let mut values = read::values(text, name)?;
        let text = read::without_mark(text);
        let (mut found, mut removed) = (Vec::new(), Vec::new());
        // Each mistake is left out, so that the next one shows.
        loop {
            let problem = match read::file(&values) {
                Err(problem) => problem,
                // A block that is left out may be the reason why another one cannot be built.
                Ok(_) if found.iter().any(|(_, alone)| !alone) => break,
                Ok(file) => match build::world(file, base) {
                    Ok(world) if found.is_empty() => return Ok(world),
                    Ok(_) => break,
                    Err(problem) => problem,
                },
            };
            let is_removed = mistakes::remove(&mut values, &problem.path);
            let alone = mistakes::stands_alone(&problem);
            removed.push(problem.path.clone());
            if !mistakes::is_consequence(&problem, &removed) {
                found.push((problem.in_file(text, name), alone));
            }
            if !is_removed || found.len() == mistakes::MOST {
                break;
            }
        }
        Err(found.into_iter().map(|(error, _)| error).collect())
    }

    /// Returns the tenant that owns everything in this world.
    #[must_use]
    pub fn tenant_id(&self) -> Uuid {
        self.tenant_id
    }

    /// Returns the world's only subscription.
    #[must_use]
    pub fn subscription_id(&self) -> Uuid {
        self.subscription_id
    }

    /// Returns whether this world has an Arc-enabled server, whose agent the lab plays.
    #[must_use]
    pub fn has_machine(&self) -> bool {
        self.machine.is_some()
    }

    /// Lets the scripts of run commands really run, on the computer of the lab.
    #[must_use]
    pub fn running_commands(mut self) -> Self {
        self.run_commands = true;
        self
    }

    /// Returns the names of the key vaults.
    pub fn key_vaults(&self) -> impl Iterator<Item = &str> {
        self.vaults.iter().map(|vault| vault.name.as_str())
    }

    /// Returns the names of the storage accounts.
    pub fn storage_accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(|account| account.name.as_str())
    }

    /// Returns the principal with this object id.
    pub(crate) fn principal(&self, object_id: Uuid) -> Option<&Principal> {
        self.principals.iter().find(|principal| principal.object_id == object_id)
    }

    /// Returns the kind of the resource with this id, whether or not it exists yet.
    pub(crate) fn kind_at(&self, id: &str) -> Kind {
        let vault = self.vaults.iter().position(|vault| vault.id.eq_ignore_ascii_case(id));
        let account = || self.accounts.iter().position(|account| account.id.eq_ignore_ascii_case(id));
        vault.map(Kind::Vault).or_else(|| account().map(Kind::Account)).unwrap_or(Kind::Other)
    }

    pub(crate) fn subscription_scope(&self) -> String {
        format!("/subscriptions/{}", self.subscription_id)
    }

    pub(crate) fn group_scope(&self, group: &str) -> String {
        format!("{}/resourceGroups/{group}", self.subscription_scope())
    }

    /// Returns the declared type with this name.
    pub(crate) fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.types.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }
}
