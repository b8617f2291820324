//! Sends a request until it succeeds or its retries are exhausted.

use arcbook_engine::step::{Context, Progress};

use super::pace::Refused;
use super::{Asked, Client, Failure, HttpResponse, Peer, Request, RequestRetries};

/// Sends `request` until `attempts` allow no retry, and reports each attempt to `context`; of a part of a transfer, only
/// each retry. Returns the response if the request expects its status, or it is `expected`; else the last failure.
pub(crate) async fn deliver(
    client: &Client,
    request: &Request,
    asked: &Asked,
    attempts: &mut RequestRetries,
    context: &Context,
    expected: Option<u16>,
) -> Result<HttpResponse, Failure> {
    let mut same = || Ok(request.clone());
    attempt(client, &mut same, asked, attempts, context, expected).await
}

/// Sends the request that `next` makes for each attempt until one succeeds or `attempts` allow no retry; `next` fails
/// with the reason why none can be made.
pub(crate) async fn deliver_each(
    client: &Client,
    next: &mut (dyn FnMut() -> Result<Request, String> + Send),
    asked: &Asked,
    attempts: &mut RequestRetries,
    context: &Context,
) -> Result<HttpResponse, Failure> {
    attempt(client, next, asked, attempts, context, None).await
}

async fn attempt(
    client: &Client,
    next: &mut (dyn FnMut() -> Result<Request, String> + Send),
    asked: &Asked,
    attempts: &mut RequestRetries,
    context: &Context,
    expected: Option<u16>,
) -> Result<HttpResponse, Failure> {
    let mut refused: Option<Refused> = None;
    loop {
        let request = next().map_err(|reason| Failure::Unreachable { reason, refused: false })?;
        let paused = |after| {
            let status = format!("{} throttles requests", asked.peer);
            context.report(Progress::Polling { status, percent: None, after });
        };
        let pace = client.pace(&request.url);
        let in_flight = pace.enter(refused.is_some(), attempts.longest_pause(), paused).await;
        drop(refused.take());
        let report = |progress| {
            if !request.is_part {
                context.report(progress);
            }
        };
        report(Progress::Sent { method: asked.method.to_string(), url: asked.url.clone() });
        let result = client.send(&request).await;
        if let Ok(response) | Err(Failure::Status(response)) = &result {
            report(Progress::Answered { status: response.status, request_id: response.request_id() });
        }
        let failure = match result {
            Ok(response) if matches!(asked.peer, Peer::Azure(_)) && response.is_foreign(asked.method) => {
                Failure::Foreign { status: response.status, is_page: response.is_page() }
            }
            Ok(response) if request.expects(response.status) || Some(response.status) == expected => {
                in_flight.answered();
                return Ok(response);
            }
            Ok(response) => Failure::Status(response),
            Err(failure) => failure,
        };
        let after = attempts.after(&failure);
        match attempts.pause(&failure, after) {
            Some(pause) => refused = Some(in_flight.refused(pause)),
            None => in_flight.answered(),
        }
        let Some(after) = after else { return Err(failure) };
        let (attempt, reason) = (attempts.number(), failure.to_string());
        context.report(Progress::Retrying { attempt, attempts: attempts.most(), after, reason });
        tokio::time::sleep(after).await;
    }
}
