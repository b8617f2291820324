//! Reads lists page by page.

use std::collections::HashSet;

use arcbook_engine::step::{Action, ErrorKind, StepError};
use arcbook_engine::value::Value;
use serde_json::Value as Json;

use super::Session;
use crate::http::HttpResponse;
use crate::json;
use crate::page::Page;

/// The maximum number of pages of a list.
const MOST_PAGES: usize = 1000;

/// The maximum size of all pages together, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The remedies for a list that cannot be read.
#[derive(Clone, Copy)]
pub(crate) struct ListAdvice {
    /// The remedy for a list that is too long.
    pub narrower: &'static str,
    /// The remedy for a response that is not a page of a list.
    pub unlisted: Option<&'static str>,
}

impl ListAdvice {
    /// The remedies for any list of Azure Resource Manager.
    const OF_ARM: Self = Self {
        narrower: "list less, for example with `resource_type` or `filter`",
        unlisted: Some("use `arm_get` if the path is not that of a list, or the list has another format"),
    };
}

impl Session {
    /// Returns the items of all pages of `list`, any list of Azure Resource Manager, in the service's order.
    pub(crate) async fn all_pages(&self, list: &Action) -> Result<Vec<Value>, StepError> {
        self.list(list, ListAdvice::OF_ARM, json::of).await
    }

    /// Returns the items of all pages of `list`; `read` parses one page and returns its items and its link to the next
    /// one, as written. Each page must have the host and the path of the first.
    pub(crate) async fn pages<T>(
        &self,
        list: &Action,
        advice: ListAdvice,
        mut read: impl FnMut(&HttpResponse) -> Result<(Vec<T>, Option<String>), StepError> + Send,
    ) -> Result<Vec<T>, StepError>
    where
        T: Send,
    {
        let mut at = self.declared(list)?;
        let mut answer = self.send(list).await?;
        let (mut items, mut bytes) = (Vec::new(), 0);
        let mut seen = HashSet::from([at.clone()]);
        loop {
            bytes += answer.body.len();
            let (more, next) = read(&answer)?;
            items.extend(more);
            let Some(next) = next else { return Ok(items) };
            at = self.next_page(list, &at, &next)?;
            let endless = |reason| {
                StepError::new(ErrorKind::Answer, reason)
                    .answer(answer.status, None, answer.request_id())
                    .help(advice.narrower)
            };
            if !seen.insert(at.clone()) {
                return Err(endless("pagination loop: a link to the next page repeats"));
            }
            if seen.len() > MOST_PAGES || bytes > MOST_BYTES {
                return Err(endless("the list has more than 1000 pages or 64 MiB"));
            }
            answer = self.send_page(list, &at).await?;
        }
    }

    /// Returns the items of all pages of `list`, which has JSON with `value` and a link to the next page; `of` converts
    /// an item, and its error is a fragment.
    pub(crate) async fn list<T: Send>(
        &self,
        list: &Action,
        advice: ListAdvice,
        of: impl Fn(&Json) -> Result<T, String> + Send + Sync,
    ) -> Result<Vec<T>, StepError> {
        let mut values = 0;
        let read = |answer: &HttpResponse| {
            values = answer.check_values(values)?;
            let page = Page::read(answer).map_err(|reason| {
                let error = answer.nonsense(&reason);
                advice.unlisted.into_iter().fold(error, StepError::help)
            })?;
            let items: Result<Vec<T>, String> = page.items.iter().map(&of).collect();
            Ok((items.map_err(|reason| answer.nonsense(&reason))?, page.next))
        };
        self.pages(list, advice, read).await
    }
}
