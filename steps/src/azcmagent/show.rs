//! The state of the agent, as `azcmagent show -j` tells it.

use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_engine::value::{Data, Value};

use crate::declared::member_of;
use crate::json;

/// The state of the agent. Only these members are known to be there, in whatever case; the answer has more.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub status: Option<String>,
    pub resource_name: Option<String>,
    pub resource_group: Option<String>,
    pub resource_id: Option<String>,
    pub subscription_id: Option<String>,
    pub tenant_id: Option<String>,
    pub location: Option<String>,
    pub last_heartbeat: Option<String>,
    /// The whole answer.
    pub body: Value,
}

/// No answer.
impl Default for Shown {
    fn default() -> Self {
        Self {
            status: None,
            resource_name: None,
            resource_group: None,
            resource_id: None,
            subscription_id: None,
            tenant_id: None,
            location: None,
            last_heartbeat: None,
            body: Value::NULL,
        }
    }
}

impl Shown {
    /// Reads the answer.
    pub fn read(output: &[u8]) -> Result<Self, StepError> {
        let body = json::value(json::unmarked(output)).ok();
        let body = body.filter(|body| matches!(body.data(), Data::Object(_) | Data::Map(..)));
        let body = body.ok_or_else(|| {
            StepError::new(ErrorKind::Answer, "azcmagent show -j did not answer with a JSON object")
                .argument("program")
                .help("check that `program` is azcmagent, and update the agent")
        })?;
        let text = |name: &str| {
            let text = member_of(&body, name).and_then(Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Ok(Self {
            status: text("status"),
            resource_name: text("resourceName"),
            resource_group: text("resourceGroup"),
            resource_id: text("resourceId"),
            subscription_id: text("subscriptionId"),
            tenant_id: text("tenantId"),
            location: text("location"),
            last_heartbeat: text("lastHeartbeat"),
            body,
        })
    }

    /// Returns true if the machine has a resource and is in contact with Azure.
    pub fn is_connected(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.eq_ignore_ascii_case("Connected"))
    }

    /// Returns true if the machine has a resource, whether or not it is in contact with Azure.
    pub fn is_registered(&self) -> bool {
        self.is_connected() || self.resource_id.is_some() || self.resource_name.is_some()
    }

    /// Returns the passwords in URLs of the answer, such as that of a proxy.
    pub fn passwords(&self) -> Vec<String> {
        let mut found = Vec::new();
        gather(&self.body, &mut found);
        found
    }
}

fn gather(value: &Value, found: &mut Vec<String>) {
    if let Some(text) = value.as_str() {
        let login = text.split_once("://").map(|(_, rest)| rest);
        let login = login.and_then(|rest| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
        found.extend(
            login.and_then(|(login, _)| login.split_once(':')).map(|(_, password)| password.to_owned()),
        );
    }
    value.children().for_each(|child| gather(child, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_any_case_and_empty_texts_are_none() {
        for (answer, expected) in [
            (r#"{"status":"Connected","resourceId":"/x"}"#, (true, true, Some("/x"))),
            (r#"{"Status":"connected","ResourceID":" /x "}"#, (true, true, Some("/x"))),
            (r#"{"status":"Disconnected","resourceName":"","resourceId":""}"#, (false, false, None)),
            (r#"{"status":"Expired","resourceName":"web"}"#, (false, true, None)),
            ("{}", (false, false, None)),
            (r#"{"status":null,"resourceId":1}"#, (false, false, None)),
        ] {
            let shown = Shown::read(answer.as_bytes()).expect(answer);
            let found = (shown.is_connected(), shown.is_registered(), shown.resource_id.as_deref());
            assert_eq!(found, expected, "{answer}");
        }
        assert!(
            ["", "Agent Status: Connected", "[1]"].iter().all(|text| Shown::read(text.as_bytes()).is_err())
        );
    }

    #[test]
    fn the_password_of_a_proxy_is_found() {
        let answer = r#"{"httpsProxy":"http://me:hunter22@proxy:1/x","gatewayUrl":["https://a.b/c@d"]}"#;
        assert_eq!(Shown::read(answer.as_bytes()).expect("read").passwords(), ["hunter22"]);
    }
}
