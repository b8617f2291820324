//! The step type `blob_upload`.

use std::path::PathBuf;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Difference, Effect, ErrorKind, Existing, FileRead,
    Flow, Method, Mismatch, Outputs, PriorState, Receipt, Response, Script, ScriptResult, StepError, Text,
    Title,
};
use arcbook_engine::value::Value;
use bytes::Bytes;

use super::blob_conditions::{Conditions, recorded_etag};
use super::blob_metadata::{
    BlobMetadata, HeaderText, is_sensitive, metadata_differences, metadata_headers, text,
};
use super::media_type::content_type_of;
use crate::azure::Azure;
use crate::blob::{
    LONGEST, RemoveBlob, RemoveOwnBlob, Right, blob_title, blob_url, check_account, container_url,
    created_by, request, stage,
};
use crate::file;
use crate::http::HttpResponse;
use crate::names::{Account, BlobName, Container};
use crate::session::{Session, body_of, line};
use crate::step::{Done, TypedStep};
use crate::undo::{Either, Undo};

/// Uploads a blob, from text or from a file.
///
/// An existing blob of that name is replaced, unless `create_only` is true or its content, media type and
/// metadata already match. The upload includes the MD5 of the content, which the service verifies and stores.
/// A file of more than 8 MiB is sent in blocks, several at once; a resumed run sends only those that are missing. A file
/// that changes while it is sent is an error, and the blob stays as it was.
/// A new blob gets the metadata `arcbook_run`, the name of the run, which identifies its creator if the response is
/// lost.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(content, source))]
pub struct BlobUpload {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    ///
    /// ARM returns the endpoint in `primaryEndpoints.blob`.
    account: Arg<Account>,
    /// Name of the container, which must exist.
    container: Arg<Container>,
    /// Name of the blob, which may contain slashes.
    name: Arg<BlobName>,
    /// Text to upload.
    #[argument(sink = "object")]
    content: Option<Arg<String>>,
    /// Path of the file to upload, of any size; a relative path starts at the runbook's directory.
    ///
    /// `for_each = fileset("logs", "**/*.log")` makes a step for each file of a directory.
    source: Option<Arg<String>>,
    /// Media type of the content; defaults to the type for the extension of the blob's name.
    ///
    /// `.txt` and `.md` are `text/plain; charset=utf-8`, `.json` is `application/json`, `.html`, `.csv` and
    /// `.xml` have their own types, and all others are `application/octet-stream`.
    #[argument(sink = "object")]
    content_type: Option<Arg<HeaderText>>,
    /// Metadata stored with the blob: names of letters, digits and underscores, values of plain ASCII.
    #[argument(sink = "object")]
    metadata: Option<Arg<BlobMetadata>>,
    /// If true, an existing blob of that name is left unchanged; defaults to false.
    create_only: Option<Arg<bool>>,
}

/// The outputs of `blob_upload`.
#[derive(Outputs, Debug)]
#[expect(clippy::struct_field_names, reason = "the names are what users write")]
pub struct Uploaded {
    /// URL of the blob.
    #[output(from(account, container, name))]
    url: String,
    /// ETag of the blob; null if `create_only` left a different blob unchanged.
    #[output(answer)]
    etag: Option<String>,
    /// MD5 of the content, in base64.
    #[output(from(content, source))]
    md5: String,
    /// Size of the content in bytes.
    #[output(from(content, source))]
    size: i64,
    /// True if the content was uploaded.
    ///
    /// False if the blob already matched, or `create_only` found another blob of that name.
    #[output(answer)]
    uploaded: bool,
}

impl BlobUpload {
    fn container_url(&self, azure: &Azure) -> Text {
        container_url(azure, &self.account, &self.container)
    }

    fn url(&self, azure: &Azure) -> Text {
        blob_url(azure, &self.account, &self.container, &self.name)
    }

    fn media_type(&self) -> Text {
        match &self.content_type {
            Some(given) => Text::new().then_arg(given, |HeaderText(text)| text.clone()),
            None => Text::new().then_arg(&self.name, |BlobName(name)| content_type_of(name).to_owned()),
        }
    }

    fn head(&self, azure: &Azure) -> Action {
        let request = request(azure, Method::Head, self.url(azure));
        request.action().needs(Right::ReadBlob.at(self.container_url(azure)))
    }

    fn put(&self, azure: &Azure) -> Action {
        let mut request = request(azure, Method::Put, self.url(azure))
            .header("x-ms-blob-type", "BlockBlob")
            .header("x-ms-blob-content-type", self.media_type())
            .body(self.body());
        for (name, text) in self.metadata.iter().flat_map(metadata_headers) {
            request = request.header(name, text);
        }
        if let Some(create_only) = &self.create_only
            && create_only.value() != Some(&false)
        {
            let any = Text::new().then_arg(create_only, |_| "*".to_owned());
            request = request.header("if-none-match", any);
        }
        let action = request.action().needs(Right::WriteBlob.at(self.container_url(azure)));
        if self.source.is_some() { action.in_blocks() } else { action }
    }

