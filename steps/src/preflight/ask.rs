//! Asks Azure Resource Manager as an identity.

use std::sync::Arc;

use arcbook_engine::step::{Action, Arg, Body, Context, HttpRequest, Method, Safety, StepError, Text};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::scope::ancestors;
use crate::arc;
use crate::arm::{self, ResourcePath};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::permission;
use crate::roles::Block;
use crate::session::Session;

const GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources";

/// An identity that asks about itself.
pub(crate) struct Asker<'a> {
    pub azure: &'a Arc<Azure>,
    pub context: Context,
}

impl Asker<'_> {
    fn session(&self, action: &Action) -> Session {
        Session::new(Arc::clone(self.azure), self.context.clone(), vec![action.clone()])
    }

    /// Returns the permissions at a scope, or at the nearest one above it that exists, and that scope.
    pub(crate) async fn permissions(&self, scope: &str) -> Result<(String, Vec<Block>), StepError> {
        let mut missing = None;
        for scope in ancestors(scope) {
            match self.authorization(&scope, "permissions", "").await {
                Err(error) if error.status() == Some(404) => missing = Some(error),
                answered => return answered.map(|blocks| (scope, blocks)),
            }
        }
        Err(missing.unwrap_or_else(|| StepError::internal("no scope is known")))
    }

    /// Returns the items of a list of `Microsoft.Authorization` at a scope.
    pub(crate) async fn authorization<T: DeserializeOwned>(
        &self,
        scope: &str,
        kind: &str,
        filter: &str,
    ) -> Result<Vec<T>, StepError> {
        let path = ResourcePath::parse(scope).map_err(StepError::internal)?;
        let path = arc::path(&Arg::known(path)).then(format!("/providers/Microsoft.Authorization/{kind}"));
        let need = permission::arm(Method::Get, &path);
        let url = arm::versioned(self.azure, &path, &"2022-04-01".into());
        let url = if filter.is_empty() { url } else { url.then(format!("&$filter={filter}")) };
        let list = self.request(Method::Get, url).action().needs(need).paged();
        let items = self.session(&list).all_pages(&list).await?;
        let read = |item: &arcbook_engine::value::Value| {
            let json = item.to_json_text().unwrap_or_default();
            serde_json::from_str(&json)
                .map_err(|_| StepError::internal(format!("one of the {kind} cannot be read")))
        };
        items.iter().map(read).collect()
    }

    /// Returns the rows of a query of Resource Graph.
    pub(super) async fn query(&self, query: &str) -> Result<Vec<Json>, StepError> {
        let path = Text::from(GRAPH);
        let need = permission::arm(Method::Post, &path);
        let url = Text::from(&*self.azure.cloud().arm()).then_text(&path).then("?api-version=2024-04-01");
        let body = json!({ "query": query, "options": { "resultFormat": "objectArray", "$top": 1000 } });
        let body = Body::Bytes(body.to_string().into());
        let request = self.request(Method::Post, url).header("content-type", "application/json").body(body);
        let post = request.action().safety(Safety::Reads).needs(need);
        let answer: Json = self.session(&post).send(&post).await?.json()?;
        Ok(answer["data"].as_array().cloned().unwrap_or_default())
    }

    fn request(&self, method: Method, url: Text) -> HttpRequest {
        HttpRequest::new(method, url).audience(self.azure.cloud().audience(Service::Arm))
    }

    /// Returns the object id of the identity, from its token; none if the token names none.
    pub(super) async fn object_id(&self) -> Result<Option<String>, StepError> {
        let audience = self.azure.cloud().audience(Service::Arm);
        let token = self.context.identity()?.token(&audience, &self.context).await?;
        Ok(token.principal().get("object_id").map(ToOwned::to_owned))
    }
}
