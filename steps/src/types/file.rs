//! The step type `file`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Choice, Effect, Existing, FileMode, FileRead, FileWrite,
    Mismatch, Outputs, Prior, PriorState, Receipt, Response, StepError, Text, Title,
};
use arcbook_engine::value::{Entries, Value};
use bytes::Bytes;

use super::file_content::Encoded;
use super::file_receipt::{prior_state, proof};
use super::file_undo::FileUndo;
use super::file_wanted::{Wanted, unknown_name};
use crate::azure::Azure;
use crate::file::{self, FileState, group_id, user_id};
use crate::session::Session;
use crate::step::{Done, TypedStep, known_outputs};
use crate::undo::Undo;

/// Writes or removes a file on this machine.
///
/// A file whose content, mode and owner are as configured is left alone. Otherwise the content goes to a temporary
/// file beside it, with mode `0600`, which then takes the place of the file: readers see the old or the new content,
/// even after a crash. The new file has no access control list and no extended attributes, and is no hard link.
///
/// A symbolic link is an error, and so are directories, devices and pipes: arcbook neither follows nor replaces them.
/// Links above the file are followed.
///
/// Before a change, the prior content is copied to a file beside it, `.NAME.arcbook-RUN-…` with mode `0600`, from
/// which `arcbook undo` puts it back, unless the file was changed since. The plan and the record contain sizes and
/// digests of public content only.
#[derive(Arguments, Debug)]
#[arguments(at_most_one(content, content_base64, source))]
pub struct LocalFile {
    /// Path of the file; a relative one starts at the runbook's directory.
    path: Arg<String>,
    /// Text to write.
    content: Option<Arg<String>>,
    /// Bytes to write, in base64.
    content_base64: Option<Arg<Encoded>>,
    /// Path of the file to copy, of at most 256 MiB; a relative one starts at the runbook's directory.
    source: Option<Arg<String>>,
    /// Permissions of the file, such as `0640`; an existing file keeps its own by default.
    ///
    /// A new file has `0600` if its content is sensitive, and `0644` otherwise. Windows has no such permissions: there a
    /// mode without bits for others, such as `0600`, makes the file private to the user that runs arcbook, the system
    /// and administrators, and every other one stands for the permissions that the directory hands down.
    mode: Option<Arg<FileMode>>,
    /// Owner of the file, by name or number; an existing file keeps its own by default. Not on Windows.
    owner: Option<Arg<String>>,
    /// Group of the file, by name or number; an existing file keeps its own by default. Not on Windows.
    group: Option<Arg<String>>,
    /// State of the file; defaults to `present`.
    state: Option<Arg<WantedState>>,
    /// If true, missing directories above the file are created with mode `0755`; defaults to false.
    ///
    /// An undo leaves them.
    create_directories: Option<Arg<bool>>,
}

/// The wanted state of a file.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedState {
    /// The file has the content.
    Present,
    /// There is no file.
    Absent,
}

/// The outputs of `file`.
#[derive(Outputs, Debug)]
pub struct Written {
    /// Path of the file, as configured.
    #[output(from(path), fact)]
    path: String,
    /// SHA-256 of the content, in hexadecimal; null if the content is sensitive or the file is absent.
    #[output(answer)]
    sha256: Option<String>,
    /// Size of the content in bytes; null if the file is absent.
    #[output(from(content, content_base64, source))]
    size: Option<i64>,
    /// Permissions of the file, such as `0644`; null if the file is absent.
    #[output(fact)]
    mode: Option<String>,
    /// True if the step changed something.
    #[output(fact)]
    changed: bool,
}

impl LocalFile {
    fn path(&self) -> Text {
        file::path(&self.path)
    }

    fn look(&self) -> Action {
        Action::read_file(FileRead::state(self.path(), "path"))
    }

    fn write(&self) -> Action {
        let mode = self.mode.as_ref().and_then(Arg::value).map(|mode| mode.bits());
        Action::write_file(FileWrite { path: self.path(), mode })
    }

    fn removal(&self) -> Action {
        Action::remove_file(self.path())
    }

    /// Returns the reading of the file to copy, if there is one.
    fn read(&self) -> Option<Action> {
        Some(Action::read_file(FileRead::input(file::path(self.source.as_ref()?), "source", file::LONGEST)))
    }

