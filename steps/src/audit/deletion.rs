//! The rule about deployments that delete.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::value::Value;

use super::written::{Written, written};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "deletes-undeclared",
    level: Level::Warning,
    title: "a deployment deletes resources that its template does not declare",
    explanation: "In mode `complete` Azure deletes every resource of the resource group that the template does not declare, also \
        those that others made there. A deployment stack with `actionOnUnmanage = \"delete\"` deletes what its template no longer \
        declares. Without `-live`, a plan lists none of them.",
    prevents: "Loss of the databases and vaults of a resource group through a template that is too short (SOC 2 A1.2; \
        ISO 27001 A.8.32).",
    remedy: "use `mode = \"incremental\"` (or `detach`), and delete resources by name with `arm_resource` and `absent`",
    check,
}];

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let may_be = |value: &Value, word: &str| {
        value.as_str().map_or(value.is_unknown(), |text| text.eq_ignore_ascii_case(word))
    };
    let own = subject.steps_of("arm_deployment").filter_map(|view: StepView<'_>| {
        let mode = view.argument("mode").filter(|mode| may_be(mode, "complete"))?;
        let may = if mode.is_unknown() { "may delete" } else { "deletes" };
        Some(view.found("mode", format!("the deployment {may} every resource that it does not declare")))
    });
    let others = written(subject).into_iter().filter(Written::is_deployment).filter_map(|one| {
        let is_complete = one.at(&["properties", "mode"]).iter().any(|mode| may_be(mode, "complete"));
        let unmanaged = one.at(&["properties", "actionOnUnmanage"]);
        let may_delete =
            |all: &Value| all.is_unknown() || all.children().any(|action| may_be(action, "delete"));
        let deletes = is_complete || unmanaged.into_iter().any(may_delete);
        let message = "the deployment may delete resources that it does not declare";
        deletes.then(|| one.view.found(one.argument, message))
    });
    own.chain(others).collect()
}
