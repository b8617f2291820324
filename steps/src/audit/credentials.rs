//! Rules about credentials that live long.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::runbook::Identity;
use arcbook_engine::value::{Data, Value};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "long-lived-client-secret",
        level: Level::Warning,
        title: "an application proves itself by a client secret",
        explanation: "A client secret lives for months, works from everywhere, and somebody has to keep it. The machine's managed \
            identity and workload identities have none.",
        prevents: "A leaked secret that works until it expires (SOC 2 CC6.1; ISO 27001 A.5.17).",
        remedy: "use `identity \"managed\"`, `identity \"workload\"` or a certificate; or say where the secret is kept, and who \
            rotates it",
        check: client_secrets,
    },
    AuditRule {
        id: "secret-without-expiry",
        level: Level::Warning,
        title: "a secret of a key vault never expires",
        explanation: "Without `expires_on` nobody is told that the secret is old, and policies about rotation do not see it.",
        prevents: "Passwords of people who left years ago (ISO 27001 A.5.17; Azure Policy: Key Vault secrets should have an \
            expiration date).",
        remedy: "set `expires_on`",
        check: without_expiry,
    },
];

fn client_secrets(subject: &Subject<'_>) -> Vec<Found> {
    let identities = subject.runbooks().flat_map(|runbook| &runbook.identities);
    let is_it = |identity: &&Identity| identity.kind.schema().name == "client_secret";
    let found = |identity: &Identity| {
        let place = identity.typed().place("secret");
        Found::at(place, "an application that proves itself by a secret").about(&*identity.address)
    };
    let mut found: Vec<Found> = identities.filter(is_it).map(found).collect();
    for view in ["arc_connect", "arc_disconnect"].into_iter().flat_map(|name| subject.steps_of(name)) {
        let principal = view.argument("service_principal").map(Value::data);
        let has_secret = match principal {
            Some(Data::Object(entries)) => entries.get("secret").is_some_and(|secret| !secret.is_null()),
            _ => false,
        };
        if has_secret {
            found.push(view.found("service_principal", "an application that proves itself by a secret"));
        }
    }
    found
}

fn without_expiry(subject: &Subject<'_>) -> Vec<Found> {
    let is_it = |view: &StepView<'_>| view.written("expires_on").is_none();
    let found = |view: StepView<'_>| view.found_in_whole("a secret without `expires_on`");
    subject.steps_of("keyvault_secret_set").filter(is_it).map(found).collect()
}
