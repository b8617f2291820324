//! The step type `blob_download`.

use std::path::Path;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Difference, Effect, ErrorKind, Existing, FileMode,
    FileRead, FileWrite, Method, Mismatch, Outputs, Prior, PriorState, Receipt, Response, StepError, Text,
    Title,
};
use arcbook_engine::value::{Entries, Value};

use super::download_undo::DownloadUndo;
use super::file_receipt::{prior_state, proof_of_identity};
use crate::azure::Azure;
use crate::blob::{
    BlobVersion, Right, blob_name, blob_url, changed, check_account, container_url, receive, request,
};
use crate::file::{self, Attributes, FileIdentity};
use crate::names::{Account, BlobName, Container};
use crate::session::Session;
use crate::step::{Done, TypedStep, known_outputs};
use crate::undo::Undo;

/// The mode of a new file: a blob may be secret.
const NEW: u32 = 0o600;

/// Downloads a blob to a file.
///
/// A file with the size and the MD5 of the blob is left. A large blob is read in ranges, several at once, all of the same
/// version, into a file beside the target; a resumed run reads only the ranges that are missing. The target is replaced as
/// a whole once the content has the MD5 that is stored with the blob; an undo puts a replaced file back. Without a stored
/// MD5, arcbook cannot compare the two, and each run downloads the blob.
#[derive(Arguments, Debug)]
pub struct BlobDownload {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    ///
    /// ARM returns the endpoint in `primaryEndpoints.blob`.
    account: Arg<Account>,
    /// Name of the container.
    container: Arg<Container>,
    /// Name of the blob, which may contain slashes.
    name: Arg<BlobName>,
    /// Path of the file; a relative one starts at the runbook's directory.
    #[argument(sink = "path")]
    path: Arg<String>,
    /// Permissions of the file, such as `0640`; an existing file keeps its own by default, and a new one has `0600`.
    ///
    /// If the step is sensitive, an existing file that others may use keeps only the permissions of its owner by default.
    mode: Option<Arg<FileMode>>,
    /// If false, a file with another content is an error, and is left; defaults to true.
    overwrite: Option<Arg<bool>>,
    /// If true, missing directories above the file are created with mode `0755`; defaults to false.
    ///
    /// An undo leaves them.
    create_directories: Option<Arg<bool>>,
}

/// The outputs of `blob_download`.
#[derive(Outputs, Debug)]
pub struct Downloaded {
    /// Path of the file, as configured.
    #[output(from(path), fact)]
    path: String,
    /// URL of the blob.
    #[output(from(account, container, name))]
    url: String,
    /// ETag of the blob.
    #[output(answer)]
    etag: String,
    /// MD5 of the content, in base64.
    #[output(answer)]
    md5: String,
    /// Size of the content in bytes.
    #[output(answer)]
    size: i64,
    /// Permissions of the file, such as `0600`.
    #[output(fact)]
    mode: String,
    /// True if the step changed the file.
    #[output(fact)]
    changed: bool,
}

impl BlobDownload {
    fn container_url(&self, azure: &Azure) -> Text {
        container_url(azure, &self.account, &self.container)
    }

    fn url(&self, azure: &Azure) -> Text {
        blob_url(azure, &self.account, &self.container, &self.name)
    }

    fn read_blob(&self, azure: &Azure, method: Method) -> Action {
        let right = Right::ReadBlob.at(self.container_url(azure));
        request(azure, method, self.url(azure)).action().needs(right)
    }

    fn head(&self, azure: &Azure) -> Action {
        self.read_blob(azure, Method::Head)
    }

    fn get(&self, azure: &Azure) -> Action {
        self.read_blob(azure, Method::Get).in_ranges()
    }

    fn look(&self) -> Action {
        Action::read_file(FileRead::state(file::path(&self.path), "path"))
    }

    fn write(&self) -> Action {
        let mode = self.mode.as_ref().and_then(Arg::value).map(|mode| mode.bits());
        Action::write_file(FileWrite { path: file::path(&self.path), mode })
    }

    /// Returns true if the argument is given and true.
    fn is_true(argument: Option<&Arg<bool>>) -> bool {
        argument.and_then(Arg::value) == Some(&true)
    }

    /// Returns the attributes of the file, which replaces an existing one.
    fn attributes(&self, session: &Session, existing: Option<&FileIdentity>) -> Attributes {
        let existing = existing.map(|file| file.attributes);
        let mut attributes = existing.unwrap_or(Attributes { mode: NEW, user: None, group: None });
        if let Some(mode) = self.mode.as_ref().and_then(Arg::value) {
            attributes.mode = file::possible_mode(mode.bits());
        } else if session.is_sensitive() {
            attributes.mode = file::private_mode(attributes.mode);
        }
        attributes
    }

