//! Rules about resources that everybody reaches.

use std::net::Ipv4Addr;

use arcbook_engine::audit::{AuditRule, Found, Level, Subject};
use arcbook_engine::value::{Data, Value};

use super::written::{Written, is_true, of_type, written};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "public-access",
        level: Level::Error,
        title: "a resource lets the public in",
        explanation: "Anonymous access to blobs (`allowBlobPublicAccess`, or `publicAccess` of a container), a resource that every \
            network reaches (`publicNetworkAccess` without rules that deny by default, or `defaultAction = \"Allow\"`), or a \
            firewall rule of a server for 16 million addresses or more, or for all of Azure (0.0.0.0). Whatever writes it counts: \
            `arm_resource`, a request of `http`, or a template. Web sites, gateways and networks are public on purpose.",
        prevents: "Data found by scanning the Internet (SOC 2 CC6.6; ISO 27001 A.8.20).",
        remedy: "set `allowBlobPublicAccess = false`, `publicNetworkAccess = \"Disabled\"` or `networkAcls.defaultAction = \"Deny\"`, \
            and list the addresses that a firewall lets in",
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

/// The type of storage accounts.
const ACCOUNTS: &str = "microsoft.storage/storageaccounts";

/// The providers whose resources serve the public, or only tell how others are reached.
const ON_PURPOSE: [&str; 8] = [
    "microsoft.apimanagement/",
    "microsoft.app/",
    "microsoft.cdn/",
    "microsoft.hybridcompute/",
    "microsoft.insights/",
    "microsoft.network/",
    "microsoft.signalrservice/",
    "microsoft.web/",
];

/// The least number of addresses of a firewall rule that lets the public in.
const MANY: u32 = 1 << 24;

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
    let found = |one: Written<'_>| {
        let at = |path: &[&str]| one.at(&[&["properties"], path].concat());
        let is_container = one.kind == format!("{ACCOUNTS}/blobservices/containers");
        let message = if at(&["allowBlobPublicAccess"]).into_iter().any(|value| is_true(Some(value))) {
            "anonymous access to blobs is allowed"
        } else if is_container && is_word(&at(&["publicAccess"]), &["Blob", "Container"]) {
            "anonymous access to the container"
        } else if is_open(&one) {
            "every network reaches the resource"
        } else {
            admits(&at(&["startIpAddress"]), &at(&["endIpAddress"]))
                .or_else(|| admits(&at(&["startIP"]), &at(&["endIP"])))?
        };
        Some(one.view.found(one.argument, message))
    };
    written(subject).into_iter().filter_map(found).collect()
}

/// Returns true if every network reaches a resource that is not made for that.
fn is_open(one: &Written<'_>) -> bool {
    let at = |path: &[&str]| one.at(&[&["properties"], path].concat());
    let rules = ["networkAcls", "networkRuleSet", "networkRuleSets"];
    let default = |word| rules.iter().any(|name| is_word(&at(&[name, "defaultAction"]), &[word]));
    let is_public = !ON_PURPOSE.iter().any(|provider| one.kind.starts_with(provider));
    let is_enabled = is_word(&at(&["publicNetworkAccess"]), &["Enabled"]);
    let is_server = is_word(&at(&["network", "publicNetworkAccess"]), &["Enabled"]);
    let endpoint = at(&["publicDataEndpointEnabled"]).into_iter().any(|value| is_true(Some(value)));
    is_public && (default("Allow") || is_enabled && !default("Deny") || is_server || endpoint)
}

/// Returns the words for a firewall rule that admits the public; none if it does not, or nobody can see its addresses.
fn admits(start: &[&Value], end: &[&Value]) -> Option<&'static str> {
    let address = |values: &[&Value]| {
        let text = values.first().and_then(|value| value.as_str())?;
        text.trim().parse::<Ipv4Addr>().ok().map(u32::from)
    };
    match (address(start)?, address(end)?) {
        // <https://learn.microsoft.com/azure/azure-sql/database/firewall-configure#connections-from-inside-azure>
        (0, 0) => Some("whoever has a machine in Azure reaches the server"),
        (start, end) if end.checked_sub(start)? >= MANY - 1 => {
            Some("nearly every network reaches the server")
        }
        _ => None,
    }
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
    of_type(subject, ACCOUNTS).into_iter().filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_rule_admits_the_public_by_its_addresses() {
        for (start, end, expected) in [
            ("0.0.0.0", "255.255.255.255", true),
            ("0.0.0.0", "127.255.255.255", true),
            ("10.0.0.0", "10.255.255.255", true),
            ("0.0.0.0", "0.0.0.0", true),
            ("20.0.0.0", "20.0.255.255", false),
            ("203.0.113.7", "203.0.113.7", false),
            ("9.0.0.0", "1.0.0.0", false),
            ("[parameters('start')]", "255.255.255.255", false),
        ] {
            let (first, last) = (Value::from(start), Value::from(end));
            assert_eq!(admits(&[&first], &[&last]).is_some(), expected, "{start} to {end}");
        }
    }
}
