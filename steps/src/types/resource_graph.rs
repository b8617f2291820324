//! The step type `resource_graph`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Effect, ErrorKind, HttpRequest, Method, Outputs, Permission,
    Response, Safety, StepError, Text, Title, Whole,
};
use arcbook_engine::value::Value;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::{HttpResponse, Payload, quota_reset};
use crate::json;
use crate::session::Session;
use crate::step::{Done, TypedStep};

const QUERY: &str = "Microsoft.ResourceGraph/resources/read";

/// The maximum number of pages of an answer.
const MOST_PAGES: usize = 1000;

/// Queries resources across subscriptions with Azure Resource Graph.
///
/// The query is in the Kusto query language. The answer contains only what the identity may read, and lags behind
/// changes by seconds or minutes: do not read with it what this run has just changed. A query whose answer has more
/// than one page must project the column `id`; an answer that is cut is an error. When the quota of queries is spent,
/// the step waits until it is filled again.
#[derive(Arguments, Debug)]
#[arguments(at_most_one(subscriptions, management_groups))]
pub struct ResourceGraph {
    /// Query, such as `resources | where type =~ 'Microsoft.HybridCompute/machines' | project id, name`.
    query: Arg<String>,
    /// Ids of the subscriptions that are asked; defaults to all that the identity may read.
    subscriptions: Option<Arg<Vec<String>>>,
    /// Names of the management groups that are asked.
    management_groups: Option<Arg<Vec<String>>>,
    /// Maximum number of rows of a page; defaults to 1000.
    page_size: Option<Arg<Whole<1, 1000>>>,
}

/// The outputs of `resource_graph`.
#[derive(Outputs, Debug)]
pub struct Found {
    /// Rows of the answer: objects with the columns of the query.
    #[output(from(query, subscriptions, management_groups), body = "data")]
    rows: Value,
    /// Number of rows.
    #[output(answer)]
    count: i64,
}

/// One page of an answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    data: Vec<Json>,
    /// The service writes a text.
    #[serde(default)]
    result_truncated: Json,
    #[serde(rename = "$skipToken")]
    skip_token: Option<String>,
}

impl ResourceGraph {
    fn post(&self, azure: &Azure) -> Action {
        let url = Text::from(&*azure.cloud().arm());
        let url = url.then("/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01");
        let request = HttpRequest::new(Method::Post, url).audience(azure.cloud().audience(Service::Arm));
        let request = request.header("content-type", "application/json");
        let body = self.body(None).map_or(Body::Unknown, Body::Bytes);
        let action = request.body(body).action().safety(Safety::Reads);
        self.scopes()
            .into_iter()
            .fold(action, |action, scope| action.needs(Permission::control(QUERY, scope)))
    }

    /// Returns the scopes that are asked: all of the tenant if none is named, or which ones is not known yet.
    fn scopes(&self) -> Vec<Text> {
        let named = |arg: &Option<Arg<Vec<String>>>, prefix: &str| {
            let names = arg.as_ref().and_then(Arg::value).cloned().unwrap_or_default();
            names.iter().map(|name| Text::from(prefix).then(name)).collect::<Vec<_>>()
        };
        let groups = "/providers/Microsoft.Management/managementGroups/";
        let scopes =
            [named(&self.subscriptions, "/subscriptions/"), named(&self.management_groups, groups)].concat();
        if scopes.is_empty() { vec![Text::from("/")] } else { scopes }
    }

    /// Returns the body of the request for the first page, or the one of `skip_token`; none if a part is not known yet.
    fn body(&self, skip_token: Option<&str>) -> Option<Bytes> {
        let mut body = json!({
            "query": self.query.value()?,
            "options": { "resultFormat": "objectArray", "$top": 1000 },
        });
        if let Some(size) = &self.page_size {
            body["options"]["$top"] = size.value()?.get().into();
        }
        for (name, arg) in
            [("subscriptions", &self.subscriptions), ("managementGroups", &self.management_groups)]
        {
            if let Some(arg) = arg {
                body[name] = arg.value()?.clone().into();
            }
        }
        if let Some(token) = skip_token {
            body["options"]["$skipToken"] = token.into();
        }
        Some(Bytes::from(body.to_string()))
    }
}

impl TypedStep for ResourceGraph {
    const TYPE: &'static str = "resource_graph";
    const EXAMPLE: &'static str = r#"step "resource_graph" "machines" {
  query = <<-EOT
    resources
    | where type =~ 'Microsoft.HybridCompute/machines'
    | project id, name, status = tostring(properties.status)
    | order by name asc
  EOT
}

output "machines" {
  value = step.resource_graph.machines.rows[*].name
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    const LISTS: bool = true;
    type Output = Found;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let empty = self.query.value().is_some_and(|query| query.trim().is_empty());
        empty.then(|| ArgumentError::new("query", "must not be empty")).into_iter().collect()
    }

    fn title(&self) -> Title {
        Title::new("resources").placed("found by a query")
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![self.post(azure)]
    }

    async fn run(&self, session: &Session) -> Result<Done<Found>, StepError> {
        let post = self.post(session.azure());
        let (mut rows, mut token, mut values) = (Vec::new(), None::<String>, 0);
        for _ in 0..MOST_PAGES {
            let body =
                self.body(token.as_deref()).ok_or_else(|| StepError::internal("a query is not known yet"))?;
            let answer = session.send_loaded(&post, Some(Payload::from(body)), &[]).await?;
            values = answer.check_values(values)?;
            let page: Page = answer.json()?;
            for row in &page.data {
                rows.push(json::of(row).map_err(|reason| answer.nonsense(&reason))?);
            }
            match page.skip_token.clone() {
                None if page.is_cut() => return Err(cut(&answer)),
                None => {
                    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    let rows = Value::tuple(rows);
                    let body = Value::object([("data", rows.clone())]);
                    return Ok(Done::unchanged(Found { rows, count }).body(body));
                }
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(answer.nonsense("the token of the next page repeats"));
                }
                next => token = next,
            }
            if let Some(after) = quota_reset(&answer.headers) {
                session.pause_for_quota(after).await;
            }
        }
        Err(StepError::new(ErrorKind::Answer, "the answer has more than 1000 pages")
            .help("ask for less, with `where`"))
    }
}

impl Page {
    fn is_cut(&self) -> bool {
        self.result_truncated == Json::Bool(true) || self.result_truncated.as_str() == Some("true")
    }
}

/// Returns the error of an answer that has more rows than it shows, and no token for them.
fn cut(answer: &HttpResponse) -> StepError {
    StepError::new(ErrorKind::Answer, "the answer is cut: it has more rows than one page")
        .answer(answer.status, None, answer.request_id())
        .help("project the column `id`, which pages need: `| project id, …`")
        .help("or ask for less, with `where`, `summarize` or `take`")
}
