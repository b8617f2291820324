//! Blob storage's envelope: XML errors, and the headers of every response.

use std::borrow::Cow;

use hyper::StatusCode;
use uuid::Uuid;

use super::AccountRequest;
use crate::clock;
use crate::exchange::{Answer, Call, Refused};

/// Builds an XML error response, with the code repeated in a header.
pub(crate) fn error(status: StatusCode, code: &str, message: &str, id: Uuid) -> Answer {
    error_with(status, code, message, id, "")
}

/// Builds an error response with extra elements after the message; `more` is XML.
pub(super) fn error_with(status: StatusCode, code: &str, message: &str, id: Uuid, more: &str) -> Answer {
    let time = clock::iso(clock::now());
    let message = escape(message);
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
         RequestId:{id}\nTime:{time}</Message>{more}</Error>"
    );
    xml(status, body).header("x-ms-error-code", code)
}

pub(super) fn xml(status: StatusCode, body: String) -> Answer {
    Answer::new(status).header("content-type", "application/xml").body(body)
}

/// Escapes text for an XML element.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

impl AccountRequest<'_> {
    pub(super) fn refused(self, status: StatusCode, code: &str, message: &str) -> Refused {
        Box::new(error(status, code, message, self.call.id))
    }
}

pub(super) fn with_ids(answer: Answer, call: &Call) -> Answer {
    let answer = answer
        .header("server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
        .header("x-ms-request-id", call.id.to_string());
    let answer = match call.header("x-ms-version") {
        Some(version) => answer.header("x-ms-version", version),
        None => answer,
    };
    match call.client_request_id() {
        Some(echo) => answer.header("x-ms-client-request-id", echo),
        None => answer,
    }
}
