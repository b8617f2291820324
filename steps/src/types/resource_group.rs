//! The step type `resource_group`.

use std::collections::BTreeMap;

use arcbook_engine::step::{
    Action, Arg, Arguments, Body, Change, Effect, ErrorKind, Existing, Outputs, Receipt, Response, StepError,
    Text, Title,
};
use arcbook_engine::value::Value;
use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::group_undo::RemoveGroup;
use crate::azure::Azure;
use crate::declared::member_of;
use crate::http::HttpResponse;
use crate::percent::component;
use crate::resource::{DeclaredResource, KeptResource};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::subscription::{GroupName, SubscriptionId};
use crate::undo::Undo;

/// Keeps a resource group: creates it, or sets its tags.
///
/// Tags that the step does not declare stay as they are. The location of an existing group cannot be changed. An undo
/// deletes a group that the step created if it is empty; to delete a group with everything in it, use `arm_delete`.
#[derive(Arguments, Debug)]
pub struct ResourceGroup {
    /// Id of the subscription.
    subscription_id: Arg<SubscriptionId>,
    /// Name of the group.
    name: Arg<GroupName>,
    /// Location, such as `westeurope`.
    #[argument(sink = "setting")]
    location: Arg<String>,
    /// Tags to set.
    #[argument(sink = "setting")]
    tags: Option<Arg<BTreeMap<String, String>>>,
}

/// The outputs of `resource_group`.
#[derive(Outputs, Debug)]
pub struct Group {
    /// Id of the group.
    #[output(from(subscription_id, name), fact)]
    id: String,
    /// Name of the group.
    #[output(from(name), fact)]
    name: String,
    /// Location of the group.
    #[output(answer)]
    location: String,
    /// True if this run created the group.
    #[output(answer)]
    created: bool,
}

impl ResourceGroup {
    fn path(&self) -> Text {
        let subscription = Text::from("subscriptions/").then_arg(&self.subscription_id, SubscriptionId::text);
        subscription.then("/resourceGroups/").then_parts(&self.name, |GroupName(name)| component(name))
    }

    fn resource(&self, azure: &Azure) -> DeclaredResource {
        let url = Text::from(&*azure.cloud().arm()).then("/").then_text(&self.path());
        let declared = self.declared();
        let body =
            declared.as_ref().and_then(|declared| Some(Bytes::from(declared.to_json().ok()?.to_string())));
        DeclaredResource {
            declared: declared.unwrap_or_else(|| Value::object::<&str>([])),
            body: body.map_or(Body::Unknown, Body::Bytes),
            ..DeclaredResource::new(url.then("?api-version=2021-04-01"), self.path())
        }
    }

    /// Returns the declared part of the group; none if it is not known yet.
    fn declared(&self) -> Option<Value> {
        let mut members = vec![("location", Value::string(self.location.value()?.clone()))];
        if let Some(tags) = &self.tags {
            members.push(("tags", Value::string_map(tags.value()?.clone())));
        }
        Some(Value::object(members))
    }

    /// Returns the body of a change that keeps the other tags of the existing group.
    fn merged(&self, existing: &HttpResponse) -> Result<Bytes, StepError> {
        let mut tags: BTreeMap<String, Json> = BTreeMap::new();
        let existing: Json = existing.json()?;
        let own = existing["tags"].as_object().cloned().unwrap_or_default();
        tags.extend(own);
        for (name, value) in self.tags.as_ref().map(Arg::get).transpose()?.cloned().unwrap_or_default() {
            tags.retain(|other, _| !other.eq_ignore_ascii_case(&name));
            tags.insert(name, value.into());
        }
        let body = json!({ "location": existing["location"], "tags": tags });
        Ok(Bytes::from(body.to_string()))
    }

    fn done(&self, kept: KeptResource) -> Result<Done<Group>, StepError> {
        let name = self.name.get()?.0.clone();
        let id = format!("/subscriptions/{}/resourceGroups/{name}", self.subscription_id.get()?.text());
        let location =
            member_of(&kept.body, "location").and_then(|location| location.as_str()).unwrap_or_default();
        let group =
            Group { id, name, location: location.to_owned(), created: kept.change == Change::Created };
        Ok(kept.done(group))
    }
}

impl TypedStep for ResourceGroup {
    const TYPE: &'static str = "resource_group";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "resource_group" "reports" {
  subscription_id = step.metadata.machine.subscription_id
  name            = "sandbox"
  location        = "westeurope"
  tags            = { owner = "operations" }
}

output "id" {
  value = step.resource_group.reports.id
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::Plain;
    const FINDS: bool = true;
    type Output = Group;

    fn title(&self) -> Title {
        let name = Text::new().then_parts(&self.name, |GroupName(name)| name.clone());
        Title::new("resource group").named(&name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        self.resource(azure).actions(azure)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Group>>, StepError> {
        let resource = self.resource(session.azure());
        let found = resource.find(session).await?;
        if let Existing::Different(differences, _) = &found
            && differences.iter().any(|difference| difference.attribute == "location")
        {
            let error = StepError::new(ErrorKind::Refused, "the resource group is in another location");
            return Err(error.argument("location").help(
                "declare the location of the existing group, which cannot be moved, or use another name",
            ));
        }
        found.try_map(|kept| self.done(kept))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        RemoveGroup::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Group>, StepError> {
        let mut resource = self.resource(session.azure());
        if session.operation().is_none()
            && let Some(existing) = resource.existing(session).await?
        {
            resource.late_body = Some(self.merged(&existing)?);
        }
        self.done(resource.keep(session).await?)
    }
}
