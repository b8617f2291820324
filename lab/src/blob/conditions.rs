//! Conditional headers.

use hyper::StatusCode;

use super::AccountRequest;
use super::store::{Blob, Container};
use crate::exchange::{Answer, Refused};

impl AccountRequest<'_> {
    /// Refuses a write to the blob `name` whose conditional headers do not match, or which the policy of the
    /// container forbids.
    pub(super) fn may_write(self, container: &Container, name: &str) -> Result<(), Refused> {
        let current = container.blobs.get(name);
        self.may_change(current)?;
        if current.is_none() || !container.immutable {
            return Ok(());
        }
        let message = "This operation is not permitted as the blob is immutable due to a policy.";
        Err(self.refused(StatusCode::CONFLICT, "BlobImmutableDueToPolicy", message))
    }

    /// Refuses a write whose conditional headers do not match the current blob.
    fn may_change(self, current: Option<&Blob>) -> Result<(), Refused> {
        let etag = current.map(|blob| blob.stamp.etag.as_str());
        if let Some(wanted) = self.call.header("if-none-match") {
            match (wanted.trim(), etag) {
                ("*", Some(_)) => {
                    let message = "The specified blob already exists.";
                    return Err(self.refused(StatusCode::CONFLICT, "BlobAlreadyExists", message));
                }
                (wanted, Some(etag)) if names(wanted, etag) => return Err(self.not_met()),
                _ => {}
            }
        }
        match (self.call.header("if-match"), etag) {
            (Some(wanted), Some(etag)) if wanted.trim() == "*" || names(wanted, etag) => Ok(()),
            (Some(_), _) => Err(self.not_met()),
            (None, _) => Ok(()),
        }
    }

    /// Refuses a read whose conditional headers do not match the blob; answers 304 if it has not changed.
    pub(super) fn may_read(self, blob: &Blob) -> Result<(), Refused> {
        let etag = &blob.stamp.etag;
        if self.call.header("if-match").is_some_and(|wanted| wanted.trim() != "*" && !names(wanted, etag)) {
            return Err(self.not_met());
        }
        if self.call.header("if-none-match").is_some_and(|wanted| wanted.trim() == "*" || names(wanted, etag))
        {
            let answer = Answer::new(StatusCode::NOT_MODIFIED).header("etag", format!("\"{etag}\""));
            return Err(Box::new(answer.header("x-ms-error-code", "ConditionNotMet")));
        }
        Ok(())
    }

    fn not_met(self) -> Refused {
        let message = "The condition specified using HTTP conditional header(s) is not met.";
        self.refused(StatusCode::PRECONDITION_FAILED, "ConditionNotMet", message)
    }
}

/// Returns whether a list of quoted tags contains `etag`.
fn names(list: &str, etag: &str) -> bool {
    list.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == etag)
}