    /// Returns the current version of the blob.
    async fn version(&self, session: &Session) -> Result<BlobVersion, StepError> {
        BlobVersion::of(&session.send(&self.head(session.azure())).await?)
    }

    /// Returns the MD5 of the existing file; none if nobody can tell whether the blob has the same content without it.
    async fn md5(
        &self,
        session: &Session,
        existing: &FileIdentity,
        blob: &BlobVersion,
    ) -> Result<Option<String>, StepError> {
        let is_needed = existing.size == blob.size || session.recorded("md5").is_some();
        if is_needed { session.on_file(&self.look(), file::md5_of).await } else { Ok(None) }
    }

    /// Returns the differences between the file and the wanted one.
    fn differences(
        &self,
        session: &Session,
        existing: &FileIdentity,
        (blob, md5): (&BlobVersion, Option<&str>),
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        let mode = existing.attributes.mode;
        let hidden = session.is_sensitive() || mode & 0o004 == 0;
        let size = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        if existing.size != blob.size {
            found.push(Difference::new("size", size(existing.size), size(blob.size)).hidden(hidden));
        } else if !has_content(blob, md5) {
            let text = |text: Option<&str>| text.map_or(Value::NULL, Value::from);
            found.push(Difference::new("md5", text(md5), text(blob.md5.as_deref())).hidden(hidden));
        }
        let wanted = self.attributes(session, Some(existing)).mode;
        if !file::has_mode(mode, wanted, existing.is_in_private_directory) {
            let octal = |mode: u32| format!("{mode:04o}");
            found.push(Difference::new("mode", octal(mode).as_str(), octal(wanted).as_str()));
        }
        found
    }

    /// Returns the content before a change, with the file that keeps it. At a sensitive path nothing is kept,
    /// since the record would show the path.
    async fn prior(&self, session: &Session, is_kept: bool) -> Result<Option<Prior>, StepError> {
        let state = session.file_state(&self.look()).await?;
        let Some(state) = state.filter(|_| !self.path.is_sensitive()) else { return Ok(None) };
        let prior = Prior::of(prior_state(&state, session.is_sensitive()));
        let kept = session.siblings(&self.look())?.kept;
        Ok(Some(if is_kept { prior.kept_at(kept) } else { prior }))
    }

    fn done(
        &self,
        session: &Session,
        file: &FileIdentity,
        (blob, md5): (&BlobVersion, &str),
        change: Change,
    ) -> Result<Done<Downloaded>, StepError> {
        let downloaded = Downloaded {
            path: self.path.get()?.clone(),
            url: self.url(session.azure()).reveal().unwrap_or_default(),
            etag: blob.etag.clone(),
            md5: md5.to_owned(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            mode: format!("{:04o}", file.attributes.mode),
            changed: change != Change::None,
        };
        Ok(Done::changed(downloaded, change).receipt(proof_of_identity(file)))
    }

    /// Replaces the file at the path, or creates it. Returns the new file and the MD5 of its content.
    async fn replace(
        &self,
        session: &Session,
        existing: Option<&FileIdentity>,
        blob: &BlobVersion,
    ) -> Result<(FileIdentity, String), StepError> {
        if Self::is_true(self.create_directories.as_ref()) && existing.is_none() {
            session.on_file(&self.write(), file::make_directories).await?;
        }
        let siblings = session.siblings(&self.look())?;
        let (partial, md5) = receive(session, &self.get(session.azure()), blob, &siblings).await?;
        let (keeps, attributes) =
            (existing.is_some() && !self.path.is_sensitive(), self.attributes(session, existing));
        let place = move |path: &Path| {
            let place = || {
                let (file, temporary) = partial.complete();
                file::place(&file, &temporary, path, attributes)?;
                FileIdentity::read(path)?.ok_or_else(file::Trouble::missing)
            };
            let placed = if keeps { file::keeping(path, &siblings, place) } else { place() };
            placed.inspect_err(|_| file::discard(&siblings))
        };
        Ok((session.on_file(&self.write(), place).await?, md5))
    }
}

/// Returns true if content with this MD5 is certainly that of the blob.
fn has_content(blob: &BlobVersion, md5: Option<&str>) -> bool {
    md5.is_some() && blob.md5.as_deref() == md5
}

/// Returns the error that a file is there which must not be overwritten.
fn is_there() -> StepError {
    StepError::new(ErrorKind::Refused, "a file with another content is at `path`, and is kept")
        .argument("overwrite")
        .help("move it away, choose another path, or leave out `overwrite = false`: an undo puts it back")
}

impl TypedStep for BlobDownload {
    const TYPE: &'static str = "blob_download";
    const EXAMPLE: &'static str = r#"step "blob_container" "packages" {
  account = "arcmi00000000"
  name    = "packages"
}

step "blob_upload" "installer" {
  account   = "arcmi00000000"
  container = step.blob_container.packages.name
  name      = "agent/installer.sh"
  content   = "echo installed\n"
}

step "blob_download" "installer" {
  account    = "arcmi00000000"
  container  = step.blob_container.packages.name
  name       = "agent/installer.sh"
  path       = "installer.sh"
  mode       = "0750"
  depends_on = [step.blob_upload.installer]
}

output "md5" {
  value = step.blob_download.installer.md5
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Downloaded;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let path = self.path.value().is_some_and(|path| !file::names_a_file(path));
        let path = path.then(|| ArgumentError::new("path", "must name a file"));
        check_account(azure, &self.account).into_iter().chain(path).collect()
    }