    /// Returns the wanted state; none if it is not known yet.
    fn state(&self) -> Option<WantedState> {
        self.state.as_ref().map_or(Some(WantedState::Present), |state| state.value().copied())
    }

    /// Returns the names of the given arguments that only a present file has.
    fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("content", self.content.is_some()),
            ("content_base64", self.content_base64.is_some()),
            ("source", self.source.is_some()),
            ("mode", self.mode.is_some()),
            ("owner", self.owner.is_some()),
            ("group", self.group.is_some()),
            ("create_directories", self.create_directories.is_some()),
        ];
        given.into_iter().filter_map(|(name, is_given)| is_given.then_some(name))
    }

    /// Returns true if the content must not be shown, not even by its digest.
    fn is_secret(&self, session: &Session) -> bool {
        session.is_sensitive()
            || self.content.as_ref().is_some_and(Arg::is_sensitive)
            || self.content_base64.as_ref().is_some_and(Arg::is_sensitive)
            || self.source.as_ref().is_some_and(Arg::is_sensitive)
    }

    async fn content(&self, session: &Session) -> Result<Bytes, StepError> {
        match (&self.content, &self.content_base64, self.read()) {
            (Some(text), ..) => Ok(Bytes::from(text.get()?.clone())),
            (_, Some(encoded), _) => Ok(encoded.get()?.bytes()),
            (.., Some(read)) => session.input_file(&read).await,
            _ => Err(StepError::internal("a file has no content")),
        }
    }

    async fn wanted(&self, session: &Session) -> Result<Wanted, StepError> {
        let id = |name: &Option<Arg<String>>, argument, find: fn(&str) -> Option<u32>| {
            let Some(name) = name else { return Ok(None) };
            find(name.get()?).map(Some).ok_or_else(|| unknown_name(argument))
        };
        Ok(Wanted {
            content: self.content(session).await?,
            is_secret: self.is_secret(session),
            mode: self.mode.as_ref().map(Arg::get).transpose()?.map(|mode| file::possible_mode(mode.bits())),
            user: id(&self.owner, "owner", user_id)?,
            group: id(&self.group, "group", group_id)?,
        })
    }

    /// Returns the result for a file with this state; none if it is absent.
    fn written(
        &self,
        session: &Session,
        state: Option<&FileState>,
        changed: bool,
    ) -> Result<Written, StepError> {
        Ok(Written {
            path: self.path.get()?.clone(),
            sha256: state.filter(|_| !self.is_secret(session)).map(|state| state.sha256.clone()),
            size: state.map(|state| i64::try_from(state.size).unwrap_or(i64::MAX)),
            mode: state.map(|state| format!("{:04o}", state.mode)),
            changed,
        })
    }

    fn done(
        &self,
        session: &Session,
        state: Option<&FileState>,
        change: Change,
    ) -> Result<Done<Written>, StepError> {
        let written = self.written(session, state, change != Change::None)?;
        Ok(Done::changed(written, change).receipt(proof(state, self.is_secret(session))))
    }

    /// Returns the result for a file that is as wanted, although this attempt did not change it.
    fn as_wanted(
        &self,
        session: &Session,
        state: Option<&FileState>,
    ) -> Result<Existing<Done<Written>>, StepError> {
        let change = match (session.before(), state) {
            (None, _) | (Some(PriorState::Absent), None) => Change::None,
            (Some(PriorState::Absent), Some(_)) => Change::Created,
            (Some(_), Some(_)) => Change::Updated,
            (Some(_), None) => Change::Removed,
        };
        Ok(Existing::AsWanted(self.done(session, state, change)?))
    }

    /// Returns the content before a change, with the file that keeps it. At a sensitive path nothing is kept,
    /// since the record would show the path.
    fn prior(&self, session: &Session, state: &FileState, is_kept: bool) -> Result<Option<Prior>, StepError> {
        if self.path.is_sensitive() {
            return Ok(None);
        }
        let prior = Prior::of(prior_state(state, self.is_secret(session)));
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

    async fn remove(&self, session: &Session) -> Result<Done<Written>, StepError> {
        if session.file_state(&self.look()).await?.is_some() {
            let siblings = session.siblings(&self.look())?;
            let keeps = !self.path.is_sensitive();
            let remove = move |path: &std::path::Path| {
                if keeps {
                    file::keep(path, &siblings)?;
                }
                file::remove(path)
            };
            session.on_file(&self.removal(), remove).await?;
            return self.done(session, None, Change::Removed);
        }
        let is_made = session.before() == Some(PriorState::Present);
        self.done(session, None, if is_made { Change::Removed } else { Change::None })
    }

    async fn put(&self, session: &Session) -> Result<Done<Written>, StepError> {
        let wanted = self.wanted(session).await?;
        let found = session.file_state(&self.look()).await?;
        let siblings = session.siblings(&self.look())?;
        let keeps = !self.path.is_sensitive();
        let makes_directories = self.create_directories.as_ref().and_then(Arg::value) == Some(&true);
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
        self.done(session, Some(&state), if existed { Change::Updated } else { Change::Created })
    }
}

