//! The subscriptions of this machine's identity.

use std::sync::Arc;

use arcbook_engine::step::{Context, StepError};
use arcbook_engine::value::Value;
use serde_json::Value as Json;

use crate::azure::Azure;
use crate::session::Session;
use crate::step::TypedStep;
use crate::types::{ArmList, Metadata};

/// A subscription, as far as Azure Resource Manager tells about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The id: a GUID.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The state, such as `Enabled`.
    pub state: Option<String>,
    /// The id of the tenant that manages it.
    pub tenant: Option<String>,
}

/// Returns the id of the subscription that contains this machine, as its agent tells it.
pub async fn own_subscription(azure: &Arc<Azure>, context: &Context) -> Result<String, StepError> {
    let step = Metadata::default();
    let session = Session::new(Arc::clone(azure), context.clone(), step.actions(azure));
    Ok(step.run(&session).await?.into_output().into_subscription())
}

/// Lists the subscriptions in which this machine's identity has a role.
pub async fn subscriptions(azure: &Arc<Azure>, context: &Context) -> Result<Vec<Subscription>, StepError> {
    let step = ArmList::of_subscriptions();
    let session = Session::new(Arc::clone(azure), context.clone(), step.actions(azure));
    let items = step.run(&session).await?.into_output().into_items();
    items.children().map(subscription).collect()
}

fn subscription(item: &Value) -> Result<Subscription, StepError> {
    let item = item.to_json().map_err(|error| StepError::internal(error.to_string()))?;
    let text = |name: &str| item.get(name).and_then(Json::as_str).map(ToOwned::to_owned);
    Ok(Subscription {
        id: text("subscriptionId"),
        name: text("displayName"),
        state: text("state"),
        tenant: text("tenantId"),
    })
}