    fn title(&self) -> Title {
        let blob = blob_name(&self.container, &self.name);
        let account = Text::new().then_parts(&self.account, Account::text);
        let place = format!("from blob {blob} in account {account}");
        Title::new("file").named(&file::path(&self.path)).placed(place)
    }

    fn keeps_copies(&self) -> bool {
        !self.path.is_sensitive()
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.look(), self.head(azure), self.get(azure), self.write()]
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("path", &self.path, Clone::clone)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Downloaded>>, StepError> {
        let existing = session.on_file(&self.look(), FileIdentity::read).await?;
        let blob = match (self.version(session).await, &existing) {
            (Ok(blob), _) => blob,
            // An earlier step of the plan may be about to upload it.
            (Err(error), None) if error.status() == Some(404) => return Ok(Existing::Absent),
            (Err(error), Some(_)) if error.status() == Some(404) => return Ok(Existing::unanswered(&error)),
            (Err(error), _) => return Err(error),
        };
        session.remember(Some(blob.etag.clone()));
        let Some(existing) = existing else { return Ok(Existing::Absent) };
        let md5 = self.md5(session, &existing, &blob).await?;
        if let Some(was) = session.recorded("md5").and_then(Value::as_str)
            && md5.as_deref() != Some(was)
        {
            let is =
                if existing.attributes.mode & 0o004 == 0 { Some("another content") } else { md5.as_deref() };
            let (name, was, is) = ("md5".to_owned(), Some(was.to_owned()), is.map(str::to_owned));
            return Ok(Existing::Altered(vec![Mismatch { name, was, is }]));
        }
        let differences = self.differences(session, &existing, (&blob, md5.as_deref()));
        let is_same = existing.size == blob.size && has_content(&blob, md5.as_deref());
        match md5 {
            Some(md5) if differences.is_empty() => {
                let change = match session.before() {
                    None => Change::None,
                    Some(PriorState::Absent) => Change::Created,
                    Some(PriorState::Present | PriorState::Unknown) => Change::Updated,
                };
                Ok(Existing::AsWanted(self.done(session, &existing, (&blob, &md5), change)?))
            }
            _ if !is_same && self.overwrite.as_ref().and_then(Arg::value) == Some(&false) => Err(is_there()),
            _ => Ok(Existing::Different(differences, self.prior(session, !is_same).await?)),
        }
    }

    fn undo(_azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        DownloadUndo::of(receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Downloaded>, StepError> {
        let existing = session.on_file(&self.look(), FileIdentity::read).await?;
        let blob = self.version(session).await?;
        if session.remembered().is_some_and(|found| found != blob.etag) {
            return Err(changed(&self.get(session.azure())));
        }
        let md5 = match &existing {
            Some(existing) => self.md5(session, existing, &blob).await?,
            None => None,
        };
        let (file, md5) = match (&existing, md5) {
            (Some(existing), Some(md5)) if existing.size == blob.size && has_content(&blob, Some(&md5)) => {
                let attributes = self.attributes(session, Some(existing));
                let change = move |path: &Path| {
                    file::set_attributes(path, attributes)?;
                    FileIdentity::read(path)?.ok_or_else(file::Trouble::missing)
                };
                (session.on_file(&self.write(), change).await?, md5)
            }
            _ => self.replace(session, existing.as_ref(), &blob).await?,
        };
        let existed = match session.before() {
            Some(PriorState::Absent) => false,
            Some(PriorState::Present) => true,
            None | Some(PriorState::Unknown) => existing.is_some(),
        };
        let change = if existed { Change::Updated } else { Change::Created };
        self.done(session, &file, (&blob, &md5), change)
    }
}
