//! The step type `file`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Choice, Effect, Existing, FileMode, FileRead, Outputs, Power,
    Receipt, Response, StepError, Title,
};
use arcbook_engine::value::Entries;
use bytes::Bytes;

use super::file_content::Encoded;
use super::file_target::{Content, Kept, Target};
use super::file_undo::FileUndo;
use crate::azure::Azure;
use crate::file;
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
/// which `arcbook undo` puts it back, unless the file was changed since. The plan and the record contain sizes,
/// digests and changed lines of public content only: of a content that is not sensitive, in a file that everybody on
/// the machine may read.
#[derive(Arguments, Debug)]
#[arguments(at_most_one(content, content_base64, source))]
pub struct LocalFile {
    /// Path of the file; a relative one starts at the runbook's directory.
    #[argument(sink = "path")]
    path: Arg<String>,
    /// Text to write.
    #[argument(sink = "file")]
    content: Option<Arg<String>>,
    /// Bytes to write, in base64.
    #[argument(sink = "file")]
    content_base64: Option<Arg<Encoded>>,
    /// Path of the file to copy, of at most 256 MiB; a relative one starts at the runbook's directory.
    source: Option<Arg<String>>,
    /// Permissions of the file, such as `0640`; an existing file keeps its own by default.
    ///
    /// A new file has `0600` if its content is sensitive, and `0644` otherwise. An existing file that others may use keeps
    /// only the permissions of its owner if the content is sensitive, such as `0600` of `0644`. Windows has no such
    /// permissions: there a mode without bits for others, such as `0600`, makes the file private to the user that runs
    /// arcbook, the system and administrators, and every other one stands for the permissions that the directory hands
    /// down.
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

impl From<Kept> for Written {
    fn from(kept: Kept) -> Self {
        let Kept { path, sha256, size, mode, changed } = kept;
        Self { path, sha256, size, mode, changed }
    }
}

impl LocalFile {
    fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            mode: self.mode.as_ref(),
            owner: self.owner.as_ref(),
            group: self.group.as_ref(),
            create_directories: self.create_directories.as_ref(),
        }
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

    /// Returns the content that the file is to have; none if it is to be absent.
    async fn content(&self, session: &Session) -> Result<Option<Content>, StepError> {
        if self.state() == Some(WantedState::Absent) {
            return Ok(None);
        }
        let bytes = match (&self.content, &self.content_base64, self.read()) {
            (Some(text), ..) => Bytes::from(text.get()?.clone()),
            (_, Some(encoded), _) => encoded.get()?.bytes(),
            (.., Some(read)) => session.input_file(&read).await?,
            _ => return Err(StepError::internal("a file has no content")),
        };
        Ok(Some(Content { bytes, is_secret: self.is_secret(session) }))
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
    const POWER: Power = Power::Content;
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
        let source = self.source.as_ref().map(|source| format!("from {}", file::path(source)));
        let place: Vec<String> = source.into_iter().chain(self.target().attributes()).collect();
        Title::new("file").named(&file::path(&self.path)).placed(place.join(", "))
    }

    fn keeps_copies(&self) -> bool {
        !self.path.is_sensitive()
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        let target = self.target();
        let changes = match self.state() {
            Some(WantedState::Present) => vec![target.write()],
            Some(WantedState::Absent) => vec![target.removal()],
            None => vec![target.write(), target.removal()],
        };
        self.read().into_iter().chain([target.look()]).chain(changes).collect()
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("path", &self.path, Clone::clone)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Written>>, StepError> {
        let content = self.content(session).await?;
        Ok(self.target().find(session, content).await?.map(|done| done.map(Written::from)))
    }

    fn undo(_azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        FileUndo::of(receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Written>, StepError> {
        let done = match self.content(session).await? {
            Some(content) => self.target().put(session, content).await?,
            None => self.target().remove(session).await?,
        };
        Ok(done.map(Written::from))
    }
}
