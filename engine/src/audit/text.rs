//! Writes an audit for people.

use super::level::Level;
use super::{AuditReport, Finding};
use crate::diagnostic::Style;
use crate::layout::{Ink, Page, Row};
use crate::plan::plural;

/// Returns the report as text: each finding that counts with its remedy and its page, then those that a comment allows and the uses of
/// `nonsensitive()`, and the numbers.
#[must_use]
pub fn text(report: &AuditReport, style: Style) -> String {
    let mut page = Page::new(style);
    page.heading(&format!("{} · audit", report.runbook), "nothing was sent");
    write(&mut page, report);
    page.finish()
}

/// Returns the same without a heading, as a part of a report.
#[must_use]
pub fn page(report: &AuditReport) -> Page {
    let mut page = Page::new(Style::default());
    write(&mut page, report);
    page
}

fn write(page: &mut Page, report: &AuditReport) {
    for finding in report.counted() {
        page.gap();
        let ink = Ink::of_symbol(finding.level.as_str());
        page.inked(0, ink, format_args!("{} {}: {}", finding.level.as_str(), finding.rule, finding.message));
        page.line(2, place(finding));
        page.entry(2, ("fix", 3), &finding.remedy);
        page.entry(2, ("see", 3), &finding.page);
    }
    page.gap();
    let allowed = report.findings.iter().filter_map(|finding| {
        let allowed = finding.allowed.as_ref()?;
        let until = allowed.until.as_ref().map(|until| format!(" (until {until})")).unwrap_or_default();
        Some(Row::of([finding.rule.clone(), place(finding), format!("{}{until}", allowed.reason)]))
    });
    page.columns("Allowed", &["rule", "place", "reason"], allowed.collect());
    let released = report.released.iter().map(|release| {
        let place = format!("{}:{}", release.range.filename, release.range.start.line);
        Row::of([place, release.reason.clone().unwrap_or_else(|| "no comment".to_owned())])
    });
    page.columns("Released", &["`nonsensitive()`", "reason"], released.collect());
    page.gap();
    page.line(0, summary(report));
}

/// Returns the place with the address.
fn place(finding: &Finding) -> String {
    let place = format!("{}:{}", finding.range.filename, finding.range.start.line);
    let more = match finding.others.len() {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    match &finding.address {
        Some(address) => format!("{place}, {address}{more}"),
        None => place,
    }
}

/// Returns the numbers in one line.
fn summary(report: &AuditReport) -> String {
    let of = |level| report.counted().filter(|finding| finding.level == level).count();
    let allowed = report.findings.iter().filter(|finding| finding.allowed.is_some()).count();
    let known =
        report.findings.iter().filter(|finding| finding.allowed.is_none() && finding.in_baseline).count();
    let mut counts = vec![
        plural(of(Level::Error), "error"),
        plural(of(Level::Warning), "warning"),
        plural(of(Level::Note), "note"),
    ];
    let further = [(allowed, "allowed"), (known, "in the baseline"), (report.gone, "gone from the baseline")];
    counts.extend(
        further.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")),
    );
    format!("{}.", counts.join(", "))
}
