//! The undo of `role_assignment`.

use arcbook_engine::step::{Action, Change, ErrorKind, HttpRequest, Method, Receipt, StepError, Text};

use crate::azure::Azure;
use crate::cloud::Service;
use crate::declared::member_of;
use crate::permission;
use crate::session::{Session, line};
use crate::undo::{Undo, removed};

/// Removes a role assignment that a step made.
pub(super) struct Unassign {
    read: Action,
    delete: Action,
    principal: String,
}

impl Unassign {
    /// Returns the removal; none if the step did not certainly make the assignment.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        if receipt.change != Some(Change::Created) {
            return None;
        }
        let (path, principal) = (receipt.output("id")?, receipt.output("principal_id")?);
        let path = Text::from(path.trim_start_matches('/'));
        let request = |method| {
            let url = Text::from(&*azure.cloud().arm()).then("/").then_text(&path);
            let request = HttpRequest::new(method, url.then("?api-version=2022-04-01"));
            let request = request.audience(azure.cloud().audience(Service::Arm));
            request.action().needs(permission::arm(method, &path))
        };
        Some(Self {
            read: request(Method::Get),
            delete: request(Method::Delete),
            principal: principal.to_owned(),
        })
    }
}

impl Undo for Unassign {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let existing = match session.send(&self.read).await {
            Ok(existing) => existing.value()?,
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        };
        let properties = member_of(&existing, "properties");
        let principal = properties.and_then(|properties| member_of(properties, "principalId")?.as_str());
        if !principal.is_some_and(|principal| principal.eq_ignore_ascii_case(&self.principal)) {
            let what = "the role assignment has another principal and is kept";
            return Err(StepError::new(ErrorKind::Refused, what)
                .request(line(&self.read))
                .help("inspect it, and remove it manually if it is not needed"));
        }
        removed(session.send(&self.delete).await)
    }
}
