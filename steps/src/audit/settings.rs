//! The rule about settings of resources, which every reader of the resource sees.

use arcbook_engine::audit::{AuditRule, Found, Level, Subject};
use arcbook_engine::plan::SecretPath;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "secret-in-setting",
    level: Level::Error,
    title: "a secret becomes a setting that readers of a resource see",
    explanation: "Whoever may read the server sees its tags, the scripts and the parameters of its run commands, and the settings \
        of its extensions; so do inventories and activity logs.",
    prevents: "Passwords in the tags and the command histories of a fleet (CWE-312; SOC 2 CC6.1).",
    remedy: "use `protected_parameters` or `protected_settings`, or let the script read the secret from a vault",
    check,
}];

/// The arguments whose values readers of the resource see, by step type.
const READABLE: [(&str, &[&str]); 4] = [
    ("arc_run_command", &["script", "parameters"]),
    ("arc_extension", &["settings"]),
    ("resource_tags", &["tags"]),
    ("arc_connect", &["tags"]),
];

fn check(subject: &Subject<'_>) -> Vec<Found> {
    subject.secret_ends(|view, path: &SecretPath| {
        let argument = path.end.argument.as_deref()?.split(['.', '[']).next()?;
        let is_readable = |(ty, arguments): &(&str, &[&str])| {
            *ty == &*view.step.type_name.value && arguments.contains(&argument)
        };
        READABLE.iter().any(is_readable).then(|| {
            format!("a secret of {} becomes a setting that readers of the resource see", path.source.origin)
        })
    })
}
