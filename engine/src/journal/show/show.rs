//! Puts the parts of a record in order.

use super::{RunView, events, front, requests};
use crate::journal::Journal;
use crate::layout::Page;

/// Returns a record as text for people: the first page, the outputs, and the parts that `view` asks for.
#[must_use]
pub fn show(journal: &Journal, view: &RunView) -> String {
    let mut page = Page::new(view.style);
    front::write(&mut page, journal, view);
    if view.requests {
        requests::write(&mut page, journal);
    }
    if view.events {
        events::write(&mut page, journal);
    }
    page.finish()
}

/// Returns the first page of a record: the result, who acted, the changes, where data went, and the outputs.
#[must_use]
pub fn first_page(journal: &Journal, view: &RunView) -> Page {
    let mut page = Page::new(view.style);
    front::write(&mut page, journal, view);
    page
}
