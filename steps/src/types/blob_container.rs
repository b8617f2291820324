//! `blob_container`

use arcbook_engine::step::{
    Arg, Arguments, Before, Call, Change, Effect, Method, Outputs, Response, StepError, Text,
};
use arcbook_engine::value::Entries;

use crate::azure::Azure;
use crate::blob::{READ_CONTAINER, RemoveContainer, WRITE_CONTAINER, call};
use crate::names::{Account, Container};
use crate::session::Session;
use crate::step::{Done, Step, There, foreseen};
use crate::undo::Undo;

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

    fn call(&self, azure: &Azure, method: Method) -> Call {
        call(azure, method, self.url(azure).then("?restype=container"))
    }

    fn head(&self, azure: &Azure) -> Call {
        self.call(azure, Method::Head).needs(READ_CONTAINER)
    }

    fn put(&self, azure: &Azure) -> Call {
        self.call(azure, Method::Put).needs(WRITE_CONTAINER)
    }

    fn done(&self, session: &Session, created: bool) -> Result<Done<Ensured>, StepError> {
        let name = self.name.get()?.0.clone();
        let url = self.url(session.azure()).reveal().unwrap_or_default();
        let ensured = Ensured { name, url, created };
        Ok(if created { Done::changed(ensured, Change::Created) } else { Done::unchanged(ensured) })
    }
}

impl Step for BlobContainer {
    const TYPE: &'static str = "blob_container";
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Ensured;

    fn calls(&self, azure: &Azure) -> Vec<Call> {
        vec![self.head(azure), self.put(azure)]
    }

    fn foreseen(&self, _azure: &Azure) -> Entries {
        foreseen("name", &self.name, |Container(name)| name.clone())
    }

    async fn find(&self, session: &Session) -> Result<There<Ensured>, StepError> {
        match session.send(&self.head(session.azure())).await {
            Ok(_) => self.done(session, session.before() == Some(Before::Absent)).map(There::AsWanted),
            Err(error) if error.status() == Some(404) => Ok(There::Absent),
            Err(error) if error.status() == Some(403) => Ok(There::Unknown),
            Err(error) => Err(error),
        }
    }

    fn undo(azure: &Azure, outputs: &Entries) -> Option<impl Undo> {
        outputs.get("url")?.as_str().map(|url| RemoveContainer::at(azure, url))
    }

    async fn run(&self, session: &Session) -> Result<Done<Ensured>, StepError> {
        match session.send(&self.put(session.azure())).await {
            Ok(_) => self.done(session, true),
            Err(error) if error.code() == Some("ContainerAlreadyExists") => {
                // Where there was none, the answer that was lost said that it was created.
                let lost = error.is_uncertain() && session.before() == Some(Before::Absent);
                self.done(session, lost)
            }
            Err(error) => Err(error),
        }
    }
}
