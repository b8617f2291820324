//! The step type `blob_container`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Effect, Existing, Flow, HttpRequest, Method, Mismatch,
    Outputs, Receipt, Response, Script, ScriptResult, StepError, Text, Title,
};
use arcbook_engine::value::{Entries, Value};

use crate::azure::Azure;
use crate::blob::{CREATED_BY, Origin, RemoveContainer, Right, check_account, created_by, request};
use crate::names::{Account, Container};
use crate::session::Session;
use crate::step::{Done, TypedStep, known_outputs};
use crate::undo::Undo;

/// Creates a blob container unless it exists.
///
/// An existing container is left unchanged. A new one gets the metadata `arcbook_run`, the name of the run,
/// which identifies its creator if the response is lost.
#[derive(Arguments, Debug)]
pub struct BlobContainer {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    ///
    /// ARM returns the endpoint in `primaryEndpoints.blob`.
    account: Arg<Account>,
    /// Name of the container.
    name: Arg<Container>,
}

/// The outputs of `blob_container`.
#[derive(Outputs, Debug)]
pub struct Ensured {
    /// Name of the container; a step that refers to it waits until the container exists.
    #[output(from(name))]
    name: String,
    /// URL of the container.
    #[output(from(account, name))]
    url: String,
    /// True if this run created the container; false if it existed.
    #[output(answer)]
    created: bool,
}

impl BlobContainer {
    fn url(&self, azure: &Azure) -> Text {
        azure.cloud().blob_url(&self.account).then("/").then_parts(&self.name, |Container(name)| name.clone())
    }

    fn request(&self, azure: &Azure, method: Method) -> HttpRequest {
        request(azure, method, self.url(azure).then("?restype=container"))
    }

    fn head(&self, azure: &Azure) -> Action {
        self.request(azure, Method::Head).action().needs(Right::ReadContainer.at(self.url(azure)))
    }

    /// Returns the creation. No role can be assigned at a container that does not exist, so the account is its scope.
    fn put(&self, azure: &Azure) -> Action {
        let account = azure.cloud().blob_url(&self.account);
        self.request(azure, Method::Put).action().needs(Right::WriteContainer.at(account))
    }

    fn done(&self, session: &Session, created: bool) -> Result<Done<Ensured>, StepError> {
        let name = self.name.get()?.0.clone();
        let url = self.url(session.azure()).reveal().unwrap_or_default();
        let ensured = Ensured { name, url, created };
        Ok(if created { Done::changed(ensured, Change::Created) } else { Done::unchanged(ensured) })
    }

    /// Returns the result for a container that turned out to exist: the response that reported its creation
    /// may have been lost.
    async fn whose(&self, session: &Session, error: StepError) -> Result<Done<Ensured>, StepError> {
        if !error.is_uncertain() {
            return self.done(session, false);
        }
        match self.find(session).await {
            Ok(Existing::AsWanted(done)) => Ok(done),
            _ => Err(error),
        }
    }
}

impl TypedStep for BlobContainer {
    const TYPE: &'static str = "blob_container";
    const EXAMPLE: &'static str = r#"step "blob_container" "reports" {
  account = "arcmi00000000"
  name    = "reports"
}

output "url" {
  value = step.blob_container.reports.url
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const SCRIPT: Option<Script> =
        Some(Script { flow: Flow::UnlessFound, results: &[ScriptResult::url("url")] });
    type Output = Ensured;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_account(azure, &self.account).into_iter().collect()
    }

    fn title(&self) -> Title {
        let name = Text::new().then_parts(&self.name, |Container(name)| name.clone());
        Title::new("container")
            .named(&name)
            .within("account", &Text::new().then_parts(&self.account, Account::text))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.head(azure), self.put(azure)]
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("name", &self.name, |Container(name)| name.clone())
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Ensured>>, StepError> {
        match session.send(&self.head(session.azure())).await {
            Ok(container) => {
                let created_by = created_by(&container);
                let is_own = session.is_own(created_by);
                let was_created = session.recorded("created") == Some(&Value::from(true));
                if was_created && !is_own {
                    let was = Some("a run that is resumed".to_owned());
                    let is = created_by.map(str::to_owned);
                    return Ok(Existing::Altered(vec![Mismatch { name: "arcbook_run".to_owned(), was, is }]));
                }
                self.done(session, is_own).map(Existing::AsWanted)
            }
            Err(error) if error.status() == Some(404) => Ok(Existing::Absent),
            Err(error) if error.status() == Some(403) => Ok(Existing::unanswered(&error)),
            Err(error) => Err(error),
        }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        let (url, origin) = match receipt.change {
            Some(Change::Created) => (receipt.output("url")?, Origin::Created),
            None => (receipt.only_target()?, Origin::Unconfirmed),
            Some(_) => return None,
        };
        Some(RemoveContainer::at(azure, url, origin))
    }

    async fn run(&self, session: &Session) -> Result<Done<Ensured>, StepError> {
        let created_by = session.run().map(|run| (CREATED_BY, run));
        match session.send_loaded(&self.put(session.azure()), None, created_by.as_slice()).await {
            Ok(_) => self.done(session, true),
            Err(error) if error.code() == Some("ContainerAlreadyExists") => self.whose(session, error).await,
            Err(error) => Err(error),
        }
    }
}
