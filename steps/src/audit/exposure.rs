//! Rules about resources that everybody reaches.

use arcbook_engine::audit::{AuditRule, Found, Level, Subject};
use arcbook_engine::value::{Data, Value};

use super::written::{Written, is_true, of_type, written};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "public-access",
        level: Level::Error,
        title: "a resource lets the public in",
        explanation: "Anonymous access to blobs (`allowBlobPublicAccess`, or `publicAccess` of a container), or a storage account, a \
            vault or a server of PostgreSQL that every network reaches (`publicNetworkAccess` without rules that deny by default, or \
            `defaultAction = \"Allow\"`), whether `arm_resource` writes it, a request of `http` or a template.",
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

/// Returns true if a value is false, or its text.
fn is_false(value: &Value) -> bool {
    match value.data() {
        Data::Bool(found) => !found,
        Data::String(text) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

fn is_word(values: &[&Value], words: &[&str]) -> bool {
    let is_one = |word: &str| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted));
    values.iter().any(|value| value.as_str().is_some_and(is_one))
}

fn public(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for one in written(subject) {
        let at = |path: &[&str]| one.at(&[&["properties"], path].concat());
        let message = if NETWORKED.contains(&one.kind.as_str()) {
            let denies = is_word(&at(&["networkAcls", "defaultAction"]), &["Deny"]);
            let is_open = is_word(&at(&["networkAcls", "defaultAction"]), &["Allow"])
                || is_word(&at(&["publicNetworkAccess"]), &["Enabled"]) && !denies
                || is_word(&at(&["network", "publicNetworkAccess"]), &["Enabled"]);
            let is_anonymous = at(&["allowBlobPublicAccess"]).into_iter().any(|value| is_true(Some(value)));
            match (is_anonymous, is_open) {
                (true, _) => Some("anonymous access to blobs is allowed"),
                (false, true) => Some("every network reaches the resource"),
                (false, false) => None,
            }
        } else {
            let is_container = one.kind == "microsoft.storage/storageaccounts/blobservices/containers";
            let is_public = is_container && is_word(&at(&["publicAccess"]), &["Blob", "Container"]);
            is_public.then_some("anonymous access to the container")
        };
        found.extend(message.map(|message| one.view.found(one.argument, message)));
    }
    found
}

fn old_tls(subject: &Subject<'_>) -> Vec<Found> {
    let found = |one: Written<'_>| {
        let at = |name: &str| one.at(&["properties", name]);
        let is_old = at("supportsHttpsTrafficOnly").into_iter().any(is_false)
            || is_word(&at("minimumTlsVersion"), &["TLS1_0", "TLS1_1"]);
        is_old.then(|| {
            one.view.found(one.argument, "connections without TLS, or with an old version, are accepted")
        })
    };
    of_type(subject, NETWORKED[0]).into_iter().filter_map(found).collect()
}
