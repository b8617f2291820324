//! The step type `arm_delete`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Effect, Existing, Outputs, Response, StepError, Text,
    Title,
};

use crate::arm::{self, ApiVersion, ResourcePath};
use crate::azure::Azure;
use crate::resource::{DeclaredResource, KeptResource};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::words;

/// Deletes a resource of Azure Resource Manager, and waits until it is gone.
///
/// There is nothing to do if the resource does not exist. Everything under the resource goes with it: the deletion of a
/// resource group deletes the resources in it. A lock on the resource or above it refuses the deletion (`ScopeLocked`).
#[derive(Arguments, Debug)]
pub struct ArmDelete {
    /// Id of the resource: `/subscriptions/…/resourceGroups/…/providers/…`.
    id: Arg<ResourcePath>,
    /// API version of the resource provider, such as `2024-07-10`; defaults to one known to work.
    ///
    /// It is required for providers without a default version.
    api_version: Option<Arg<ApiVersion>>,
}

/// The outputs of `arm_delete`.
#[derive(Outputs, Debug)]
pub struct Deleted {
    /// Id of the resource.
    #[output(from(id), fact)]
    id: String,
    /// True if this run deleted the resource.
    #[output(answer)]
    deleted: bool,
}

impl ArmDelete {
    fn path(&self) -> Text {
        Text::new().then_parts(&self.id, ResourcePath::encoded)
    }

    fn resource(&self, azure: &Azure) -> DeclaredResource {
        let url = arm::url(azure, &self.id, self.api_version.as_ref());
        DeclaredResource { absent: Some(true), ..DeclaredResource::new(url, self.path()) }
    }

    fn done(&self, kept: &KeptResource) -> Result<Done<Deleted>, StepError> {
        let id = self.id.get()?.as_str().to_owned();
        Ok(Done::changed(Deleted { id, deleted: kept.change == Change::Removed }, kept.change))
    }
}

impl TypedStep for ArmDelete {
    const TYPE: &'static str = "arm_delete";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_delete" "agent" {
  id = "${step.metadata.machine.resource_id}/extensions/AzureMonitorLinuxAgent"
}

output "deleted" {
  value = step.arm_delete.agent.deleted
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> = Some("a deleted resource cannot be created again as it was");
    type Output = Deleted;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        arm::check_version(&self.id, self.api_version.as_ref()).into_iter().collect()
    }

    fn title(&self) -> Title {
        words::resource(&self.path())
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        self.resource(azure).actions(azure)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Deleted>>, StepError> {
        let found = self.resource(session.azure()).find(session).await?;
        found.try_map(|kept| self.done(&kept))
    }

    async fn run(&self, session: &Session) -> Result<Done<Deleted>, StepError> {
        self.done(&self.resource(session.azure()).keep(session).await?)
    }
}
