//! Reading and deleting blobs.

use hyper::StatusCode;

use super::AccountRequest;
use super::authorize::BlobPermission;
use super::containers::stamped;
use super::range::{self, Unsatisfiable};
use super::store::{Blob, md5};
use crate::clock;
use crate::exchange::{Answer, Refused};

/// Maximum length of a range whose MD5 the service computes, in bytes.
const LONGEST_RANGE_WITH_MD5: u64 = 4 << 20;

impl AccountRequest<'_> {
    /// Get Blob and Get Blob Properties, whose response is the same without a body.
    pub(super) fn get_blob(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::ReadBlob)?;
        self.in_container(container, |container| {
            let blob = container.blobs.get(name).ok_or_else(|| self.blob_not_found())?;
            self.may_read(blob)?;
            let answer = self.content(blob)?;
            Ok(described(stamped(answer, &blob.stamp), blob))
        })
    }

    pub(super) fn delete_blob(self, container: &str, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(container), BlobPermission::DeleteBlob)?;
        let snapshots = self.call.header("x-ms-delete-snapshots").unwrap_or("include");
        let is_only = snapshots.eq_ignore_ascii_case("only");
        if !is_only && !snapshots.eq_ignore_ascii_case("include") {
            return Err(self.bad_header("x-ms-delete-snapshots"));
        }
        self.in_container(container, |container| {
            if !container.blobs.contains_key(name) {
                return Err(self.blob_not_found());
            }
            self.may_write(container, name)?;
            // No blob has snapshots here.
            if !is_only {
                container.blobs.remove(name);
            }
            Ok(Answer::new(StatusCode::ACCEPTED).header("x-ms-delete-type-permanent", "true").changed())
        })
    }

    /// Returns the content, or the requested range of it.
    fn content(self, blob: &Blob) -> Result<Answer, Refused> {
        let asked = self.call.header("x-ms-range").or_else(|| self.call.header("range"));
        let length = blob.content.len();
        let part = asked.map(|asked| range::parse(asked, length)).transpose().map_err(|Unsatisfiable| {
            let message = "The range specified is invalid for the current size of the resource.";
            let refused = self.refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message);
            Box::new(refused.header("content-range", format!("bytes */{length}")))
        })?;
        let stored = blob.headers.md5.as_deref();
        let asks_for_md5 = self
            .call
            .header("x-ms-range-get-content-md5")
            .is_some_and(|asks| asks.eq_ignore_ascii_case("true"));
        Ok(match part.flatten() {
            None if asks_for_md5 => return Err(self.bad_header("x-ms-range-get-content-md5")),
            None => with(Answer::new(StatusCode::OK).content(blob.content.clone()), "content-md5", stored),
            Some(part) => {
                let content = blob.content.slice(part.start..part.end);
                if asks_for_md5 && content.len() > LONGEST_RANGE_WITH_MD5 {
                    return Err(self.bad_header("x-ms-range-get-content-md5"));
                }
                let computed = asks_for_md5.then(|| content.read()).transpose();
                let computed = computed.map_err(|_| self.disk_failed())?.map(|bytes| md5(&bytes));
                let answer = Answer::new(StatusCode::PARTIAL_CONTENT)
                    .content(content)
                    .header("content-range", format!("bytes {}-{}/{length}", part.start, part.end - 1));
                let answer = with(answer, "content-md5", computed.as_deref());
                // The stored MD5 covers the whole blob, so a partial response carries it in a separate header.
                with(answer, "x-ms-blob-content-md5", stored)
            }
        })
    }
}

fn described(answer: Answer, blob: &Blob) -> Answer {
    let headers = &blob.headers;
    let mut answer = answer
        .header("accept-ranges", "bytes")
        .header("content-type", headers.content_type.as_deref().unwrap_or("application/octet-stream"))
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-access-tier", "Hot")
        .header("x-ms-access-tier-inferred", "true")
        .header("x-ms-creation-time", clock::http(blob.created))
        .header("x-ms-lease-state", "available")
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-server-encrypted", "true");
    for (name, value) in [
        ("content-encoding", &headers.encoding),
        ("content-language", &headers.language),
        ("content-disposition", &headers.disposition),
        ("cache-control", &headers.cache_control),
    ] {
        answer = with(answer, name, value.as_deref());
    }
    for (name, value) in &blob.metadata {
        answer = answer.named_header(&format!("x-ms-meta-{name}"), value);
    }
    answer
}

fn with(answer: Answer, name: &'static str, value: Option<&str>) -> Answer {
    match value {
        Some(value) => answer.header(name, value),
        None => answer,
    }
}
