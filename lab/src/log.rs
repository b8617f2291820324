//! The request log of a lab.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::exchange::Answer;
use crate::options::Observer;

/// Maximum number of requests in the log; older ones are dropped.
const MAX_REQUESTS: usize = 100_000;

/// Query parameters whose values are never logged: shared access signatures and the like.
const REDACTED_PARAMETERS: [&str; 4] = ["sig", "access_token", "code", "client_secret"];

/// A service of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// The Arc agent's metadata and identity endpoint.
    Himds,
    /// The metadata and identity endpoint of an Azure VM.
    Imds,
    /// Azure Resource Manager.
    Arm,
    /// The data plane of the key vaults.
    KeyVault,
    /// The blob services of the storage accounts.
    Blob,
    /// Microsoft Graph.
    Graph,
    /// Entra's token endpoint and the tenant's `OpenID` documents, and every other host.
    Login,
}

impl Service {
    pub(crate) const ALL: [Self; 7] =
        [Self::Himds, Self::Imds, Self::Arm, Self::KeyVault, Self::Blob, Self::Graph, Self::Login];

    /// Returns the name that faults and logs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Himds => "himds",
            Self::Imds => "imds",
            Self::Arm => "arm",
            Self::KeyVault => "keyvault",
            Self::Blob => "blob",
            Self::Graph => "graph",
            Self::Login => "login",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One request to a lab and its outcome. It holds no token and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Time of arrival since the lab's start.
    pub at: Duration,
    /// The service that received it.
    pub service: Service,
    /// HTTP method, such as `GET`.
    pub method: String,
    /// Host and port as the client wrote them.
    pub host: String,
    /// Path and query as sent, with signatures redacted.
    pub target: String,
    /// Status of the response; `None` while there is none, and if the connection was reset instead.
    pub status: Option<u16>,
    /// True if it changed the service's state.
    pub changed: bool,
    /// The long-running operation that it started or polled.
    pub operation: Option<OperationStep>,
    /// The principal that it came from: the label of its block in the world file, or the id if there is no such
    /// block. `None` if the request does not say.
    pub principal: Option<String>,
    /// The fields of the form that a request for a token of Entra sends. Secrets are redacted, and assertions
    /// have no signature.
    pub form: Vec<(String, String)>,
}

/// A request's part in a long-running operation, which has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationStep {
    /// The request started the operation.
    Started(Uuid),
    /// The request asked for the operation's state.
    Polled(Uuid),
}

impl OperationStep {
    /// Returns the id of the operation.
    #[must_use]
    pub fn id(self) -> Uuid {
        let (Self::Started(id) | Self::Polled(id)) = self;
        id
    }
}

/// The requests of a lab, in order of arrival.
pub(crate) struct Log {
    start: Instant,
    observer: Option<Observer>,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    forgotten: usize,
    requests: VecDeque<Request>,
}

impl Log {
    pub(crate) fn new(observer: Option<Observer>) -> Self {
        Self { start: Instant::now(), observer, entries: Mutex::default() }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.lock().requests.iter().cloned().collect()
    }

    /// Records a request that has arrived.
    pub(crate) fn arrived(
        self: &Arc<Self>,
        service: Service,
        method: &str,
        host: &str,
        target: &str,
    ) -> Entry {
        let request = Request {
            at: self.start.elapsed(),
            service,
            method: method.to_owned(),
            host: host.to_owned(),
            target: without_signatures(target),
            status: None,
            changed: false,
            operation: None,
            principal: None,
            form: Vec::new(),
        };
        let mut entries = self.lock();
        if entries.requests.len() == MAX_REQUESTS {
            entries.requests.pop_front();
            entries.forgotten += 1;
        }
        entries.requests.push_back(request);
        Entry { number: entries.forgotten + entries.requests.len() - 1, log: Arc::clone(self) }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose outcome is pending.
pub(crate) struct Entry {
    number: usize,
    log: Arc<Log>,
}

impl Entry {
    /// Records the outcome; `received` is false if the client does not receive the response.
    pub(crate) fn answered(self, answer: &Answer, received: bool) {
        let mut entries = self.log.lock();
        let Some(index) = self.number.checked_sub(entries.forgotten) else { return };
        let Some(request) = entries.requests.get_mut(index) else { return };
        request.status = received.then_some(answer.status.as_u16());
        request.changed = answer.changed;
        request.operation = answer.operation;
        request.principal.clone_from(&answer.principal);
        request.form.clone_from(&answer.form);
        let request = self.log.observer.is_some().then(|| request.clone());
        drop(entries);
        if let (Some(Observer(observe)), Some(request)) = (&self.log.observer, request) {
            observe(&request);
        }
    }
}

fn without_signatures(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let blot = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if REDACTED_PARAMETERS.iter().any(|hidden| hidden.eq_ignore_ascii_case(name)) => {
            format!("{name}=REDACTED")
        }
        _ => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(blot).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    #[test]
    fn requests_stay_in_the_order_of_arrival() {
        let log = Arc::new(Log::new(None));
        let first = log.arrived(Service::Arm, "GET", "h", "/1");
        let second = log.arrived(Service::Blob, "PUT", "h", "/2?sv=1&SIG=abc");
        second.answered(&Answer::new(StatusCode::CREATED).changed(), true);
        first.answered(&Answer::new(StatusCode::OK), false);
        let requests = log.requests();
        assert_eq!((requests[0].target.as_str(), requests[0].status), ("/1", None));
        assert_eq!((requests[1].status, requests[1].changed), (Some(201), true));
        assert_eq!(requests[1].target, "/2?sv=1&SIG=REDACTED");
    }
}
