//! The file that a step keeps: `file` and `template` share it.

use arcbook_engine::step::{
    Action, Arg, Change, Existing, FileMode, FileRead, FileWrite, Mismatch, Prior, PriorState, StepError,
    Text,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use super::file_receipt::{prior_state, proof};
use super::file_wanted::{Wanted, unknown_name};
use crate::file::{self, FileState, group_id, user_id};
use crate::session::Session;
use crate::step::Done;

/// The file that a step keeps.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The path.
    pub path: &'a Arg<String>,
    /// The permission bits.
    pub mode: Option<&'a Arg<FileMode>>,
    /// The owner.
    pub owner: Option<&'a Arg<String>>,
    /// The group.
    pub group: Option<&'a Arg<String>>,
    /// True if missing directories above the file are created.
    pub create_directories: Option<&'a Arg<bool>>,
}

/// The content that a file is to have.
#[derive(Clone)]
pub(super) struct Content {
    /// The bytes.
    pub bytes: Bytes,
    /// True if they must not be shown, not even by a digest.
    pub is_secret: bool,
}

/// The file as a step left it.
pub(super) struct Kept {
    /// The path, as configured.
    pub path: String,
    /// The digest of the content; none if the content is sensitive or the file is absent.
    pub sha256: Option<String>,
    /// The size of the content in bytes; none if the file is absent.
    pub size: Option<i64>,
    /// The permissions; none if the file is absent.
    pub mode: Option<String>,
    /// True if the step changed something.
    pub changed: bool,
}

