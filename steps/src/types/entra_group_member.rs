//! The step type `entra_group_member`.

use arcbook_engine::step::{
    Action, Arg, Arguments, Body, Change, Effect, Existing, HttpRequest, Method, Outputs, Permission, Power,
    PriorState, Receipt, Response, Safety, StepError, Text, Title,
};
use bytes::Bytes;
use serde_json::json;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::directory::ObjectId;
use crate::http::Late;
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::{Undo, removed};

const READ: &str = "GroupMember.Read.All";
const WRITE: &str = "GroupMember.ReadWrite.All";

/// Keeps an identity a member of a group, or keeps it out.
///
/// A member holds the roles of the group, so a fleet needs one role assignment instead of one for each machine. The
/// request goes to Microsoft Graph, with permissions of its own; an owner of the group needs none. An identity that is
/// new may be unknown there for a while, so the step waits for it for at most three minutes. A membership takes effect
/// with the next token of the member, which a managed identity may keep for a day.
#[derive(Arguments, Debug)]
pub struct EntraGroupMember {
    /// Object id of the group.
    group_id: Arg<ObjectId>,
    /// Object id of the member: an identity, a user or a group.
    member_id: Arg<ObjectId>,
    /// If true, the identity is removed from the group; defaults to false.
    absent: Option<Arg<bool>>,
}

/// The outputs of `entra_group_member`.
#[derive(Outputs, Debug)]
pub struct Membership {
    /// Object id of the group.
    #[output(from(group_id), fact)]
    group_id: String,
    /// Object id of the member.
    #[output(from(member_id), fact)]
    member_id: String,
    /// True if this run added the member.
    #[output(answer)]
    created: bool,
}

fn id(arg: &Arg<ObjectId>) -> Text {
    Text::new().then_arg(arg, |ObjectId(id)| id.to_string())
}

impl EntraGroupMember {
    fn requests(&self, azure: &Azure) -> Requests {
        Requests::of(azure, &id(&self.group_id), &id(&self.member_id))
    }

    /// Returns true if the identity must be no member; none if that is not known yet.
    fn is_absent(&self) -> Option<bool> {
        self.absent.as_ref().map_or(Some(false), |absent| absent.value().copied())
    }

    fn done(&self, session: &Session, change: Change) -> Result<Done<Membership>, StepError> {
        let created = change == Change::Created;
        let (group_id, member_id) = (self.group_id.get()?.0.to_string(), self.member_id.get()?.0.to_string());
        if created {
            session.granted(&member_id, false);
        }
        let member = Membership { group_id, member_id, created };
        Ok(if change == Change::None { Done::unchanged(member) } else { Done::changed(member, change) })
    }

    async fn add(&self, session: &Session) -> Result<Done<Membership>, StepError> {
        let add = self.requests(session.azure()).add;
        match session.send_late(&add, Late { object: true, right: false }).await {
            Ok(_) => self.done(session, Change::Created),
            // Repeated after a lost answer, the request finds its own change.
            Err(error) if is_member_already(&error) && error.is_uncertain() => {
                self.done(session, Change::Created)
            }
            Err(error) if is_member_already(&error) => self.done(session, Change::None),
            Err(error) => Err(error),
        }
    }
}

/// Returns true if the member was there already, which Graph tells in words alone.
fn is_member_already(error: &StepError) -> bool {
    let words = "added object references already exist";
    error.status() == Some(400) && error.why().is_some_and(|why| why.contains(words))
}

/// The requests about one membership.
struct Requests {
    read: Action,
    add: Action,
    remove: Action,
}

impl Requests {
    fn of(azure: &Azure, group: &Text, member: &Text) -> Self {
        let base = azure.cloud().graph();
        let group_url = Text::from(&*base).then("/v1.0/groups/").then_text(group);
        let members = group_url.clone().then("/members/");
        let one = members.clone().then_text(member).then("/$ref");
        let audience = azure.cloud().audience(Service::Graph);
        let request = |method, url| HttpRequest::new(method, url).audience(audience.clone());
        let write = || Permission::directory(WRITE, group_url.clone());
        let body = member.reveal().map(|member| {
            let body = json!({ "@odata.id": format!("{base}/v1.0/directoryObjects/{member}") });
            Body::Bytes(Bytes::from(body.to_string()))
        });
        let add = request(Method::Post, members.then("$ref")).header("content-type", "application/json");
        let add = add.body(body.unwrap_or(Body::Unknown)).action().safety(Safety::Idempotent);
        Self {
            read: request(Method::Get, one.clone())
                .action()
                .needs(Permission::directory(READ, group_url.clone())),
            add: add.needs(write()),
            remove: request(Method::Delete, one).action().needs(write()),
        }
    }
}

impl TypedStep for EntraGroupMember {
    const TYPE: &'static str = "entra_group_member";
    const EXAMPLE: &'static str = r#"step "metadata" "machine" {}

step "arm_get" "machine" {
  path    = step.metadata.machine.resource_id
  extract = { principal = "identity.principalId" }
}

step "entra_group_member" "servers" {
  group_id  = "30000000-0000-4000-8000-000000000001"
  member_id = step.arm_get.machine.extract.principal
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Membership;

    fn title(&self) -> Title {
        Title::new("member").named(&id(&self.member_id)).within("group", &id(&self.group_id))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let Requests { read, add, remove } = self.requests(azure);
        let adds = (self.is_absent() != Some(true)).then_some(add);
        let removes = (self.is_absent() != Some(false)).then_some(remove);
        [Some(read), adds, removes].into_iter().flatten().collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Membership>>, StepError> {
        let is_wanted = self.is_absent() != Some(true);
        let again = session.before();
        match session.send(&self.requests(session.azure()).read).await {
            Ok(_) if is_wanted => {
                let own = again == Some(PriorState::Absent);
                self.done(session, if own { Change::Created } else { Change::None }).map(Existing::AsWanted)
            }
            Ok(_) => Ok(Existing::Unwanted(None)),
            Err(error) if error.status() == Some(404) && is_wanted => Ok(Existing::Absent),
            Err(error) if error.status() == Some(404) => {
                let change = if again.is_some() { Change::Removed } else { Change::None };
                self.done(session, change).map(Existing::AsWanted)
            }
            Err(error) if error.status() == Some(403) => Ok(Existing::unanswered(&error)),
            Err(error) => Err(error),
        }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        let (group, member) = (receipt.output("group_id")?, receipt.output("member_id")?);
        (receipt.change == Some(Change::Created))
            .then(|| Remove(Requests::of(azure, &group.into(), &member.into())))
    }

    async fn run(&self, session: &Session) -> Result<Done<Membership>, StepError> {
        if self.is_absent() != Some(true) {
            return self.add(session).await;
        }
        let change = removed(session.send(&self.requests(session.azure()).remove).await)?;
        self.done(session, change)
    }
}

/// Removes a member that a step added.
struct Remove(Requests);

impl Undo for Remove {
    fn actions(&self) -> Vec<Action> {
        vec![self.0.remove.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        removed(session.send(&self.0.remove).await)
    }
}
