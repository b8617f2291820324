//! The step type `blob_list`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Method, Outputs, Response, StepError, Text, Title,
};
use arcbook_engine::value::Value;
use url::Url;

use crate::azure::Azure;
use crate::blob::{ListPage, Listed as Blob, Right, check_account, container_url, request};
use crate::http::HttpResponse;
use crate::names::{Account, Container};
use crate::percent::component;
use crate::session::{ListAdvice, Session};
use crate::step::{Done, TypedStep};

const ADVICE: ListAdvice = ListAdvice { narrower: "list less, with a longer `prefix`", unlisted: None };

/// Lists the blobs of a container across all pages.
///
/// The list has the names in the service's order, which is that of their bytes. It contains neither snapshots nor deleted
/// blobs.
#[derive(Arguments, Debug)]
pub struct BlobList {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    account: Arg<Account>,
    /// Name of the container, which must exist.
    container: Arg<Container>,
    /// Start of the names of the listed blobs, such as `logs/2026/`; defaults to all blobs.
    prefix: Option<Arg<String>>,
    /// If true, the list contains the metadata of each blob; defaults to false.
    metadata: Option<Arg<bool>>,
}

/// The outputs of `blob_list`.
#[derive(Outputs, Debug)]
pub struct Listed {
    /// Blobs, by name.
    ///
    /// Each is an object with `name`, `size` in bytes, `etag` as headers write it, `last_modified` (`2026-01-31T12:00:00Z`),
    /// `content_type`, `md5` (in base64; null if none is stored), and `metadata` (null unless it was asked for).
    #[output(from(account, container, prefix), body = "blobs")]
    blobs: Value,
}

impl BlobList {
    fn list(&self, azure: &Azure) -> Action {
        let container = container_url(azure, &self.account, &self.container);
        let mut url = container.clone().then("?restype=container&comp=list");
        if let Some(prefix) = &self.prefix {
            url = url.then("&prefix=").then_text(&encoded(prefix));
        }
        if let Some(metadata) = &self.metadata {
            let include = |asked: &bool| if *asked { "&include=metadata".to_owned() } else { String::new() };
            url = match metadata {
                Arg::Known { .. } => url.then_arg(metadata, include),
                _ => url.then_one_of(&["", "&include=metadata"]),
            };
        }
        request(azure, Method::Get, url).action().needs(Right::ReadBlob.at(container)).paged()
    }
}

/// Returns a prefix as the value of a query parameter, with the parts that are known.
fn encoded(prefix: &Arg<String>) -> Text {
    match prefix {
        Arg::Partial(prefix) => prefix.encoded(component, arcbook_engine::step::Form::Component),
        prefix => Text::new().then_arg(prefix, |prefix| component(prefix)),
    }
}

impl TypedStep for BlobList {
    const TYPE: &'static str = "blob_list";
    const EXAMPLE: &'static str = r#"step "blob_container" "reports" {
  account = "arcmi00000000"
  name    = "reports"
}

step "blob_list" "old" {
  account   = "arcmi00000000"
  container = step.blob_container.reports.name
  prefix    = "2025/"
  extract   = { names = "blobs[].name" }
}

step "blob_delete" "old" {
  for_each  = toset(step.blob_list.old.extract.names)
  account   = "arcmi00000000"
  container = step.blob_container.reports.name
  name      = each.value
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    type Output = Listed;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        check_account(azure, &self.account).into_iter().collect()
    }

    fn title(&self) -> Title {
        let container = Text::new().then_parts(&self.container, |Container(name)| name.clone());
        let account = Text::new().then_parts(&self.account, Account::text);
        Title::new("blobs").placed(format!("of container {container} in account {account}"))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.list(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Listed>, StepError> {
        let list = self.list(session.azure());
        let first = session.declared(&list)?;
        let read = |answer: &HttpResponse| {
            let page = ListPage::read(&answer.body).map_err(|reason| answer.nonsense(&reason))?;
            let next = page.marker.map(|marker| next(&first, &marker));
            Ok((page.blobs.into_iter().map(value_of).collect(), next))
        };
        let blobs = Value::tuple(session.pages(&list, ADVICE, read).await?);
        let body = Value::object([("blobs", blobs.clone())]);
        Ok(Done::unchanged(Listed { blobs }).body(body))
    }
}

/// Returns the link to the page that begins at `marker`.
fn next(first: &Url, marker: &str) -> String {
    format!("?{}&marker={}", first.query().unwrap_or_default(), component(marker))
}

fn value_of(blob: Blob) -> Value {
    let text = |text: Option<String>| text.map_or(Value::NULL, Value::string);
    Value::object([
        ("name", Value::string(blob.name)),
        ("size", blob.size.map_or(Value::NULL, Value::from)),
        ("etag", text(blob.etag)),
        ("last_modified", text(blob.last_modified)),
        ("content_type", text(blob.content_type)),
        ("md5", text(blob.md5)),
        ("metadata", blob.metadata.map_or(Value::NULL, Value::string_map)),
    ])
}