impl Target<'_> {
    /// Returns the look at the file.
    pub fn look(&self) -> Action {
        Action::read_file(FileRead::state(file::path(self.path), "path"))
    }

    /// Returns the writing of the file.
    pub fn write(&self) -> Action {
        let mode = self.mode.and_then(Arg::value).map(|mode| mode.bits());
        Action::write_file(FileWrite { path: file::path(self.path), mode })
    }

    /// Returns the removal of the file.
    pub fn removal(&self) -> Action {
        Action::remove_file(file::path(self.path))
    }

    /// Returns the words about the attributes of the file.
    pub fn attributes(&self) -> Vec<String> {
        let given = |word: &str, name: Text| format!("{word} {name}");
        let mode = |mode: &Arg<FileMode>| Text::new().then_arg(mode, |mode| format!("{:04o}", mode.bits()));
        let name = |name: &Arg<String>| Text::new().then_parts(name, Clone::clone);
        let attributes = [
            self.mode.map(|arg| given("mode", mode(arg))),
            self.owner.map(|owner| given("owner", name(owner))),
            self.group.map(|group| given("group", name(group))),
        ];
        attributes.into_iter().flatten().collect()
    }

    /// Looks up the file, which is to have `content`, or to be absent without one.
    pub async fn find(
        &self,
        session: &Session,
        content: Option<Content>,
    ) -> Result<Existing<Done<Kept>>, StepError> {
        let state = session.file_state(&self.look()).await?;
        let is_secret = content.as_ref().map_or(session.is_sensitive(), |content| content.is_secret);
        if let Some(state) = &state {
            let alterations = self.alterations(session, state);
            if !alterations.is_empty() {
                return Ok(Existing::Altered(alterations));
            }
        }
        match (content, state) {
            (None, None) => self.as_wanted(session, None, is_secret),
            (None, Some(state)) => {
                session.expect(Some(proof(None, false)));
                Ok(Existing::Unwanted(self.prior(session, &state, is_secret, true)?))
            }
            (Some(content), None) => {
                session.expect(self.wanted(content)?.proof());
                Ok(Existing::Absent)
            }
            (Some(content), Some(state)) => {
                let wanted = self.wanted(content)?;
                let mut differences = wanted.differences(&state);
                if differences.is_empty() {
                    return self.as_wanted(session, Some(&state), is_secret);
                }
                differences.extend(wanted.changed_text(&state, |text| session.redacted(text)));
                session.expect(wanted.proof());
                let is_kept = !wanted.has_content_of(&state);
                Ok(Existing::Different(differences, self.prior(session, &state, is_secret, is_kept)?))
            }
        }
    }

    /// Gives the file this content, and its attributes.
    pub async fn put(&self, session: &Session, content: Content) -> Result<Done<Kept>, StepError> {
        let is_secret = content.is_secret;
        let wanted = self.wanted(content)?;
        let found = session.file_state(&self.look()).await?;
        let siblings = session.siblings(&self.look())?;
        let keeps = !self.path.is_sensitive();
        let makes_directories = self.create_directories.and_then(Arg::value) == Some(&true);
        let existing = found.clone();
        let state = session
            .on_file(&self.write(), move |path| {
                if makes_directories && existing.is_none() {
                    file::make_directories(path)?;
                }
                wanted.put(path, existing.as_ref(), &siblings, keeps)
            })
            .await?;
        let existed = match session.before() {
            Some(PriorState::Absent) => false,
            Some(PriorState::Present) => true,
            None | Some(PriorState::Unknown) => found.is_some(),
        };
        let change = if existed { Change::Updated } else { Change::Created };
        self.done(Some(&state), change, is_secret)
    }

    /// Removes the file.
    pub async fn remove(&self, session: &Session) -> Result<Done<Kept>, StepError> {
        let is_secret = session.is_sensitive();
        if session.file_state(&self.look()).await?.is_some() {
            let siblings = session.siblings(&self.look())?;
            let keeps = !self.path.is_sensitive();
            let remove = move |path: &std::path::Path| {
                let remove = || file::remove(path);
                if keeps { file::keeping(path, &siblings, remove) } else { remove() }
            };
            session.on_file(&self.removal(), remove).await?;
            return self.done(None, Change::Removed, is_secret);
        }
        let is_made = session.before() == Some(PriorState::Present);
        self.done(None, if is_made { Change::Removed } else { Change::None }, is_secret)
    }

    fn wanted(&self, content: Content) -> Result<Wanted, StepError> {
        let id = |name: Option<&Arg<String>>, argument, find: fn(&str) -> Option<u32>| {
            let Some(name) = name else { return Ok(None) };
            find(name.get()?).map(Some).ok_or_else(|| unknown_name(argument))
        };
        Ok(Wanted {
            content: content.bytes,
            is_secret: content.is_secret,
            mode: self.mode.map(Arg::get).transpose()?.map(|mode| file::possible_mode(mode.bits())),
            user: id(self.owner, "owner", user_id)?,
            group: id(self.group, "group", group_id)?,
        })
    }

    /// Returns the result for a file with this state; none if it is absent.
    fn done(
        &self,
        state: Option<&FileState>,
        change: Change,
        is_secret: bool,
    ) -> Result<Done<Kept>, StepError> {
        let kept = Kept {
            path: self.path.get()?.clone(),
            sha256: state.filter(|_| !is_secret).map(|state| state.sha256.clone()),
            size: state.map(|state| i64::try_from(state.size).unwrap_or(i64::MAX)),
            mode: state.map(|state| format!("{:04o}", state.mode)),
            changed: change != Change::None,
        };
        Ok(Done::changed(kept, change).receipt(proof(state, is_secret)))
    }

    /// Returns the result for a file that is as wanted, although this attempt did not change it.
    fn as_wanted(
        &self,
        session: &Session,
        state: Option<&FileState>,
        is_secret: bool,
    ) -> Result<Existing<Done<Kept>>, StepError> {
        let change = match (session.before(), state) {
            (None, _) | (Some(PriorState::Absent), None) => Change::None,
            (Some(PriorState::Absent), Some(_)) => Change::Created,
            (Some(_), Some(_)) => Change::Updated,
            (Some(_), None) => Change::Removed,
        };
        Ok(Existing::AsWanted(self.done(state, change, is_secret)?))
    }

    /// Returns the content before a change, with the file that keeps it. At a sensitive path nothing is kept,
    /// since the record would show the path.
    fn prior(
        &self,
        session: &Session,
        state: &FileState,
        is_secret: bool,
        is_kept: bool,
    ) -> Result<Option<Prior>, StepError> {
        if self.path.is_sensitive() {
            return Ok(None);
        }
        let prior = Prior::of(prior_state(state, is_secret));
        let kept = session.siblings(&self.look())?.kept;
        Ok(Some(if is_kept { prior.kept_at(kept) } else { prior }))
    }

    /// Returns the differences between the file and the one that an earlier run left.
    fn alterations(&self, session: &Session, state: &FileState) -> Vec<Mismatch> {
        let recorded = |name| session.recorded(name).and_then(Value::as_str).map(str::to_owned);
        let is_known = session.recorded("changed").is_some();
        if is_known && recorded("mode").is_none() {
            let (was, is) = (Some("absent".to_owned()), Some("present".to_owned()));
            return vec![Mismatch { name: "state".to_owned(), was, is }];
        }
        let is = |text: &str| Some(text.to_owned());
        let digest = if state.is_private() { is("another content") } else { is(&state.sha256) };
        let mode = format!("{:04o}", state.mode);
        let differs = |was: &Option<String>, is: &str| was.as_ref().is_some_and(|was| was != is);
        let (was_sha256, was_mode) = (recorded("sha256"), recorded("mode"));
        [
            differs(&was_sha256, &state.sha256).then(|| Mismatch {
                name: "sha256".to_owned(),
                was: was_sha256.clone(),
                is: digest,
            }),
            (self.mode.is_some() && differs(&was_mode, &mode)).then(|| Mismatch {
                name: "mode".to_owned(),
                was: was_mode.clone(),
                is: is(&mode),
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
