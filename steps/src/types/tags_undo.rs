//! The undo of `resource_tags`.

use arcbook_engine::step::{Action, Change, ErrorKind, Receipt, StepError};
use arcbook_engine::value::{Data, Value};

use crate::azure::Azure;
use crate::declared::member_of;
use crate::session::{Session, line};
use crate::tags::{Patch, Tags, TagsOf};
use crate::undo::Undo;

/// Gives the tags that a step changed their earlier values.
pub(super) struct PutTagsBack {
    read: Action,
    merge: Option<Action>,
    delete: Option<Action>,
    /// The tags that the step set.
    set: Tags,
    /// The tags that the step removed, or that have an earlier value.
    earlier: Tags,
    added: Tags,
}

impl PutTagsBack {
    /// Returns the change; none if the record lacks the earlier values, or the step did not certainly change the tags.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        let (proof, prior) = (receipt.proof.as_ref()?, receipt.prior.as_ref()?);
        receipt.change.filter(|change| *change == Change::Updated)?;
        let path = member_of(proof, "id")?.as_str()?.trim_start_matches('/').to_owned();
        let (mut earlier, mut added) = (Tags::new(), Tags::new());
        for (name, value) in members(prior) {
            match value {
                Some(value) => earlier.insert(name, value),
                None => added.insert(name, String::new()),
            };
        }
        let set = member_of(proof, "tags").map(members).unwrap_or_default();
        let set = set.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let of = TagsOf::new(azure, &path.as_str().into());
        let change = |patch: Patch, tags: &Tags| (!tags.is_empty()).then(|| of.patch(patch.body(tags)));
        let (merge, delete) = (change(Patch::Merge, &earlier), change(Patch::Delete, &added));
        Some(Self { read: of.read(), merge, delete, set, earlier, added })
    }
}

fn members(value: &Value) -> Vec<(String, Option<String>)> {
    let (Data::Object(members) | Data::Map(_, members)) = value.data() else { return Vec::new() };
    members.iter().map(|(name, value)| (name.to_string(), value.as_str().map(str::to_owned))).collect()
}

fn value_of<'a>(tags: &'a Tags, name: &str) -> Option<&'a String> {
    tags.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Undo for PutTagsBack {
    fn actions(&self) -> Vec<Action> {
        [Some(&self.read), self.merge.as_ref(), self.delete.as_ref()].into_iter().flatten().cloned().collect()
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let actual = match session.send(&self.read).await {
            Ok(answer) => crate::tags::of(&answer)?,
            Err(error) if error.status() == Some(404) => return Ok(Change::None),
            Err(error) => return Err(error),
        };
        let is_back = self.earlier.iter().all(|(name, value)| value_of(&actual, name) == Some(value))
            && self.added.keys().all(|name| value_of(&actual, name).is_none());
        if is_back {
            return Ok(Change::None);
        }
        // Each tag is as the step left it, or already back.
        let is_own = |name: &String| {
            let now = value_of(&actual, name);
            now == value_of(&self.set, name) || now == value_of(&self.earlier, name)
        };
        if !self.earlier.keys().chain(self.added.keys()).all(is_own) {
            return Err(StepError::new(ErrorKind::Refused, "the tags have changed since and are kept")
                .request(line(&self.read))
                .help("inspect them, and undo the change manually if it is not needed"));
        }
        for change in [&self.merge, &self.delete].into_iter().flatten() {
            session.send(change).await?;
        }
        Ok(Change::Updated)
    }
}
