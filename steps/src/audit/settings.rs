//! The rule about settings of resources, which every reader of the resource sees.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::plan::{Place, SecretPath};
use arcbook_engine::step::Sink;
use arcbook_engine::value::{Data, Value};

use super::sent::sent;
use super::written::{is_true, member, members};
use crate::cloud::Service;
use crate::declared::{element_path, is_write_only, name_of};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "secret-in-setting",
    level: Level::Error,
    title: "a secret becomes a setting or a name that others see",
    explanation: "Whoever may read a resource sees its tags and its body; the template and the parameters of a deployment, unless \
        the template declares a parameter as `secureString` or `secureObject`; the scripts and the parameters of run commands, and \
        the settings of extensions. So do inventories and activity logs. A secret in the `body` of `arm_resource` counts unless Azure \
        never returns its attribute: passwords, and the paths in `write_only`. Every user of a machine sees the names of its files.",
    prevents: "Passwords in the tags and the command histories of a fleet (CWE-312; SOC 2 CC6.1).",
    remedy: "use `protected_parameters`, `protected_settings`, `sensitive_body` or a parameter of a secure type, or let the script \
        read the secret from a vault",
    check,
}];

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let ends = subject.secret_ends(|view, path: &SecretPath| {
        let origin = path.source.origin.as_str();
        if matches!(path.end.place, Place::Path { .. }) {
            return Some(format!("a secret of {origin} becomes a name that every user of the machine sees"));
        }
        let argument = path.end.argument.as_deref()?.split(['.', '[']).next()?;
        let field = view.step.step_type.schema().argument(argument)?;
        let is_shown = field.sink == Sink::Setting && is_shown(view, argument, origin);
        is_shown.then(|| format!("a secret of {origin} becomes a setting that readers of the resource see"))
    });
    ends.into_iter().chain(tags(subject)).collect()
}

/// Finds secrets in tags, which readers of a resource see wherever they are written.
fn tags(subject: &Subject<'_>) -> Vec<Found> {
    let message = "a secret becomes a tag, which readers of the resource see";
    let mut found = Vec::new();
    for view in subject.steps_of("arm_resource").filter(|view| !is_true(view.argument("absent"))) {
        let secret = view.argument("sensitive_body");
        if secret
            .and_then(|body| member(body, &["tags"]))
            .is_some_and(|tags| tags.children().next().is_some())
        {
            found.push(view.found("sensitive_body", message));
        }
    }
    for one in sent(subject).into_iter().filter(|one| one.gives && one.service == Some(Service::Arm)) {
        let tags = one.body.as_ref().and_then(|body| member(body, &["tags"]));
        // Nobody can tell which part of a text is the secret.
        let is_secret = one.body.as_ref().is_some_and(Value::is_marked);
        if tags.is_some_and(|tags| is_secret || tags.has_deep_marks()) {
            found.push(one.view.found(one.argument, message));
        }
    }
    found
}

/// Returns true if readers see a secret in an argument that becomes a setting: some parts of some settings are never returned.
fn is_shown(view: &StepView<'_>, argument: &str, origin: &str) -> bool {
    let Some(value) = view.argument(argument) else { return true };
    match (view.step.step_type.schema().name, argument) {
        ("arm_resource", "body") => {
            let own = view.argument("write_only");
            let is_own = |path: &str| {
                let mut paths = own.into_iter().flat_map(Value::children).filter_map(Value::as_str);
                paths.any(|own| own.eq_ignore_ascii_case(path))
            };
            let is_tag = |path: &str| path.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("tags."));
            let is_kept = |path: &str| !is_tag(path) && (is_write_only(path) || is_own(path));
            !is_true(view.argument("absent")) && shows(value, "", origin, &is_kept)
        }
        ("arm_deployment", "parameters" | "sensitive_parameters") => {
            let template = view.argument("template");
            let read = template.and_then(Value::as_str).and_then(|text| Value::parse_json(text).ok());
            let is_secure = |name: &str| {
                let declared = read.as_ref().or(template);
                let ty = declared.and_then(|declared| member(declared, &["parameters", name, "type"]));
                ty.and_then(Value::as_str).is_some_and(|ty| ty.to_ascii_lowercase().starts_with("secure"))
            };
            shows(value, "", origin, &|path| is_secure(path.split(['.', '[']).next().unwrap_or(path)))
        }
        _ => true,
    }
}

/// Returns true if a value holds a secret elsewhere than in the parts that are kept.
fn shows(value: &Value, path: &str, origin: &str, is_kept: &impl Fn(&str) -> bool) -> bool {
    let holds = |value: &Value| value.deep_marks().origins().any(|own| own == origin);
    if !holds(value) || is_kept(path) {
        return false;
    }
    // A secret object is its members.
    let inner = |inner: &Value, path: String| {
        let marked = inner.clone().with_marks(value.marks());
        shows(&marked, &path, origin, is_kept)
    };
    match value.data() {
        Data::Object(entries) | Data::Map(_, entries) if !entries.is_empty() => {
            members(value).any(|(name, one)| {
                inner(one, if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
            })
        }
        Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) if !all.is_empty() => {
            let are_named = all.iter().all(|one| name_of(one).is_some());
            all.iter().enumerate().any(|(at, one)| inner(one, element_path(path, at, one, are_named)))
        }
        _ => true,
    }
}
