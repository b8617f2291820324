//! The undo of `resource_group`.

use arcbook_engine::step::{Action, Change, ErrorKind, HttpRequest, Method, Receipt, StepError, Text};

use crate::azure::Azure;
use crate::cloud::Service;
use crate::page::Page;
use crate::permission;
use crate::session::{Operation, Session, line};
use crate::undo::Undo;

/// Deletes a resource group that a step created, if it is empty.
pub(super) struct RemoveGroup {
    read: Action,
    list: Action,
    delete: Action,
}

impl RemoveGroup {
    /// Returns the removal; none if the step did not certainly create the group.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let id = receipt.output("id").filter(|_| receipt.change == Some(Change::Created))?;
        let group = Text::from(id.trim_start_matches('/'));
        let request = |method, path: &Text| {
            let url =
                Text::from(&*azure.cloud().arm()).then("/").then_text(path).then("?api-version=2021-04-01");
            let request = HttpRequest::new(method, url).audience(azure.cloud().audience(Service::Arm));
            request.action().needs(permission::arm(method, path))
        };
        Some(Self {
            read: request(Method::Get, &group),
            list: request(Method::Get, &group.clone().then("/resources")),
            delete: request(Method::Delete, &group).operation(),
        })
    }
}

impl Undo for RemoveGroup {
    fn actions(&self) -> Vec<Action> {
        vec![self.read.clone(), self.list.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let operation = Operation { change: &self.delete, read: Some(&self.read) };
        if let Some(place) = session.operation() {
            return session.resume(operation, place).await.map(|_| Change::Removed);
        }
        let answer = match session.send(&self.list).await {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        };
        let page = Page::read(&answer).map_err(|reason| answer.nonsense(&reason))?;
        if !page.items.is_empty() || page.next.is_some() {
            return Err(StepError::new(ErrorKind::Refused, "the resource group is not empty and is kept")
                .request(line(&self.list))
                .help("delete what is in it first, if it is not needed"));
        }
        let answer = session.send(&self.delete).await?;
        session.finish(operation, &answer).await.map(|_| Change::Removed)
    }
}
