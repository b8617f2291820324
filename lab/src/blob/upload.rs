//! Whole-blob uploads: Put Blob.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;

use super::AccountRequest;
use super::answer::error_with;
use super::authorize::BlobPermission;
use super::containers::stamped;
use super::store::{Blob, Container, ContentHeaders, Stamp, md5};
use crate::content::Content;
use crate::exchange::{Answer, Refused};

/// Maximum length of a blob's name, in characters.
const MAX_NAME_LENGTH: usize = 1024;

/// A blob's content and block layout, ready to be committed.
pub(super) struct Upload {
    pub content: Content,
    pub blocks: Vec<(String, u64)>,
    pub headers: ContentHeaders,
}

impl AccountRequest<'_> {
    /// Put Blob.
    pub(super) fn put_blob(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::WriteBlob)?;
        self.has_blob_name(name)?;
        match self.call.header("x-ms-blob-type") {
            Some("BlockBlob") => {}
            Some("AppendBlob" | "PageBlob") => {
                let message = "This lab keeps block blobs only.";
                return Err(self.refused(StatusCode::NOT_IMPLEMENTED, "FeatureNotSupported", message));
            }
            Some(_) => return Err(self.bad_header("x-ms-blob-type")),
            None => return Err(self.missing_header("x-ms-blob-type")),
        }
        let computed = self.checked_md5(&self.call.body)?;
        let stored = self.content_md5("x-ms-blob-content-md5")?;
        if stored.as_ref().is_some_and(|stored| *stored != computed) {
            return Err(self.md5_mismatch());
        }
        let mut headers = self.content_headers();
        // Put Blob alone falls back to the request's `Content-Type`.
        headers.content_type =
            headers.content_type.or_else(|| self.call.header("content-type").map(str::to_owned));
        headers.md5 = Some(computed.clone());
        let content = self.stored_body()?;
        let answer = self.in_container(container, |container| {
            self.may_write(container, name)?;
            Ok(self.place(container, name, Upload { content, blocks: Vec::new(), headers }))
        })?;
        Ok(answer.header("content-md5", computed))
    }

    /// Commits a blob and discards its uncommitted blocks.
    pub(super) fn place(self, container: &mut Container, name: &str, upload: Upload) -> Answer {
        let stamp = Stamp::new();
        let created = container.blobs.get(name).map_or(stamp.modified, |blob| blob.created);
        let answer = stamped(Answer::new(StatusCode::CREATED), &stamp)
            .header("x-ms-request-server-encrypted", "true")
            .changed();
        let Upload { content, blocks, headers } = upload;
        let blob = Blob { stamp, created, content, blocks, headers, metadata: self.metadata() };
        container.blobs.insert(name.to_owned(), blob);
        container.blocks.remove(name);
        answer
    }

    /// Refuses a CRC64 header: the lab cannot verify it and must not seem to have done so.
    fn no_crc64(self) -> Result<(), Refused> {
        if !self.call.headers.contains_key("x-ms-content-crc64") {
            return Ok(());
        }
        if self.call.headers.contains_key("content-md5") {
            return Err(self.bad_header("x-ms-content-crc64"));
        }
        let message = "This lab does not check x-ms-content-crc64; send Content-MD5.";
        Err(self.refused(StatusCode::NOT_IMPLEMENTED, "FeatureNotSupported", message))
    }

    /// Returns the MD5 of a body, after checking it against the request's `Content-MD5`, if present.
    pub(super) fn checked_md5(self, body: &[u8]) -> Result<String, Refused> {
        self.no_crc64()?;
        let computed = md5(body);
        match self.content_md5("content-md5")? {
            Some(given) if given != computed => Err(self.md5_mismatch()),
            _ => Ok(computed),
        }
    }

    /// Parses an MD5 header: 16 bytes in base64.
    pub(super) fn content_md5(self, name: &'static str) -> Result<Option<String>, Refused> {
        let Some(given) = self.call.header(name) else { return Ok(None) };
        let is_md5 = STANDARD.decode(given).is_ok_and(|bytes| bytes.len() == 16);
        if is_md5 {
            return Ok(Some(given.to_owned()));
        }
        let message = "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64-encoded.";
        Err(self.refused(StatusCode::BAD_REQUEST, "InvalidMd5", message))
    }

    /// Returns the content headers that the request sets on the blob.
    pub(super) fn content_headers(self) -> ContentHeaders {
        let header = |name: &str| self.call.header(name).map(str::to_owned);
        ContentHeaders {
            content_type: header("x-ms-blob-content-type"),
            encoding: header("x-ms-blob-content-encoding"),
            language: header("x-ms-blob-content-language"),
            disposition: header("x-ms-blob-content-disposition"),
            cache_control: header("x-ms-blob-cache-control"),
            md5: None,
        }
    }

    pub(super) fn has_blob_name(self, name: &str) -> Result<(), Refused> {
        if name.chars().count() <= MAX_NAME_LENGTH {
            return Ok(());
        }
        let message = "The specified resource name length is not within the permissible limits.";
        Err(self.refused(StatusCode::BAD_REQUEST, "OutOfRangeInput", message))
    }

    fn md5_mismatch(self) -> Refused {
        let message = "The MD5 value specified in the request did not match with the MD5 value calculated by the server.";
        self.refused(StatusCode::BAD_REQUEST, "Md5Mismatch", message)
    }

    pub(super) fn bad_header(self, name: &str) -> Refused {
        let message = "The value for one of the HTTP headers is not in the correct format.";
        self.named_header_error("InvalidHeaderValue", message, name)
    }

    fn missing_header(self, name: &str) -> Refused {
        let message = "An HTTP header that's mandatory for this request is not specified.";
        self.named_header_error("MissingRequiredHeader", message, name)
    }

    fn named_header_error(self, code: &str, message: &str, name: &str) -> Refused {
        let more = format!("<HeaderName>{name}</HeaderName>");
        Box::new(error_with(StatusCode::BAD_REQUEST, code, message, self.call.id, &more))
    }
}
