//! `blob_upload`

use std::collections::BTreeMap;
use std::path::PathBuf;

use arcbook_engine::step::{
    Arg, ArgumentError, ArgumentType, Arguments, Body, Call, Change, Effect, ErrorKind, Method, Outputs,
    Permission, Response, StepError, Text, Touch,
};
use arcbook_engine::value::{Type, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};

use crate::azure::Azure;
use crate::http::Answer;
use crate::names::{Account, BlobName, Container, argument};
use crate::percent::segments;
use crate::session::Session;
use crate::step::{Done, Step};

/// The version of the Blob service that is spoken: the first with tokens that the labs use.
pub(super) const BLOB_VERSION: &str = "2020-10-02";

const WRITE_BLOB: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    data: true,
    role: "Storage Blob Data Contributor",
};

/// Uploads a blob, from text or from a file.
///
/// A blob of that name is replaced unless `create_only` says otherwise. The content goes with its MD5, which the
/// service checks and keeps. Give either `content` or `source`.
#[derive(Arguments, Debug)]
pub struct BlobUpload {
    /// Name of the storage account.
    account: Arg<Account>,
    /// Name of the container; it must be there.
    container: Arg<Container>,
    /// Name of the blob, which may have slashes.
    name: Arg<BlobName>,
    /// What to upload, as text.
    content: Option<Arg<String>>,
    /// Path of the file to upload, of at most 256 MiB; a relative one starts at the directory of the runbook.
    source: Option<Arg<String>>,
    /// Media type of the content; when left out, by the ending of the blob's name.
    ///
    /// `.txt` and `.md` are `text/plain; charset=utf-8`, `.json` is `application/json`, `.html`, `.csv` and `.xml` are
    /// what they say; all else is `application/octet-stream`.
    content_type: Option<Arg<HeaderText>>,
    /// Metadata that is kept with the blob: names of letters, digits and underscores, values of plain ASCII.
    metadata: Option<Arg<BlobMetadata>>,
    /// Whether to leave a blob of that name as it is, if there is one; false when left out.
    create_only: Option<Arg<bool>>,
}

/// What `blob_upload` gives.
#[derive(Outputs, Debug)]
#[expect(clippy::struct_field_names, reason = "the names are what users write")]
pub struct Uploaded {
    /// URL of the blob.
    url: String,
    /// What the service calls this state of the blob; null when nothing was uploaded.
    etag: Option<String>,
    /// MD5 of the content, in base64.
    md5: String,
    /// Size of the content in bytes.
    size: i64,
    /// Whether it was uploaded; false when `create_only` found a blob of that name.
    uploaded: bool,
}

/// Text that a header can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    fn parse(text: &str) -> Result<Self, String> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (plain && text.trim() == text && (1..=8192).contains(&text.len()))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be plain ASCII text without line breaks".to_owned())
    }
}

/// Metadata of a blob by name.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobMetadata(BTreeMap<String, String>);

impl std::fmt::Debug for BlobMetadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl ArgumentType for BlobMetadata {
    fn ty() -> Type {
        BTreeMap::<String, String>::ty()
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let entries = BTreeMap::from_value(value)?;
        for (name, text) in &entries {
            let name_good = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !name_good {
                let name = name.escape_debug();
                return Err(format!(
                    "has the name `{name}`: letters, digits and underscores only, no digit first"
                ));
            }
            HeaderText::parse(text).map_err(|reason| format!("has a value for `{name}` that {reason}"))?;
        }
        Ok(Self(entries))
    }
}

argument!(HeaderText);

impl BlobUpload {
    fn url(&self, azure: &Azure) -> Text {
        let url = azure.cloud().blob_url(&self.account).then("/");
        let url = url.then_arg(&self.container, |Container(name)| name.clone()).then("/");
        url.then_arg(&self.name, |BlobName(name)| segments(name))
    }

