//! `blob_container`

use arcbook_engine::step::{
    Arg, Arguments, Call, Change, Effect, Method, Outputs, Permission, Response, StepError, Text,
};
use arcbook_engine::value::Entries;

use super::blob_upload::BLOB_VERSION;
use crate::azure::Azure;
use crate::names::{Account, Container};
use crate::session::Session;
use crate::step::{Done, Step, foreseen};

const WRITE_CONTAINER: Permission = Permission {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    data: false,
    role: "Storage Blob Data Contributor",
};

/// Creates a blob container unless it is there.
///
/// One that is there is left as it is.
#[derive(Arguments, Debug)]
pub struct BlobContainer {
    /// Name of the storage account.
    account: Arg<Account>,
    /// Name of the container.
    name: Arg<Container>,
}

/// What `blob_container` gives.
#[derive(Outputs, Debug)]
pub struct Ensured {
    /// Name of the container: a step that refers to it waits until it is there.
    name: String,
    /// URL of the container.
    url: String,
    /// Whether it was created now; false when it was there.
    created: bool,
}

impl BlobContainer {
    fn url(&self, azure: &Azure) -> Text {
        azure.cloud().blob_url(&self.account).then("/").then_arg(&self.name, |Container(name)| name.clone())
    }

    fn put(&self, azure: &Azure) -> Call {
        Call::new(Method::Put, self.url(azure).then("?restype=container"))
            .audience(azure.cloud().storage_audience.clone())
            .needs(WRITE_CONTAINER)
            .header("x-ms-version", BLOB_VERSION)
    }
}

impl Step for BlobContainer {
    const TYPE: &'static str = "blob_container";
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    type Output = Ensured;

    fn calls(&self, azure: &Azure) -> Vec<Call> {
        vec![self.put(azure)]
    }

    fn foreseen(&self, _azure: &Azure) -> Entries {
        foreseen("name", &self.name, |Container(name)| name.clone())
    }

    async fn run(&self, session: &Session) -> Result<Done<Ensured>, StepError> {
        let name = self.name.get()?.0.clone();
        let url = self.url(session.azure()).reveal().unwrap_or_default();
        match session.send(&self.put(session.azure())).await {
            Ok(_) => Ok(Done::changed(Ensured { name, url, created: true }, Change::Created)),
            Err(error) if error.code() == Some("ContainerAlreadyExists") => {
                Ok(Done::unchanged(Ensured { name, url, created: false }))
            }
            Err(error) => Err(error),
        }
    }
}