    /// Returns the reading of the source file, if there is one.
    fn read(&self) -> Option<Action> {
        let source = self.source.as_ref()?;
        Some(Action::read_file(FileRead::input(file::path(source), "source", LONGEST)))
    }

    fn body(&self) -> Body {
        match (&self.content, &self.source) {
            (Some(Arg::Known { value, .. }), _) => Body::Bytes(Bytes::from(value.clone())),
            (None, Some(Arg::Known { value, .. })) => Body::File(PathBuf::from(value)),
            _ => Body::Unknown,
        }
    }

    fn creates_only(&self) -> bool {
        self.create_only.as_ref().and_then(Arg::value).copied().unwrap_or_default()
    }

    /// Returns the result for content with this MD5 and size.
    fn uploaded(&self, session: &Session, md5: String, size: u64) -> Uploaded {
        Uploaded {
            url: self.url(session.azure()).reveal().unwrap_or_default(),
            etag: None,
            md5,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            uploaded: false,
        }
    }

    /// Reads the content, which must be that of the reviewed plan, and returns the result for it.
    async fn wanted(&self, session: &Session) -> Result<Uploaded, StepError> {
        let put = self.put(session.azure());
        let Some(file) = session.open_sent(&put).await? else {
            let bytes = body_of(&put)?.unwrap_or_default();
            return Ok(self.uploaded(session, file::md5(&bytes), bytes.len() as u64));
        };
        let (md5, sha256) = file.digests(session.pins_sent(&put)).await?;
        session.check_sent(&put, sha256.as_deref())?;
        Ok(self.uploaded(session, md5, file.size()))
    }

    /// Returns true if the content must not be shown, not even by its digest.
    fn is_secret(&self, session: &Session) -> bool {
        session.is_sensitive() || is_sensitive(self.content.as_ref()) || is_sensitive(self.source.as_ref())
    }

    /// Returns the differences between `blob` and the wanted one.
    fn differences(&self, blob: &HttpResponse, wanted: &Uploaded) -> Vec<Difference> {
        let size = blob.header("content-length").and_then(|size| size.parse::<i64>().ok());
        let size = size.map_or(Value::NULL, Value::from);
        let media_type = self.media_type().reveal();
        // A digest of short content reveals the content.
        let secret = is_sensitive(self.content.as_ref());
        let content = [
            Difference::new("md5", text(blob.header("content-md5")), wanted.md5.as_str()).hidden(secret),
            Difference::new("size", size, wanted.size).hidden(secret),
        ];
        let content_type =
            Difference::new("content_type", text(blob.header("content-type")), text(media_type.as_deref()))
                .hidden(is_sensitive(self.content_type.as_ref()));
        let all = content
            .into_iter()
            .chain([content_type])
            .chain(metadata_differences(self.metadata.as_ref(), blob));
        all.filter(|difference| difference.was.without_marks() != difference.will.without_marks()).collect()
    }
}

impl TypedStep for BlobUpload {
    const TYPE: &'static str = "blob_upload";
    const EXAMPLE: &'static str = r#"step "blob_container" "reports" {
  account = "arcmi00000000"
  name    = "reports"
}

step "blob_upload" "today" {
  account   = "arcmi00000000"
  container = step.blob_container.reports.name
  name      = "today.json"
  content   = jsonencode({ state = "healthy" })
}

