//! Sends the requests of a transfer, and reports its progress.

use std::sync::atomic::{AtomicU64, Ordering};

use arcbook_engine::step::{Action, Follow, Method, Progress, StepError};

use super::files::sent_path;
use super::http::{declared_headers, sent};
use super::{Session, undeclared};
use crate::file::OpenFile;
use crate::http::{HttpResponse, Payload, Request};

/// A request that belongs to an action in blocks: to the URL of the action with another query.
pub(crate) struct BlockRequest<'a> {
    pub method: Method,
    pub query: &'a str,
    pub payload: Option<Payload>,
    /// The headers of the action that the request has too.
    pub keeps: fn(&str) -> bool,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// True if the request is not reported by itself.
    pub is_part: bool,
}

impl Session {
    /// Sends a request that belongs to `action`, which is in blocks.
    pub(crate) async fn send_in_blocks(
        &self,
        action: &Action,
        block: BlockRequest<'_>,
    ) -> Result<HttpResponse, StepError> {
        let mut url = self.declared(action)?;
        if action.follow != Follow::Blocks || !matches!(block.method, Method::Put | Method::Get) {
            return Err(undeclared(action));
        }
        url.set_query(Some(block.query));
        let declared = sent(action)?;
        let shown = format!("{}?{}", declared.url, block.query);
        let request = Request::new(block.method, url).body(block.payload);
        let request = declared_headers(request, declared, block.keeps)?.headers(block.headers)?;
        self.exchange(action, if block.is_part { request.part() } else { request }, shown).await
    }

    /// Sends `action`, whose answer is read in ranges, with the headers that name the range.
    pub(crate) async fn send_range(
        &self,
        action: &Action,
        headers: &[(&str, &str)],
    ) -> Result<HttpResponse, StepError> {
        let request = self.request(action, None, headers)?.part();
        if action.follow != Follow::Ranges {
            return Err(undeclared(action));
        }
        self.exchange(action, request, sent(action)?.url.to_string()).await
    }

    /// Begins to report a transfer of `size` bytes as one request: `action`, to its URL with this query. A transfer of
    /// nothing sends no request.
    pub(crate) fn begin_transfer(&self, action: &Action, query: &str, size: u64) -> Transfer<'_> {
        if let Ok(request) = sent(action)
            && size > 0
        {
            let url = format!("{}{query}", request.url);
            self.context.report(Progress::Sent { method: request.method.to_string(), url });
        }
        Transfer { session: self, bytes: AtomicU64::new(0), size }
    }

    /// Returns an error if the reviewed plan has another digest of the file that `action` sends.
    pub(crate) fn check_sent(&self, action: &Action, sha256: Option<&str>) -> Result<(), StepError> {
        match (sent_path(action), sha256) {
            (Some(path), Some(sha256)) => self.context.check_digest(path, sha256),
            _ => Ok(()),
        }
    }

    /// Returns true if the reviewed plan has a digest of the file that `action` sends.
    pub(crate) fn pins_sent(&self, action: &Action) -> bool {
        sent_path(action).is_some_and(|path| self.context.pins_file(path))
    }

    /// Opens the file that `action` sends; none if its body is not a file.
    pub(crate) async fn open_sent(&self, action: &Action) -> Result<Option<OpenFile>, StepError> {
        match sent_path(action) {
            Some(path) => OpenFile::open(self.context.directory().join(path)).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The progress of a transfer.
pub(crate) struct Transfer<'a> {
    session: &'a Session,
    bytes: AtomicU64,
    size: u64,
}

impl Transfer<'_> {
    /// Adds bytes that were sent or received, and reports each hundredth.
    pub fn add(&self, bytes: u64) {
        let percent = |bytes: u64| u128::from(bytes) * 100 / u128::from(self.size.max(1));
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if percent(before + bytes) > percent(before) {
            let progress = Progress::Transferred { bytes: before + bytes, size: self.size };
            self.session.context.report(progress);
        }
    }

    /// Reports the status of the answers.
    pub fn end(self, status: u16) {
        if self.size > 0 {
            self.session.context.report(Progress::Answered { status, request_id: None });
        }
    }
}