    fn put(&self, azure: &Azure) -> Call {
        let content_type = match &self.content_type {
            Some(given) => Text::new().then_arg(given, |HeaderText(text)| text.clone()),
            None => Text::new().then_arg(&self.name, |BlobName(name)| content_type_of(name).to_owned()),
        };
        let mut call = Call::new(Method::Put, self.url(azure))
            .audience(azure.cloud().storage_audience.clone())
            .needs(WRITE_BLOB)
            .header("x-ms-version", BLOB_VERSION)
            .header("x-ms-blob-type", "BlockBlob")
            .header("x-ms-blob-content-type", content_type)
            .body(self.body());
        for (name, text) in self.metadata.iter().flat_map(metadata_headers) {
            call = call.header(name, text);
        }
        match &self.create_only {
            Some(Arg::Known { value: false, .. }) | None => call,
            Some(create_only) => {
                call.header("if-none-match", Text::new().then_arg(create_only, |_| "*".to_owned()))
            }
        }
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
}

/// One header a name, or one for all while the names are not known.
fn metadata_headers(metadata: &Arg<BlobMetadata>) -> Vec<(String, Text)> {
    match metadata {
        Arg::Unknown(_) => {
            vec![("x-ms-meta-*".to_owned(), Text::new().then_arg(metadata, |_| String::new()))]
        }
        Arg::Known { value: BlobMetadata(entries), .. } => {
            let header = |(name, text): (&String, &String)| {
                (
                    format!("x-ms-meta-{name}"),
                    Text::new().then_arg(&metadata.map(|_| text.clone()), Clone::clone),
                )
            };
            entries.iter().map(header).collect()
        }
    }
}

fn content_type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

impl Step for BlobUpload {
    const TYPE: &'static str = "blob_upload";
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    type Output = Uploaded;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let help = "give the text in `content`, or the path of a file in `source`";
        match (&self.content, &self.source) {
            (None, None) => vec![ArgumentError::new("content", "must be given").help(help)],
            (Some(_), Some(_)) => {
                vec![ArgumentError::new("source", "must not be given with `content`").help(help)]
            }
            _ => Vec::new(),
        }
    }

    fn calls(&self, azure: &Azure) -> Vec<Call> {
        vec![self.put(azure)]
    }

    fn touches(&self) -> Vec<Touch> {
        let source = self.source.as_ref().and_then(Arg::value);
        source.map(|path| Touch::Reads(PathBuf::from(path))).into_iter().collect()
    }

    async fn run(&self, session: &Session) -> Result<Done<Uploaded>, StepError> {
        let call = self.put(session.azure());
        let body = session.load(&call).await?.unwrap_or_default();
        let md5 = STANDARD.encode(Md5::digest(&body));
        let mut uploaded = Uploaded {
            url: self.url(session.azure()).reveal().unwrap_or_default(),
            etag: None,
            md5: md5.clone(),
            size: i64::try_from(body.len()).unwrap_or(i64::MAX),
            uploaded: false,
        };
        let answer = match session.send_loaded(&call, Some(body), &[("content-md5", &md5)]).await {
            Ok(answer) => answer,
            Err(error) if self.creates_only() && error.code() == Some("BlobAlreadyExists") => {
                return Ok(Done::unchanged(uploaded));
            }
            Err(error) => return Err(error),
        };
        verify(&answer, &md5)?;
        uploaded.etag = answer.header("etag").map(str::to_owned);
        uploaded.uploaded = true;
        // Whether there was a blob before is not told, and "created" would invite an undo to delete one that was.
        let change = if self.creates_only() { Change::Created } else { Change::Updated };
        Ok(Done::changed(uploaded, change))
    }
}

/// The service says what it stored.
fn verify(answer: &Answer, md5: &str) -> Result<(), StepError> {
    match answer.header("content-md5") {
        Some(stored) if stored != md5 => {
            Err(StepError::new(ErrorKind::Answer, "the blob was stored with another content than was sent")
                .detail(format!("The MD5 of what was sent is {md5}."))
                .answer(answer.status, None, answer.request_id())
                .uncertain()
                .help("look for a proxy that changes content on its way, then run again"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_names_are_names_of_headers() {
        let take =
            |name: &str, text: &str| BlobMetadata::from_value(&Value::string_map([(name, text)])).is_ok();
        assert!(take("machine_1", "a b") && take("_x", "y"));
        for (name, text) in
            [("", "x"), ("1a", "x"), ("a-b", "x"), ("a:b", "x"), ("a", "x\r\ny: z"), ("a", "ü"), ("a", " x")]
        {
            assert!(!take(name, text), "{name} {text:?}");
        }
    }

    #[test]
    fn the_ending_gives_the_media_type() {
        for (name, expected) in [
            ("hosts.txt", "text/plain; charset=utf-8"),
            ("a/b.JSON", "application/json"),
            ("json", "application/octet-stream"),
            ("a.tar.gz", "application/octet-stream"),
        ] {
            assert_eq!(content_type_of(name), expected, "{name}");
        }
    }
}
