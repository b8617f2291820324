//! The page of findings.

use std::collections::BTreeMap;

use arcbook_engine::diagnostic::Style;
use arcbook_engine::layout::{Ink, Page, Row};
use arcbook_steps::doctor::{Finding, Status};

use crate::progress::plural;

/// The verdicts in the order in which they are counted.
const ALL: [Status; 4] = [Status::Ok, Status::Warning, Status::Error, Status::Skipped];

/// Returns the number of findings of each verdict, by its word.
pub fn count(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let of = |status| findings.iter().filter(|finding| finding.status == status).count();
    ALL.into_iter().map(|status| (status.word(), of(status))).collect()
}

/// Returns the page of findings: each in a row, then the problems with their remedies. `redact` removes
/// secrets from a text.
pub fn page(findings: &[Finding], title: &str, style: Style, redact: impl Fn(&str) -> String) -> String {
    let mut page = Page::new(style);
    page.heading(&redact(title), "nothing was changed");
    page.gap();
    let rows: Vec<Row> = findings.iter().map(|finding| row(finding, &redact)).collect();
    page.table("", &rows);
    for finding in findings.iter().filter(|finding| matches!(finding.status, Status::Error | Status::Warning))
    {
        page.gap();
        problem(&mut page, finding, &redact);
    }
    page.gap();
    page.line(0, summary(findings));
    page.finish()
}

fn row(finding: &Finding, redact: impl Fn(&str) -> String) -> Row {
    let cells = vec![finding.id.to_owned(), redact(&told(finding))];
    Row { symbol: finding.status.word(), cells }
}

/// Returns the finding in one line, with its subject unless the finding names it.
fn told(finding: &Finding) -> String {
    let is_named = |subject: &&String| {
        let host = subject.split(':').next().unwrap_or_default();
        finding.summary.contains(if host.is_empty() { subject } else { host })
    };
    match finding.subject.as_ref().filter(|subject| !is_named(subject)) {
        Some(subject) => format!("{subject}: {}", finding.summary),
        None => finding.summary.clone(),
    }
}

fn problem(page: &mut Page, finding: &Finding, redact: impl Fn(&str) -> String) {
    let word = finding.status.word();
    page.inked(0, Ink::of_symbol(word), redact(&format!("{word} {}: {}", finding.id, told(finding))));
    if let Some(detail) = &finding.detail {
        page.prose(&redact(detail));
    }
    for remedy in &finding.remedies {
        page.entry(2, ("fix", 3), redact(remedy));
    }
}

fn summary(findings: &[Finding]) -> String {
    let of = |status| findings.iter().filter(|finding| finding.status == status).count();
    let counted = [
        format!("{} ok", of(Status::Ok)),
        plural(of(Status::Warning), "warning"),
        plural(of(Status::Error), "error"),
        format!("{} skipped", of(Status::Skipped)),
    ];
    format!("{}.", counted.join(", "))
}
