//! Undoes the changes of `directory`.

use arcbook_engine::step::{Action, Change, DirectoryMake, DirectoryRemove, ErrorKind, Receipt, StepError};
use arcbook_engine::value::{Data, Entries, Value};

use crate::file::{Attributes, DirectoryState, make_directory, remove_directory, set_directory_attributes};
use crate::session::Session;
use crate::undo::Undo;

/// Returns the proof that a directory is as a run left it, for the record.
pub(super) fn proof(state: Option<&DirectoryState>) -> Value {
    match state {
        None => Value::object([("absent", Value::from(true))]),
        Some(state) => {
            let inode = state.inode.map(|inode| ("inode", Value::from(inode.to_string())));
            Value::object(inode.into_iter().chain(written(state)))
        }
    }
}

/// Returns the state of a directory before a change, for the record.
pub(super) fn prior_state(state: &DirectoryState) -> Value {
    Value::object(written(state))
}

fn written(state: &DirectoryState) -> Vec<(&'static str, Value)> {
    let Some(Attributes { mode, user, group }) = state.attributes else { return Vec::new() };
    let id = |id: Option<u32>| Value::from(i64::from(id.unwrap_or_default()));
    vec![("mode", format!("{mode:04o}").into()), ("user", id(user)), ("group", id(group))]
}

/// Reads the attributes in a record; none if it has none, as on Windows.
fn attributes(entries: &Entries) -> Option<Attributes> {
    let id = |name: &str| match entries.get(name)?.data() {
        Data::Number(number) => u32::try_from(number.to_i64()?).ok(),
        _ => None,
    };
    let mode = u32::from_str_radix(entries.get("mode")?.as_str()?, 8).ok()?;
    Some(Attributes { mode, user: id("user"), group: id("group") })
}

fn entries(value: &Value) -> Option<&Entries> {
    match value.data() {
        Data::Object(entries) | Data::Map(_, entries) => Some(entries),
        _ => None,
    }
}

/// The undoing of one change of a directory.
pub(super) struct DirectoryUndo {
    path: String,
    way: Way,
}

enum Way {
    /// Removes the directory with this number, if it is empty.
    Remove { inode: Option<String> },
    /// Gives the directory with the attributes `left` its earlier ones.
    PutBack { left: Attributes, earlier: Attributes },
    /// Makes the removed, empty directory again.
    Make { earlier: Attributes },
}

impl DirectoryUndo {
    /// Returns the undoing of the change of a receipt; none if the receipt does not say enough.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let proof = receipt.proof.as_ref().and_then(entries);
        let earlier = || receipt.prior.as_ref().and_then(entries).and_then(attributes);
        let way = match receipt.change? {
            Change::Created => {
                let inode = proof?.get("inode").and_then(Value::as_str).map(str::to_owned);
                Way::Remove { inode }
            }
            Change::Updated => Way::PutBack { left: attributes(proof?)?, earlier: earlier()? },
            Change::Removed => Way::Make { earlier: earlier()? },
            Change::None => return None,
        };
        Some(Self { path: receipt.only_target()?.to_owned(), way })
    }

    fn look(&self) -> Action {
        Action::read_directory(self.path.as_str().into())
    }

    fn change(&self) -> Action {
        let path = self.path.as_str().into();
        match &self.way {
            Way::Remove { .. } => Action::remove_directory(DirectoryRemove { path, recursive: false }),
            Way::PutBack { earlier, .. } | Way::Make { earlier } => {
                Action::make_directory(DirectoryMake { path, mode: Some(earlier.mode) })
            }
        }
    }
}

fn kept(reason: &str) -> StepError {
    StepError::new(ErrorKind::Stopped, reason).help("look at the directory, then change or remove it by hand")
}

impl Undo for DirectoryUndo {
    fn actions(&self) -> Vec<Action> {
        vec![self.look(), self.change()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let state = session.directory_state(&self.look()).await?;
        match (&self.way, state) {
            (Way::Remove { .. }, None) | (Way::Make { .. }, Some(_)) => Ok(Change::None),
            (Way::Remove { inode: Some(inode) }, Some(state))
                if state.inode.is_some_and(|own| own.to_string() != *inode) =>
            {
                Err(kept("the directory was replaced since the run made it, and is kept"))
            }
            (Way::Remove { .. }, Some(state)) if !state.is_empty => {
                Err(kept("something is in the directory that the run made, so it is kept"))
            }
            (Way::Remove { .. }, Some(_)) => {
                let base = session.base().to_owned();
                session.with_file(&self.change(), move |path| remove_directory(path, false, &base)).await?;
                Ok(Change::Removed)
            }
            (Way::PutBack { .. }, None) => Err(kept("the directory that the run changed is gone")),
            (Way::PutBack { left, earlier }, Some(state)) => match state.attributes {
                Some(own) if own == *earlier => Ok(Change::None),
                Some(own) if own == *left => {
                    let earlier = *earlier;
                    let back = move |path: &std::path::Path| set_directory_attributes(path, earlier);
                    session.with_file(&self.change(), back).await?;
                    Ok(Change::Updated)
                }
                _ => Err(kept("the directory was changed since the run changed it, and is kept")),
            },
            (Way::Make { earlier }, None) => {
                let earlier = *earlier;
                let back = move |path: &std::path::Path| make_directory(path, earlier, false);
                session.with_file(&self.change(), back).await?;
                Ok(Change::Created)
            }
        }
    }
}
