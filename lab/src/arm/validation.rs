//! The validation of a deployment: every check before its first change.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::Arm;
use super::store::State;
use super::target::Target;
use crate::exchange::{Answer, Call, Refused};
use crate::token::Claims;
use crate::world::DEPLOYMENT_TYPE;

impl Arm {
    /// Answers with the resources that the deployment would put; a refusal is that of the deployment itself.
    pub(super) fn validate(
        &self,
        call: &Call,
        claims: &Claims,
        state: &State,
        target: &Target<'_>,
    ) -> Result<Answer, Refused> {
        let deployment = self.deployment(call, claims, state, target)?;
        let mut body = Value::Object(deployment.body(&Value::Null, None));
        let properties = &mut body["properties"];
        properties["validatedResources"] = properties["outputResources"].take();
        properties["provisioningState"] = json!("Succeeded");
        body["id"] = json!(target.id);
        body["name"] = json!(target.name);
        body["type"] = json!(DEPLOYMENT_TYPE);
        Ok(Answer::json(StatusCode::OK, &body))
    }
}
