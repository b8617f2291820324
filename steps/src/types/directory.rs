//! The step type `directory`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Choice, Difference, DirectoryMake, DirectoryRemove,
    Effect, Existing, FileMode, Outputs, Prior, PriorState, Receipt, Response, StepError, Text, Title,
};
use arcbook_engine::value::Entries;

use super::directory_undo::{DirectoryUndo, prior_state, proof};
use super::file_wanted::unknown_name;
use crate::azure::Azure;
use crate::file::{
    self, Attributes, DirectoryState, NEW_DIRECTORY, group_id, make_directory, not_empty, remove_directory,
    set_directory_attributes, user_id,
};
use crate::session::Session;
use crate::step::{Done, TypedStep, known_outputs};
use crate::undo::Undo;

/// Keeps or removes a directory on this machine.
///
/// A directory whose mode and owner are as configured is left alone, and so is everything in it. A symbolic link is an
/// error; links above the directory are followed.
///
/// `arcbook undo` removes a directory that the step made, if nothing is in it by then, and gives a changed one its prior
/// mode and owner. It cannot bring back the content of a directory that was removed with `recursive`.
#[derive(Arguments, Debug)]
pub struct Directory {
    /// Path of the directory; a relative one starts at the runbook's directory.
    #[argument(sink = "path")]
    path: Arg<String>,
    /// Permissions of the directory, such as `0750`; a new one has `0755`, and an existing one keeps its own by default.
    ///
    /// On Windows a new directory without bits for others is private to the user that runs arcbook, the system and
    /// administrators; the permissions of an existing one are not compared.
    mode: Option<Arg<FileMode>>,
    /// Owner of the directory, by name or number; an existing one keeps its own by default. Not on Windows.
    owner: Option<Arg<String>>,
    /// Group of the directory, by name or number; an existing one keeps its own by default. Not on Windows.
    group: Option<Arg<String>>,
    /// State of the directory; defaults to `present`.
    state: Option<Arg<WantedDirectory>>,
    /// If true, everything in the directory is removed with it; defaults to false. Only with `state = "absent"`.
    ///
    /// The directory of the runbook and those above it are never removed.
    recursive: Option<Arg<bool>>,
    /// If true, missing directories above are created with mode `0755`; defaults to false.
    ///
    /// An undo leaves them.
    create_parents: Option<Arg<bool>>,
}

/// The wanted state of a directory.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedDirectory {
    /// There is a directory.
    Present,
    /// There is no directory.
    Absent,
}

/// The outputs of `directory`.
#[derive(Outputs, Debug)]
pub struct KeptDirectory {
    /// Path of the directory, as configured.
    #[output(from(path), fact)]
    path: String,
    /// Permissions of the directory, such as `0755`; null if it is absent, and on Windows.
    #[output(fact)]
    mode: Option<String>,
    /// True if the step changed something.
    #[output(fact)]
    changed: bool,
}

impl Directory {
    fn look(&self) -> Action {
        Action::read_directory(file::path(&self.path))
    }

    fn make(&self) -> Action {
        let mode = self.mode.as_ref().and_then(Arg::value).map(|mode| mode.bits());
        Action::make_directory(DirectoryMake { path: file::path(&self.path), mode })
    }

    fn removal(&self) -> Action {
        let recursive = match &self.recursive {
            None => false,
            Some(recursive) => recursive.value().copied().unwrap_or(true),
        };
        Action::remove_directory(DirectoryRemove { path: file::path(&self.path), recursive })
    }

    /// Returns true if everything in the directory is removed with it.
    fn is_recursive(&self) -> bool {
        self.recursive.as_ref().and_then(Arg::value) == Some(&true)
    }

    /// Returns the wanted state; none if it is not known yet.
    fn state(&self) -> Option<WantedDirectory> {
        self.state.as_ref().map_or(Some(WantedDirectory::Present), |state| state.value().copied())
    }