impl TypedStep for LocalFile {
    const TYPE: &'static str = "file";
    const EXAMPLE: &'static str = r#"step "file" "banner" {
  path    = "banner.txt"
  content = "This machine is managed.\n"
  mode    = "0644"
}

step "file" "old_banner" {
  path  = "old-banner.txt"
  state = "absent"
}

output "digest" {
  value = step.file.banner.sha256
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Written;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        if self.path.value().is_some_and(|path| !file::names_a_file(path)) {
            errors.push(ArgumentError::new("path", "must name a file"));
        }
        match self.state() {
            Some(WantedState::Absent) => errors.extend(
                self.given()
                    .map(|name| ArgumentError::new(name, "must not be given with `state = \"absent\"`")),
            ),
            Some(WantedState::Present)
                if self.content.is_none() && self.content_base64.is_none() && self.source.is_none() =>
            {
                let error = ArgumentError::new("content", "or `content_base64` or `source` must be given");
                errors.push(error.help("write `content = \"\"` for an empty file, or `state = \"absent\"`"));
            }
            _ => {}
        }
        errors
    }

    fn title(&self) -> Title {
        let given = |word: &str, name: Text| format!("{word} {name}");
        let mode = |mode: &Arg<FileMode>| Text::new().then_arg(mode, |mode| format!("{:04o}", mode.bits()));
        let name = |name: &Arg<String>| Text::new().then_parts(name, Clone::clone);
        let place = [
            self.source.as_ref().map(|source| given("from", file::path(source))),
            self.mode.as_ref().map(|arg| given("mode", mode(arg))),
            self.owner.as_ref().map(|owner| given("owner", name(owner))),
            self.group.as_ref().map(|group| given("group", name(group))),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        Title::new("file").named(&file::path(&self.path)).placed(place.join(", "))
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        let changes = match self.state() {
            Some(WantedState::Present) => vec![self.write()],
            Some(WantedState::Absent) => vec![self.removal()],
            None => vec![self.write(), self.removal()],
        };
        self.read().into_iter().chain([self.look()]).chain(changes).collect()
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("path", &self.path, Clone::clone)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Written>>, StepError> {
        let state = session.file_state(&self.look()).await?;
        if let Some(state) = &state {
            let alterations = self.alterations(session, state);
            if !alterations.is_empty() {
                return Ok(Existing::Altered(alterations));
            }
        }
        match (self.state(), state) {
            (Some(WantedState::Absent), None) => self.as_wanted(session, None),
            (Some(WantedState::Absent), Some(state)) => {
                session.expect(Some(proof(None, false)));
                Ok(Existing::Unwanted(self.prior(session, &state, true)?))
            }
            (_, None) => {
                session.expect(self.wanted(session).await?.proof());
                Ok(Existing::Absent)
            }
            (_, Some(state)) => {
                let wanted = self.wanted(session).await?;
                let differences = wanted.differences(&state);
                if differences.is_empty() {
                    return self.as_wanted(session, Some(&state));
                }
                session.expect(wanted.proof());
                let is_kept = !wanted.has_content_of(&state);
                Ok(Existing::Different(differences, self.prior(session, &state, is_kept)?))
            }
        }
    }

    fn undo(_azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        FileUndo::of(receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Written>, StepError> {
        match self.state() {
            Some(WantedState::Absent) => self.remove(session).await,
            _ => self.put(session).await,
        }
    }
}
