//! Undoes the changes of `arc_connect`.

use arcbook_engine::step::{Action, Change, ErrorKind, Permission, Receipt, Safety, StepError, Text};
use arcbook_engine::value::{Data, Value};

use super::arc_credential::{take_token, with_own_token};
use crate::azcmagent::{Agent, MachinePlace, Match, Settings, Shown, failed};
use crate::azure::Azure;
use crate::process::End;
use crate::session::Session;
use crate::undo::Undo;

/// Returns the proof that a machine is connected as the run left it: the resource id, and the program that knows it.
pub(super) fn proof(agent: &Agent, shown: &Shown) -> Option<Value> {
    let entries = [("resource_id", shown.resource_id.clone()?), ("program", agent.path()?)];
    Some(Value::object(entries.map(|(name, text)| (name, Value::from(text.as_str())))))
}

/// Returns the disconnection of the machine at this resource id, with a token in its settings.
pub(super) fn disconnect(agent: &Agent, scope: Text) -> Action {
    let needs = Permission::control("Microsoft.HybridCompute/machines/delete", scope);
    agent.configured("disconnect").safety(Safety::Idempotent).needs(needs)
}

/// The disconnection of a machine that a run connected.
pub(super) struct ArcUndo {
    agent: Agent,
    resource_id: String,
    token: Action,
}

impl ArcUndo {
    /// Returns the undoing of the change of a receipt; none if the receipt does not say enough.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        if receipt.change != Some(Change::Created) {
            return None;
        }
        let (Data::Object(proof) | Data::Map(_, proof)) = receipt.proof.as_ref()?.data() else { return None };
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        let (resource_id, program) = (text("resource_id")?.to_owned(), text("program")?);
        Some(Self { agent: Agent::known(program), resource_id, token: take_token(azure) })
    }

    fn change(&self) -> Action {
        disconnect(&self.agent, self.resource_id.as_str().into())
    }
}

impl Undo for ArcUndo {
    fn actions(&self) -> Vec<Action> {
        vec![self.agent.show(), self.token.clone(), self.change()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let Some(shown) = self.agent.ask(session).await?.filter(Shown::is_registered) else {
            return Ok(Change::None);
        };
        let place = MachinePlace::of_id(&self.resource_id).unwrap_or_default();
        if shown.resource_id.is_none() || place.compare(&shown) != Match::Same {
            let summary =
                "the machine was connected to another resource since the run connected it, and stays so";
            return Err(StepError::new(ErrorKind::Stopped, summary).help("look at it: azcmagent show"));
        }
        let settings = with_own_token(session, Settings::default()).await?;
        let finished = self.agent.run(session, &self.change(), Some(&settings)).await?;
        match finished.end {
            End::Code(0) => Ok(Change::Removed),
            _ => Err(failed("disconnect", &finished, |text| session.redacted(text))),
        }
    }
}
