//! Handling of one request: read, apply faults, dispatch to the service, respond, log.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, SERVER};
use hyper::{Request, Response, StatusCode};

use super::body::ResponseBody;
use super::service::{self, Route};
use super::socket::ResetSwitch;
use super::{Port, Server};
use crate::clock;
use crate::content::Content;
use crate::exchange::{Answer, Call};
use crate::fault::{FaultKind, RetryAfter};
use crate::log::Service;

/// The server as seen by one connection.
pub(super) struct Connection {
    pub server: Arc<Server>,
    pub port: Port,
    pub switch: ResetSwitch,
}

impl Connection {
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Response<ResponseBody> {
        let authority = authority(&request);
        let route = Route::of(self.port, &authority);
        let service = route.service();
        let method = request.method().to_string();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let entry = self.server.log.arrived(service, &method, &authority, &target);
        if !self.server.latency.is_zero() {
            tokio::time::sleep(self.server.latency).await;
        }
        let fault = self.server.faults.on_wire(service, &method, &target);
        let fault = fault.or_else(|| self.server.throttles.refusal(service, &authority, &method));
        if let Some(FaultKind::Delay(delay)) = fault {
            tokio::time::sleep(delay).await;
        }
        let answer = match fault {
            Some(FaultKind::Reset) => Answer::new(StatusCode::INTERNAL_SERVER_ERROR),
            Some(FaultKind::Status { status, retry_after }) => {
                let refuse = |_: &Call| refusal(service, status, retry_after);
                self.answer(&route, authority, request, refuse).await
            }
            Some(FaultKind::Html(status)) => {
                self.answer(&route, authority, request, |_| page_of_a_proxy(status)).await
            }
            Some(FaultKind::Garbage) => self.answer(&route, authority, request, |_| garbage()).await,
            _ => {
                let handle = |call: &Call| self.server.services.handle(&route, call);
                self.answer(&route, authority, request, handle).await
            }
        };
        if let Some(keeper) = self.server.keeper.as_ref().filter(|_| answer.changed) {
            keeper.note();
        }
        let lost = matches!(fault, Some(FaultKind::Reset | FaultKind::LostAnswer));
        entry.answered(&answer, !lost);
        let mut response = response(answer, fault);
        if method == "HEAD" {
            // Otherwise the length of nothing is left out.
            let length = response.body().size_hint().exact().unwrap_or_default();
            response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
        }
        if lost {
            self.switch.throw();
            // This response is never sent: the header makes hyper close the connection, and closing triggers
            // the reset.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Reads the whole request, since a client that is still sending would see the connection close instead of
    /// the response, and answers it.
    async fn answer(
        &self,
        route: &Route,
        authority: String,
        request: Request<Incoming>,
        answer: impl FnOnce(&Call) -> Answer,
    ) -> Answer {
        let (parts, body) = request.into_parts();
        let scheme = if self.port == Port::Azure { self.server.scheme } else { "http" };
        let service = route.service();
        let mut call = match Call::new(scheme, authority, parts.method, &parts.uri, parts.headers) {
            Ok(call) => call,
            Err(problem) => {
                return service::error(service, StatusCode::BAD_REQUEST, "InvalidUri", &problem.to_string());
            }
        };
        call.body = match read(body, route.body_limit()).await {
            Ok(body) => body,
            Err(problem) => return problem.answer(service),
        };
        let mut answer = answer(&call);
        (answer.principal, answer.form) = self.server.services.sender(route, &call);
        answer
    }
}

enum BodyProblem {
    TooLong,
    Broken,
}

impl BodyProblem {
    fn answer(self, service: Service) -> Answer {
        match self {
            Self::TooLong => service::error(
                service,
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestBodyTooLarge",
                "The request body is too large and exceeds the maximum permissible limit.",
            ),
            Self::Broken => service::error(
                service,
                StatusCode::BAD_REQUEST,
                "InvalidInput",
                "The request body ended too early.",
            ),
        }
    }
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, BodyProblem> {
    let collected = Limited::new(body, limit).collect().await;
    let body = collected.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            BodyProblem::TooLong
        } else {
            BodyProblem::Broken
        }
    })?;
    Ok(body.to_bytes())
}

/// Returns the request's host: that of an absolute target, else that of the `Host` header.
fn authority(request: &Request<Incoming>) -> String {
    let header = || request.headers().get(HOST).and_then(|value| value.to_str().ok());
    request
        .uri()
        .authority()
        .map(hyper::http::uri::Authority::as_str)
        .or_else(header)
        .unwrap_or_default()
        .to_lowercase()
}

fn refusal(service: Service, status: u16, retry_after: Option<RetryAfter>) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (code, message) = match (service, status) {
        (Service::Blob, StatusCode::SERVICE_UNAVAILABLE) => ("ServerBusy", "The server is busy."),
        (Service::Login, StatusCode::TOO_MANY_REQUESTS) => ("AADSTS90055", "There are too many requests."),
        (Service::Login, _) => ("AADSTS90033", "A transient error has occurred. Please try again."),
        (_, StatusCode::TOO_MANY_REQUESTS) => {
            ("TooManyRequests", "Too many requests. Please retry after some time.")
        }
        (_, StatusCode::SERVICE_UNAVAILABLE) => ("ServiceUnavailable", "The service is unavailable now."),
        (_, StatusCode::NOT_FOUND) => ("NotFound", "The requested item was not found."),
        (_, StatusCode::CONFLICT) => ("Conflict", "The request conflicts with the current state."),
        (_, StatusCode::PRECONDITION_FAILED) => {
            ("PreconditionFailed", "A condition of the request is not met.")
        }
        _ => ("InternalServerError", "The request could not be processed."),
    };
    let answer = service::error(service, status, code, message);
    match retry_after.map(|retry_after| retry_after.header(clock::now())) {
        Some((name, value)) => answer.header(name, value),
        None => answer,
    }
}

/// Builds the page with which a proxy or a captive portal answers in place of the service.
fn page_of_a_proxy(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = "<!DOCTYPE html>\n<html>\n<head><title>Web proxy</title></head>\n\
                <body><h1>Your request was stopped</h1><p>Sign in to continue.</p></body>\n</html>\n";
    Answer::new(status).header("content-type", "text/html; charset=utf-8").body(page)
}

/// Builds a response that is neither JSON nor XML, whatever its header says.
fn garbage() -> Answer {
    let bytes: &[u8] = &[0x00, 0x9f, 0x92, 0x96, b'}', b'<', 0xff, 0xfe, b'{', 0x00];
    Answer::new(StatusCode::OK).header("content-type", "application/json").body(bytes)
}

fn response(answer: Answer, fault: Option<FaultKind>) -> Response<ResponseBody> {
    let in_memory = |content: &Content| content.read().unwrap_or_default();
    let body = match fault {
        Some(FaultKind::Truncate) => ResponseBody::truncated(&in_memory(&answer.body)),
        Some(FaultKind::SlowBody(over)) => ResponseBody::slow(in_memory(&answer.body), over),
        _ => ResponseBody::Whole(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response.headers_mut().entry(SERVER).or_insert(HeaderValue::from_static("Microsoft-HTTPAPI/2.0"));
    response
}
