//! Requests and permissions of Blob storage.

use arcbook_engine::step::{Arg, ArgumentError, HttpRequest, Method, Permission, Text, Title};

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::HttpResponse;
use crate::http::firewall;
use crate::names::{Account, BlobName, Container};
use crate::percent::segments;

/// The Blob service version that requests name: the first that accepts the tokens that the labs use.
const VERSION: &str = "2020-10-02";

/// The permissions of Blob storage; each is checked at the container of its request.
#[derive(Clone, Copy)]
pub(crate) enum Right {
    ReadContainer,
    WriteContainer,
    DeleteContainer,
    ReadBlob,
    WriteBlob,
    DeleteBlob,
}

impl Right {
    /// Returns the permission at `container`, the URL of a container.
    pub fn at(self, container: Text) -> Permission {
        let (verb, is_blob) = match self {
            Self::ReadContainer => ("read", false),
            Self::WriteContainer => ("write", false),
            Self::DeleteContainer => ("delete", false),
            Self::ReadBlob => ("read", true),
            Self::WriteBlob => ("write", true),
            Self::DeleteBlob => ("delete", true),
        };
        let containers = "Microsoft.Storage/storageAccounts/blobServices/containers";
        // Reading or creating a container is an action of the control plane although its URL is one of the
        // data plane.
        if is_blob {
            Permission::data(format!("{containers}/blobs/{verb}"), container)
        } else {
            Permission::control(format!("{containers}/{verb}"), container)
        }
    }
}

/// Returns an error if `account` is an endpoint outside this cloud.
pub(crate) fn check_account(azure: &Azure, account: &Arg<Account>) -> Option<ArgumentError> {
    let cloud = azure.cloud();
    let url = account.value().and_then(|_| cloud.blob_url(account).reveal())?;
    let refusal = firewall::allow(&url, Some(&cloud.audience(Service::Blob)), cloud).err()?;
    let hosts = cloud.suffix(Service::Blob);
    let error =
        ArgumentError::new("account", format!("is not a storage account of {}: {refusal}", cloud.name));
    Some(error.help(format!("use the name of the account, or its blob endpoint under {hosts}")))
}

/// Returns a request to the Blob service.
pub(crate) fn request(azure: &Azure, method: Method, url: Text) -> HttpRequest {
    let request = HttpRequest::new(method, url).audience(azure.cloud().audience(Service::Blob));
    request.header("x-ms-version", VERSION)
}

/// Returns the URL of a container.
pub(crate) fn container_url(azure: &Azure, account: &Arg<Account>, container: &Arg<Container>) -> Text {
    let url = azure.cloud().blob_url(account).then("/");
    url.then_parts(container, |Container(name)| name.clone())
}

/// Returns the URL of a blob.
pub(crate) fn blob_url(
    azure: &Azure,
    account: &Arg<Account>,
    container: &Arg<Container>,
    name: &Arg<BlobName>,
) -> Text {
    container_url(azure, account, container).then("/").then_parts(name, |BlobName(name)| segments(name))
}

/// Returns the name of a blob behind that of its container.
pub(crate) fn blob_name(container: &Arg<Container>, name: &Arg<BlobName>) -> Text {
    let container = Text::new().then_parts(container, |Container(name)| name.clone());
    container.then("/").then_parts(name, |BlobName(name)| name.clone())
}

/// Returns the title of a step that changes a blob.
pub(crate) fn blob_title(account: &Arg<Account>, container: &Arg<Container>, name: &Arg<BlobName>) -> Title {
    let account = Text::new().then_parts(account, Account::text);
    Title::new("blob").named(&blob_name(container, name)).within("account", &account)
}

/// Returns the URL of the container of the blob at `url`.
pub(super) fn container_of(url: &str) -> Text {
    let host = url.find("://").map_or(0, |at| at + 3);
    let slashes = url[host..].match_indices('/').map(|(at, _)| host + at);
    // An emulated account is the first segment of the path.
    let end = slashes.clone().nth(1).unwrap_or(url.len());
    url[..end].into()
}

/// The metadata header of a container or a blob that names the run that created it.
pub(crate) const CREATED_BY: &str = "x-ms-meta-arcbook_run";

/// Returns the run that created the container or blob, as its metadata names it.
pub(crate) fn created_by(response: &HttpResponse) -> Option<&str> {
    response.header(CREATED_BY)
}
