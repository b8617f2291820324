//! What the step types of blob storage share.

use arcbook_engine::step::{
    Arg, ArgumentError, Call, Change, ErrorKind, Method, Permission, StepError, Text,
};

use crate::azure::Azure;
use crate::blob_list;
use crate::http::firewall;
use crate::names::Account;
use crate::session::Session;
use crate::undo::{Undo, removed};

/// The version of the Blob service that is spoken: the first with tokens that the labs use.
const VERSION: &str = "2020-10-02";

pub(crate) const READ_CONTAINER: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    data: false,
    role: "Storage Blob Data Reader",
};

pub(crate) const WRITE_CONTAINER: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    data: false,
    role: "Storage Blob Data Contributor",
};

const DELETE_CONTAINER: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
    data: false,
    role: "Storage Blob Data Contributor",
};

pub(crate) const READ_BLOB: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    data: true,
    role: "Storage Blob Data Reader",
};

pub(crate) const WRITE_BLOB: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    data: true,
    role: "Storage Blob Data Contributor",
};

const DELETE_BLOB: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    data: true,
    role: "Storage Blob Data Contributor",
};

/// The error that `account` is the endpoint of no storage account of this cloud, if it is.
pub(crate) fn check_account(azure: &Azure, account: &Arg<Account>) -> Option<ArgumentError> {
    let cloud = azure.cloud();
    let url = account.value().and_then(|_| cloud.blob_url(account).reveal())?;
    let refusal = firewall::allow(&url, Some(&cloud.storage_audience), cloud).err()?;
    let hosts = &cloud.blob_suffix;
    let error =
        ArgumentError::new("account", format!("is not a storage account of {}: {refusal}", cloud.name));
    Some(error.help(format!("give the name of the account, or its endpoint for blobs under {hosts}")))
}

/// A call to the Blob service.
pub(crate) fn call(azure: &Azure, method: Method, url: Text) -> Call {
    let call = Call::new(method, url).audience(azure.cloud().storage_audience.clone());
    call.header("x-ms-version", VERSION)
}

/// Deletes a container that is empty.
pub(crate) struct RemoveContainer {
    list: Call,
    delete: Call,
}

impl RemoveContainer {
    /// Of the container at `url`.
    pub fn at(azure: &Azure, url: &str) -> Self {
        let list = Text::from(url).then("?restype=container&comp=list&maxresults=1");
        let delete = Text::from(url).then("?restype=container");
        Self {
            list: call(azure, Method::Get, list).needs(READ_BLOB),
            delete: call(azure, Method::Delete, delete).needs(DELETE_CONTAINER),
        }
    }
}

impl Undo for RemoveContainer {
    fn calls(&self) -> Vec<Call> {
        vec![self.list.clone(), self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        match session.send(&self.list).await {
            Ok(answer) if blob_list::is_empty(&answer.body) => removed(session.send(&self.delete).await),
            Ok(_) => {
                Err(StepError::new(ErrorKind::Refused, "the container is not empty, so it is left as it is")
                    .detail("What is in it was not created by the run that is undone, or was changed since.")
                    .request(format!("{} {}", self.list.method, self.list.url))
                    .help("look at what is in it, and delete it yourself if nobody needs that"))
            }
            error => removed(error),
        }
    }
}

/// Deletes a blob that is still as it was uploaded.
pub(crate) struct RemoveBlob {
    delete: Call,
}

impl RemoveBlob {
    /// Of the blob at `url` in the state that the service calls `etag`.
    pub fn at(azure: &Azure, url: &str, etag: &str) -> Self {
        let delete = call(azure, Method::Delete, url.into()).needs(DELETE_BLOB);
        Self { delete: delete.header("if-match", etag) }
    }
}

impl Undo for RemoveBlob {
    fn calls(&self) -> Vec<Call> {
        vec![self.delete.clone()]
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        removed(session.send(&self.delete).await).map_err(|error| match error.status() {
            Some(412) => {
                StepError::new(ErrorKind::Refused, "the blob was changed since, so it is left as it is")
                    .request(format!("{} {}", self.delete.method, self.delete.url))
                    .help("look at it, and delete it yourself if nobody needs it")
            }
            _ => error,
        })
    }
}