    /// Returns the attributes that the directory is to have: those of an existing one, as far as nothing else is
    /// configured.
    fn attributes(&self, existing: Option<&DirectoryState>) -> Result<Attributes, StepError> {
        let id = |name: &Option<Arg<String>>, argument, find: fn(&str) -> Option<u32>| {
            let Some(name) = name else { return Ok(None) };
            find(name.get()?).map(Some).ok_or_else(|| unknown_name(argument))
        };
        let own = existing.and_then(|state| state.attributes);
        let mode = self.mode.as_ref().map(Arg::get).transpose()?.map(|mode| mode.bits());
        Ok(Attributes {
            mode: mode.or(own.map(|own| own.mode)).unwrap_or(NEW_DIRECTORY),
            user: id(&self.owner, "owner", user_id)?.or(own.and_then(|own| own.user)),
            group: id(&self.group, "group", group_id)?.or(own.and_then(|own| own.group)),
        })
    }

    fn done(&self, state: Option<&DirectoryState>, change: Change) -> Result<Done<KeptDirectory>, StepError> {
        let mode = state.and_then(|state| state.attributes).map(|own| format!("{:04o}", own.mode));
        let kept = KeptDirectory { path: self.path.get()?.clone(), mode, changed: change != Change::None };
        Ok(Done::changed(kept, change).receipt(proof(state)))
    }

    /// Returns the result for a directory that is as wanted, although this attempt did not change it.
    fn as_wanted(
        &self,
        session: &Session,
        state: Option<&DirectoryState>,
    ) -> Result<Existing<Done<KeptDirectory>>, StepError> {
        let change = match (session.before(), state) {
            (None, _) | (Some(PriorState::Absent), None) => Change::None,
            (Some(PriorState::Absent), Some(_)) => Change::Created,
            (Some(_), Some(_)) => Change::Updated,
            (Some(_), None) => Change::Removed,
        };
        Ok(Existing::AsWanted(self.done(state, change)?))
    }

    async fn remove(&self, session: &Session) -> Result<Done<KeptDirectory>, StepError> {
        if session.directory_state(&self.look()).await?.is_none() {
            let is_made = session.before() == Some(PriorState::Present);
            return self.done(None, if is_made { Change::Removed } else { Change::None });
        }
        let (recursive, base) = (self.is_recursive(), session.base().to_owned());
        session.with_file(&self.removal(), move |path| remove_directory(path, recursive, &base)).await?;
        self.done(None, Change::Removed)
    }

    async fn put(&self, session: &Session) -> Result<Done<KeptDirectory>, StepError> {
        let existing = session.directory_state(&self.look()).await?;
        let (attributes, exists) = (self.attributes(own(session, existing.as_ref()))?, existing.is_some());
        let parents = self.create_parents.as_ref().and_then(Arg::value) == Some(&true);
        let work = move |path: &std::path::Path| {
            if exists {
                set_directory_attributes(path, attributes)
            } else {
                make_directory(path, attributes, parents)
            }
        };
        session.with_file(&self.make(), work).await?;
        let state = session.directory_state(&self.look()).await?;
        let existed = match session.before() {
            Some(PriorState::Absent) => false,
            Some(PriorState::Present) => true,
            None | Some(PriorState::Unknown) => exists,
        };
        self.done(state.as_ref(), if existed { Change::Updated } else { Change::Created })
    }
}

/// Returns the state whose attributes the directory keeps: none if this run made the directory, perhaps only half.
fn own<'a>(session: &Session, existing: Option<&'a DirectoryState>) -> Option<&'a DirectoryState> {
    existing.filter(|_| session.before() != Some(PriorState::Absent))
}

/// Returns the differences between the attributes of a directory and the wanted ones.
fn differences(is: Attributes, wanted: Attributes) -> Vec<Difference> {
    let octal = |mode: u32| format!("{mode:04o}");
    let mut found = Vec::new();
    if is.mode != wanted.mode {
        found.push(Difference::new("mode", octal(is.mode).as_str(), octal(wanted.mode).as_str()));
    }
    for (name, is, wanted) in [("owner", is.user, wanted.user), ("group", is.group, wanted.group)] {
        if let (Some(is), Some(wanted)) = (is, wanted)
            && is != wanted
        {
            found.push(Difference::new(name, i64::from(is), i64::from(wanted)));
        }
    }
    found
}

