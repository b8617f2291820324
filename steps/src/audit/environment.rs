//! Rules about the environment of a runbook.

use arcbook_engine::audit::{AuditRule, Found, Level, Subject};
use arcbook_engine::source::Span;
use arcbook_engine::step::Setting;

use crate::cloud::Cloud;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "unknown-cloud",
    level: Level::Warning,
    title: "the cloud is not one that arcbook knows",
    explanation: "Its endpoints come from its own description: whoever runs it gets the tokens and the secrets of the runbook. Labs \
        and private clouds are such clouds.",
    prevents: "Tokens sent to a host that poses as Azure (MITRE ATT&CK T1557).",
    remedy: "audit with the cloud that the runbook is for, or say whose cloud it is",
    check: cloud,
}];

fn cloud(subject: &Subject<'_>) -> Vec<Found> {
    let name = subject.listing.setting.get(Setting::CLOUD).unwrap_or_default();
    let runbook = subject.runbook();
    if name.is_empty() || Cloud::named(name).is_some() {
        return Vec::new();
    }
    let first = runbook.files.first().map(|file| Span::new(*file, 0..0));
    let place = runbook.settings.header.or(first);
    place.map(|place| Found::at(place, "the cloud is not built in")).into_iter().collect()
}
