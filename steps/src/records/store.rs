//! Uploads records to a blob container.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, Body, BoxFuture, ClosedRecord, Context, Form, Method, RecordStore, StepError, Text, Title,
    UploadError, Uploaded,
};
use arcbook_engine::value::{Origins, RUN};
use sha2::{Digest as _, Sha256};

use super::store_type::BlobRecords;
use crate::azure::Azure;
use crate::blob::{BlobVersion, Right, container_url, read_in_ranges, request, stage};
use crate::cloud::Service;
use crate::names::{Account, BlobName, Container};
use crate::percent::{component, segments};
use crate::session::Session;

/// The media types of a record, of a compressed one, and of a signature.
const TYPES: [&str; 3] = ["application/x-ndjson", "application/gzip", "application/json"];

/// The maximum number of characters of a host in the name of a blob.
const LONGEST_HOST: usize = 64;

/// A blob container that keeps records, each as the blob `PREFIX/HOST-PRINCIPAL/RUN.jsonl`.
///
/// The principal is the object id of the machine's identity, so that two machines of one name do not mix.
#[derive(Clone)]
pub(crate) struct Store {
    azure: Arc<Azure>,
    records: BlobRecords,
    place: String,
}

impl Store {
    pub fn new(azure: Arc<Azure>, records: BlobRecords) -> Self {
        let records = BlobRecords { account: named(&azure, &records.account), ..records };
        let place = below(&azure, &records).to_string();
        Self { azure, records, place }
    }

    pub fn azure(&self) -> &Arc<Azure> {
        &self.azure
    }

    /// Returns the URL of the container.
    pub fn container(&self) -> Text {
        container_url(&self.azure, &self.records.account, &self.records.container)
    }

    /// Returns the URL before the name of the machine, with a slash at its end.
    pub fn below(&self) -> Text {
        below(&self.azure, &self.records)
    }

    /// Returns the start of the names of the blobs: nothing, or a prefix with a slash.
    pub fn prefix(&self) -> String {
        let prefix = self.records.prefix.as_ref().and_then(Arg::value);
        prefix.map(|BlobName(prefix)| format!("{prefix}/")).unwrap_or_default()
    }

    fn put(&self, url: Text, media_type: Text, body: Body) -> Action {
        let request = request(&self.azure, Method::Put, url)
            .header("x-ms-blob-type", "BlockBlob")
            .header("x-ms-blob-content-type", media_type)
            .header("if-none-match", "*")
            .body(body);
        request.action().needs(Right::WriteBlob.at(self.container())).in_blocks()
    }

    fn head(&self, url: Text) -> Action {
        request(&self.azure, Method::Head, url).action().needs(Right::ReadBlob.at(self.container()))
    }

    /// Returns the reading of the blob at `url`.
    pub fn get(&self, url: Text) -> Action {
        let request = request(&self.azure, Method::Get, url);
        request.action().needs(Right::ReadBlob.at(self.container())).in_ranges()
    }

    async fn send(&self, record: &ClosedRecord<'_>, context: &Context) -> Result<Uploaded, UploadError> {
        let audience = self.azure.cloud().audience(Service::Blob);
        let token = context.identity()?.token(&audience, context).await?;
        let machine = machine(record.host, token.principal().get("object_id"));
        let url = self.below().then(format!("{}/{}", component(&machine), component(record.name)));
        let media_type = Text::from(media_type(record.name));
        let put = self.put(url.clone(), media_type, Body::File(PathBuf::from(record.path)));
        let session = Session::new(Arc::clone(&self.azure), context.clone(), self.actions());
        let missing = || StepError::internal("the record is no file");
        let file = session.open_sent(&put).await?.ok_or_else(missing)?;
        let (md5, sha256) = file.digests(true).await?;
        let sha256 = sha256.unwrap_or_default();
        let staged = stage(&session, &put, false).await.map_err(without_step)?;
        if staged.md5 != md5 {
            return Err(StepError::internal("the record changed while it was sent").into());
        }
        let url = url.to_string();
        match staged.commit(&session, &put, &[]).await {
            Ok(_) => Ok(Uploaded { url, sha256, was_there: false }),
            Err(error) if is_there(&error) => {
                let there = self.digest(&session, Text::from(url.as_str()), file.size()).await;
                match there.map_err(|unread| unread_after(&error, unread))? {
                    there if there.as_ref() == Some(&sha256) => Ok(Uploaded { url, sha256, was_there: true }),
                    there => Err(UploadError::Differs { url, own: sha256, there }),
                }
            }
            Err(error) => Err(without_step(error).into()),
        }
    }

