//! Conditional headers of changes.

use hyper::StatusCode;

use super::answer;
use super::resource::Resource;
use crate::exchange::{Call, Refused};

/// Refuses a change whose `If-Match` or `If-None-Match` does not fit the current resource.
pub(super) fn are_met(call: &Call, current: Option<&Resource>) -> Result<(), Refused> {
    let etag = current.map(|resource| resource.etag.to_string());
    let fits = |list: &str| match &etag {
        Some(etag) => list.trim() == "*" || names(list, etag),
        None => false,
    };
    if call.header("if-match").is_some_and(|wanted| !fits(wanted)) {
        return Err(not_met("If-Match"));
    }
    if call.header("if-none-match").is_some_and(fits) {
        return Err(not_met("If-None-Match"));
    }
    Ok(())
}

fn not_met(header: &str) -> Refused {
    let message = format!("The condition in the header '{header}' does not fit the current resource.");
    answer::refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", &message)
}

/// Returns whether a list of quoted tags contains `etag`.
fn names(list: &str, etag: &str) -> bool {
    list.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == etag)
}
