//! Warns about JMESPath queries that rarely mean what they say.

use crate::diagnostic::{Diagnostic, Severity};
use crate::expression::{odd_query, query_messages};
use crate::runbook::Query;
use crate::runbook::queries::queries;

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for extract in view.runbook.steps.iter().flat_map(|step| &step.extract) {
        if let Query::Constant(query) = &extract.query {
            let written = view.sources.text(extract.span);
            // Without escapes, the text is what stands between the quotes.
            let text = if written.contains(['\\', '$', '%']) { "" } else { written.trim_matches('"') };
            found.extend(query.hints().iter().map(|hint| odd_query(hint, text, extract.span)));
        }
    }
    for (text, span) in queries(view.runbook).texts {
        let messages = query_messages(&text, span);
        found.extend(messages.into_iter().filter(|message| message.severity == Severity::Warning));
    }
    found
}