    /// Returns the SHA-256 of the blob at `url`; none if it has another size.
    async fn digest(&self, session: &Session, url: Text, size: u64) -> Result<Option<String>, StepError> {
        let version = BlobVersion::of(&session.send(&self.head(url.clone())).await?)?;
        if version.size != size {
            return Ok(None);
        }
        let mut digest = Sha256::new();
        read_in_ranges(session, &self.get(url), &version, |bytes| digest.update(bytes)).await?;
        Ok(Some(format!("{:x}", digest.finalize())))
    }
}

impl RecordStore for Store {
    fn place(&self) -> &str {
        &self.place
    }

    fn title(&self) -> Title {
        let container = Text::new().then_parts(&self.records.container, |Container(name)| name.clone());
        let name = container.then(format!("/{}MACHINE/RUN.jsonl", self.prefix()));
        let account = Text::new().then_parts(&self.records.account, Account::text);
        Title::new("blob").named(&name).within("account", &account)
    }

    fn actions(&self) -> Vec<Action> {
        let url = self.below().then_unknown(Origins::of(RUN), Form::Path);
        let media_type = Text::new().then_one_of(&TYPES);
        vec![self.put(url.clone(), media_type, Body::Unknown), self.head(url.clone()), self.get(url)]
    }

    fn upload<'a>(
        &'a self,
        record: &'a ClosedRecord<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Uploaded, UploadError>> {
        Box::pin(self.send(record, context))
    }
}

/// Returns an account by its name, if its endpoint is that of the name: so a place has one title.
fn named(azure: &Azure, account: &Arg<Account>) -> Arg<Account> {
    let name = || {
        let Account::Endpoint(url) = account.value()? else { return None };
        let (_, host) = url.split_once("://")?;
        let name = Account::Name(host.split('.').next()?.to_owned());
        let named = Arg::Known { value: name, sensitive: false };
        (azure.cloud().blob_url(&named).reveal().as_ref() == Some(url)).then_some(named)
    };
    name().unwrap_or_else(|| account.clone())
}

fn below(azure: &Azure, records: &BlobRecords) -> Text {
    let url = container_url(azure, &records.account, &records.container).then("/");
    match &records.prefix {
        Some(prefix) => url.then_parts(prefix, |BlobName(prefix)| segments(prefix)).then("/"),
        None => url,
    }
}

/// Returns the name of a machine's folder. A host has any name, and a token may name no principal.
fn machine(host: &str, principal: Option<&str>) -> String {
    let plain = |text: &str| -> String {
        let plain =
            |c: char| if c.is_ascii_alphanumeric() || c == '-' { c.to_ascii_lowercase() } else { '-' };
        text.chars().take(LONGEST_HOST).map(plain).collect()
    };
    format!("{}-{}", plain(host), plain(principal.unwrap_or("unknown")))
}

fn media_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("gz") => TYPES[1],
        Some("json") => TYPES[2],
        _ => TYPES[0],
    }
}

/// Returns an error of the service with a remedy for whoever names a place, and not for the author of a step.
pub(super) fn without_step(error: StepError) -> StepError {
    match error.code() {
        Some("ContainerNotFound" | "FilesystemNotFound") => {
            error.only_help("name a container that exists, or create it: records do not create one")
        }
        Some("InvalidResourceName" | "InvalidHeaderValue") => {
            error.only_help("check the names of the account, the container and the prefix")
        }
        _ => error,
    }
}

/// Returns whether an error may mean that the blob exists: by its code, in a container that may be immutable, or by a
/// 412, whose cause may be the condition or a lease.
fn is_there(error: &StepError) -> bool {
    let codes = ["BlobAlreadyExists", "BlobImmutableDueToPolicy", "BlobImmutableDueToLegalHold"];
    error.code().is_some_and(|code| codes.contains(&code)) || error.status() == Some(412)
}

/// Returns the error of a blob that exists, and could not be compared: the refusal itself if there is no blob after
/// all.
fn unread_after(refused: &StepError, unread: StepError) -> StepError {
    if unread.status() == Some(404) {
        return refused.clone();
    }
    let detail = "The blob exists, and whether it is this record could not be found out.";
    unread.more_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_a_folder_whatever_its_host_is_called() {
        let long = "a".repeat(300);
        for (host, principal, expected) in [
            ("Web01", Some("5E1F"), "web01-5e1f"),
            ("../..", Some(".."), "--------"),
            ("a/b\u{1b}ü", None, "a-b---unknown"),
            ("", None, "-unknown"),
        ] {
            assert_eq!(machine(host, principal), expected);
        }
        assert_eq!(machine(&long, None).len(), LONGEST_HOST + "-unknown".len());
    }
}
