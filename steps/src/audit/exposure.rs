//! Rules about resources that everybody reaches.

use arcbook_engine::audit::{AuditRule, Found, Level, StepView, Subject};
use arcbook_engine::value::{Data, Value};

use super::rights::{member, resources};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "public-access",
        level: Level::Error,
        title: "a resource lets the public in",
        explanation: "Anonymous access to blobs (`allowBlobPublicAccess`, or `publicAccess` of a container), or a storage account, a \
            vault or a server of PostgreSQL that every network reaches (`publicNetworkAccess` without rules that deny by default, or \
            `defaultAction = \"Allow\"`).",
        prevents: "Data found by scanning the Internet (SOC 2 CC6.6; ISO 27001 A.8.20).",
        remedy: "set `allowBlobPublicAccess = false`, `publicNetworkAccess = \"Disabled\"` or `networkAcls.defaultAction = \"Deny\"`",
        check: public,
    },
    AuditRule {
        id: "old-tls",
        level: Level::Error,
        title: "a resource accepts connections without TLS, or with an old version",
        explanation: "`supportsHttpsTrafficOnly = false`, or `minimumTlsVersion` below 1.2, of a storage account.",
        prevents: "Data and tokens read on the network (ISO 27001 A.8.24).",
        remedy: "set `supportsHttpsTrafficOnly = true` and `minimumTlsVersion = \"TLS1_2\"`",
        check: old_tls,
    },
];

/// The types of resources with a network of their own.
const NETWORKED: [&str; 3] = [
    "microsoft.storage/storageaccounts",
    "microsoft.keyvault/vaults",
    "microsoft.dbforpostgresql/flexibleservers",
];

fn is_bool(value: Option<&Value>, wanted: bool) -> bool {
    value.is_some_and(|value| matches!(value.data(), Data::Bool(found) if *found == wanted))
}

fn is_word(value: Option<&Value>, words: &[&str]) -> bool {
    let word = value.and_then(Value::as_str);
    word.is_some_and(|word| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted)))
}

fn public(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for kind in NETWORKED {
        for (view, body) in resources(subject, kind) {
            let at = |path: &[&str]| member(body, &[&["properties"], path].concat());
            let denies = is_word(at(&["networkAcls", "defaultAction"]), &["Deny"]);
            let is_open = is_word(at(&["networkAcls", "defaultAction"]), &["Allow"])
                || is_word(at(&["publicNetworkAccess"]), &["Enabled"]) && !denies
                || is_word(at(&["network", "publicNetworkAccess"]), &["Enabled"]);
            if is_bool(at(&["allowBlobPublicAccess"]), true) {
                found.push(view.found("body", "anonymous access to blobs is allowed"));
            } else if is_open {
                found.push(view.found("body", "every network reaches the resource"));
            }
        }
    }
    let containers = resources(subject, "microsoft.storage/storageaccounts/blobservices/containers");
    found.extend(containers.filter_map(|(view, body): (StepView<'_>, &Value)| {
        let access = member(body, &["properties", "publicAccess"]);
        is_word(access, &["Blob", "Container"])
            .then(|| view.found("body", "anonymous access to the container"))
    }));
    found
}

fn old_tls(subject: &Subject<'_>) -> Vec<Found> {
    let found = |(view, body): (StepView<'_>, &Value)| {
        let at = |name: &str| member(body, &["properties", name]);
        let is_old = is_bool(at("supportsHttpsTrafficOnly"), false)
            || is_word(at("minimumTlsVersion"), &["TLS1_0", "TLS1_1"]);
        is_old.then(|| view.found("body", "connections without TLS, or with an old version, are accepted"))
    };
    resources(subject, NETWORKED[0]).filter_map(found).collect()
}
