//! Containers.

use std::collections::btree_map::Entry;

use hyper::StatusCode;

use super::AccountRequest;
use super::authorize::BlobPermission;
use super::store::{Container, Stamp};
use crate::clock;
use crate::exchange::{Answer, Refused};
use crate::names;

impl AccountRequest<'_> {
    pub(super) fn create_container(self, name: &str) -> Result<Answer, Refused> {
        // No role can be assigned at a container that does not exist yet.
        let existing = self.store.lock().contains_key(name);
        self.requires(existing.then_some(name), BlobPermission::WriteContainer)?;
        if !names::is_container(name) {
            let message = "The specified resource name contains invalid characters or has an invalid length.";
            return Err(self.refused(StatusCode::BAD_REQUEST, "InvalidResourceName", message));
        }
        match self.store.lock().entry(name.to_owned()) {
            Entry::Occupied(_) => {
                let message = "The specified container already exists.";
                Err(self.refused(StatusCode::CONFLICT, "ContainerAlreadyExists", message))
            }
            Entry::Vacant(vacant) => {
                let container = vacant.insert(Container::new(self.metadata()));
                Ok(stamped(Answer::new(StatusCode::CREATED), &container.stamp).changed())
            }
        }
    }

    pub(super) fn container_properties(self, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(name), BlobPermission::ReadContainer)?;
        self.in_container(name, |container| {
            let mut answer = stamped(Answer::new(StatusCode::OK), &container.stamp)
                .header("x-ms-lease-state", "available")
                .header("x-ms-lease-status", "unlocked")
                .header("x-ms-has-immutability-policy", if container.immutable { "true" } else { "false" })
                .header("x-ms-has-legal-hold", "false");
            for (name, value) in &container.metadata {
                answer = answer.named_header(&format!("x-ms-meta-{name}"), value);
            }
            Ok(answer)
        })
    }

    pub(super) fn delete_container(self, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(name), BlobPermission::DeleteContainer)?;
        self.in_container(name, |container| {
            if !container.immutable || container.blobs.is_empty() {
                return Ok(());
            }
            let message = "This operation is not permitted as the container is immutable due to a policy.";
            Err(self.refused(StatusCode::CONFLICT, "ContainerImmutableDueToPolicy", message))
        })?;
        self.store.lock().remove(name);
        Ok(Answer::new(StatusCode::ACCEPTED).changed())
    }
}

/// Adds the `ETag` and `Last-Modified` headers.
pub(super) fn stamped(answer: Answer, stamp: &Stamp) -> Answer {
    answer.header("etag", format!("\"{}\"", stamp.etag)).header("last-modified", clock::http(stamp.modified))
}