output "url" {
  value = step.blob_upload.today.url
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const SCRIPT: Option<Script> = Some(Script {
        flow: Flow::UnlessSame { md5: "content-md5", headers: &[("content-type", "x-ms-blob-content-type")] },
        results: &[
            ScriptResult::url("url"),
            ScriptResult::header("md5", "content-md5"),
            ScriptResult::header("etag", "etag"),
        ],
    });
    type Output = Uploaded;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_account(azure, &self.account).into_iter().collect()
    }

    fn title(&self) -> Title {
        blob_title(&self.account, &self.container, &self.name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        self.read().into_iter().chain([self.head(azure), self.put(azure)]).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Uploaded>>, StepError> {
        session.open_sent(&self.put(session.azure())).await?;
        let blob = match session.send(&self.head(session.azure())).await {
            Ok(blob) => blob,
            Err(error) if error.status() == Some(404) => return Ok(Existing::Absent),
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        // This applies whatever the runbook wants now: the ETag identifies the blob that the earlier run
        // left.
        let left = recorded_etag(session);
        if let Some(left) = left
            && blob.header("etag") != Some(left)
        {
            let (was, is) = (Some(left.to_owned()), blob.header("etag").map(str::to_owned));
            return Ok(Existing::Altered(vec![Mismatch { name: "etag".to_owned(), was, is }]));
        }
        Ok(self.compare(session, &blob, self.wanted(session).await?))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        Some(match receipt.change {
            Some(Change::Created) => {
                Either::One(RemoveBlob::at(azure, receipt.output("url")?, receipt.output("etag")?))
            }
            None => Either::Other(RemoveOwnBlob::at(azure, receipt.only_target()?)),
            Some(_) => return None,
        })
    }

    async fn run(&self, session: &Session) -> Result<Done<Uploaded>, StepError> {
        let put = self.put(session.azure());
        let staged = stage(session, &put, self.is_secret(session)).await?;
        let wanted = || self.uploaded(session, staged.md5.clone(), staged.size);
        let headers = self.conditions(session);
        let sent = staged.commit(session, &put, &headers.all()).await;
        let (response, created) = match sent {
            Ok(response) => (response, headers.is_created),
            // No response was lost, so the blob belongs to another creator.
            Err(error) if self.creates_only() && is_there(&error) && !error.is_uncertain() => {
                return Ok(Done::unchanged(wanted()));
            }
            Err(error) if headers.is_created && is_there(&error) => {
                // The lost response may have reported the creation.
                let (blob, error) = self.what_is_there(session, error).await?;
                let is_own = session.is_own(created_by(&blob));
                let is_as_wanted = self.differences(&blob, &wanted()).is_empty();
                match self.compare(session, &blob, wanted()) {
                    Existing::AsWanted(done) if error.is_uncertain() && is_as_wanted => return Ok(done),
                    _ if self.creates_only() => return Ok(Done::unchanged(wanted())),
                    _ => {
                        let again = headers.over_what_is_there();
                        (staged.commit(session, &put, &again.all()).await?, is_own)
                    }
                }
            }
            Err(error) if error.status() == Some(412) && headers.is_held() => {
                let (blob, error) = self.what_is_there(session, error).await?;
                // The lost response may have reported the upload.
                return match self.compare(session, &blob, wanted()) {
                    Existing::AsWanted(done) if error.is_uncertain() => Ok(done),
                    _ => Err(changed_meanwhile(&put)),
                };
            }
            Err(error) => return Err(error),
        };
        if staged.is_whole() {
            verify(&response, &staged.md5)?;
        }
        let etag = response.header("etag").map(str::to_owned);
        let uploaded = Uploaded { etag, uploaded: true, ..wanted() };
        let change = if created { Change::Created } else { Change::Updated };
        Ok(Done::changed(uploaded, change))
    }
}

/// Returns whether an error may mean that the blob exists: by its code, or by a 412, whose cause may be the
/// condition or a lease. A 412 from a proxy says nothing about the blob.
fn is_there(error: &StepError) -> bool {
    error.code() == Some("BlobAlreadyExists") || error.status() == Some(412)
}

/// Returns the error that another client changed the blob between the check and the upload.
fn changed_meanwhile(put: &Action) -> StepError {
    StepError::new(ErrorKind::Stopped, "another client changed the blob after an earlier run uploaded it")
        .detail("The blob is kept.")
        .request(line(put))
        .help("inspect the blob, and start a new run: leave out `-resume`")
}

impl BlobUpload {
    fn conditions(&self, session: &Session) -> Conditions {
        let names_run = self.metadata.as_ref().and_then(Arg::value).is_some_and(BlobMetadata::names_a_run);
        Conditions::of(session, self.creates_only(), names_run)
    }

    /// Returns the blob that blocks the upload, with the error of the upload; fails with that error if there
    /// is no such blob, as when a proxy refused the upload, or if the check fails.
    async fn what_is_there(
        &self,
        session: &Session,
        refused: StepError,
    ) -> Result<(HttpResponse, StepError), StepError> {
        match session.send(&self.head(session.azure())).await {
            Ok(blob) => Ok((blob, refused)),
            Err(_) => Err(refused),
        }
    }

    /// Compares the existing `blob` with the wanted one.
    fn compare(
        &self,
        session: &Session,
        blob: &HttpResponse,
        mut uploaded: Uploaded,
    ) -> Existing<Done<Uploaded>> {
        let differences = self.differences(blob, &uploaded);
        if !differences.is_empty() && self.creates_only() {
            return Existing::AsWanted(Done::unchanged(uploaded));
        }
        if !differences.is_empty() {
            return Existing::Different(differences, None);
        }
        uploaded.etag = blob.header("etag").map(str::to_owned);
        uploaded.uploaded = session.before().is_some();
        Existing::AsWanted(match session.before() {
            None => Done::unchanged(uploaded),
            Some(PriorState::Absent) if session.is_own(created_by(blob)) => {
                Done::changed(uploaded, Change::Created)
            }
            // Another client uploaded the same content.
            Some(PriorState::Absent) => Done::unchanged(Uploaded { uploaded: false, ..uploaded }),
            Some(PriorState::Present | PriorState::Unknown) => Done::changed(uploaded, Change::Updated),
        })
    }
}

/// Checks the MD5 that the service stored.
fn verify(response: &HttpResponse, md5: &str) -> Result<(), StepError> {
    match response.header("content-md5") {
        Some(stored) if stored != md5 => {
            Err(StepError::new(ErrorKind::Answer, "the stored blob differs from the content that was sent")
                .detail(format!("The MD5 of the sent content is {md5}."))
                .answer(response.status, None, response.request_id())
                .uncertain()
                .help("look for a proxy that changes content in transit, then run again"))
        }
        _ => Ok(()),
    }
}