impl TypedStep for Directory {
    const TYPE: &'static str = "directory";
    const EXAMPLE: &'static str = r#"step "directory" "releases" {
  path           = "site/releases"
  mode           = "0750"
  create_parents = true
}

step "file" "release" {
  path    = "${step.directory.releases.path}/current"
  content = "1.2.3\n"
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = KeptDirectory;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        let is_path = |path: &String| file::names_a_file(path.trim_end_matches('/'));
        if self.path.value().is_some_and(|path| !is_path(path)) {
            errors.push(ArgumentError::new("path", "must name a directory, other than the root and `.`"));
        }
        let given = [
            ("mode", self.mode.is_some(), WantedDirectory::Absent),
            ("owner", self.owner.is_some(), WantedDirectory::Absent),
            ("group", self.group.is_some(), WantedDirectory::Absent),
            ("create_parents", self.create_parents.is_some(), WantedDirectory::Absent),
            ("recursive", self.is_recursive(), WantedDirectory::Present),
        ];
        for (name, _, state) in
            given.iter().filter(|(_, given, state)| *given && self.state() == Some(*state))
        {
            let word = if *state == WantedDirectory::Absent { "absent" } else { "present" };
            errors.push(ArgumentError::new(name, format!("must not be given with `state = \"{word}\"`")));
        }
        errors
    }

    fn title(&self) -> Title {
        let given = |word: &str, name: Text| format!("{word} {name}");
        let name = |name: &Arg<String>| Text::new().then_parts(name, Clone::clone);
        let place = [
            self.mode
                .as_ref()
                .map(|mode| given("mode", Text::new().then_arg(mode, |mode| format!("{:04o}", mode.bits())))),
            self.owner.as_ref().map(|owner| given("owner", name(owner))),
            self.group.as_ref().map(|group| given("group", name(group))),
            self.is_recursive().then(|| "with everything in it".to_owned()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        Title::new("directory").named(&file::path(&self.path)).placed(place.join(", "))
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        let changes = match self.state() {
            Some(WantedDirectory::Present) => vec![self.make()],
            Some(WantedDirectory::Absent) => vec![self.removal()],
            None => vec![self.make(), self.removal()],
        };
        [self.look()].into_iter().chain(changes).collect()
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("path", &self.path, Clone::clone)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<KeptDirectory>>, StepError> {
        let state = session.directory_state(&self.look()).await?;
        if self.state() == Some(WantedDirectory::Absent) && self.is_recursive() && state.is_some() {
            let base = session.base().to_owned();
            session.with_file(&self.look(), move |path| file::check_expendable(path, &base)).await?;
        }
        match (self.state(), state) {
            (Some(WantedDirectory::Absent), None) => self.as_wanted(session, None),
            (Some(WantedDirectory::Absent), Some(state)) if state.is_empty => {
                Ok(Existing::Unwanted(Some(Prior::of(prior_state(&state)))))
            }
            (Some(WantedDirectory::Absent), Some(_)) if self.is_recursive() => Ok(Existing::Unwanted(None)),
            (Some(WantedDirectory::Absent), Some(_)) => Err(not_empty()),
            (_, None) => Ok(Existing::Absent),
            (_, Some(state)) => {
                let wanted = self.attributes(own(session, Some(&state)))?;
                let differences = state.attributes.map(|own| differences(own, wanted)).unwrap_or_default();
                if differences.is_empty() {
                    return self.as_wanted(session, Some(&state));
                }
                Ok(Existing::Different(differences, Some(Prior::of(prior_state(&state)))))
            }
        }
    }

    fn undo(_azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        DirectoryUndo::of(receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<KeptDirectory>, StepError> {
        match self.state() {
            Some(WantedDirectory::Absent) => self.remove(session).await,
            _ => self.put(session).await,
        }
    }
}
