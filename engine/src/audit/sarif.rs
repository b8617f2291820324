//! Writes an audit as SARIF 2.1.0.
//!
//! The format is an OASIS standard: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{AuditReport, AuditRule, Finding, Rules};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Returns the report as SARIF 2.1.0. With a baseline, each result says whether it is new.
#[must_use]
pub fn sarif(report: &AuditReport, rules: &Rules, has_baseline: bool) -> Json {
    let results: Vec<Json> =
        report.findings.iter().map(|finding| result(finding, rules, has_baseline)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "arcbook",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn descriptor(rule: &AuditRule) -> Json {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": { "text": sentence(rule.title) },
        "fullDescription": { "text": rule.explanation },
        "help": { "text": format!("{} Prevents: {}", sentence(rule.remedy), rule.prevents) },
        "helpUri": rule.page(),
        "defaultConfiguration": { "level": rule.level.as_str() },
    });
    // A name must differ from the id in more than the case.
    if rule.id.contains('-') {
        descriptor["name"] = rule.id.split('-').map(capital).collect::<String>().into();
    }
    descriptor
}

fn result(finding: &Finding, rules: &Rules, has_baseline: bool) -> Json {
    let (start, end) = (&finding.range.start, &finding.range.end);
    let mut result = json!({
        "ruleId": finding.rule,
        "level": finding.level.as_str(),
        "message": { "text": sentence(&finding.message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.range.filename) },
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
            },
        }],
        "partialFingerprints": { "arcbook/v1": finding.fingerprint, "arcbookBlock/v1": finding.content },
    });
    if let Some(index) = rules.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = index.into();
    }
    if let Some(address) = &finding.address {
        result["locations"][0]["logicalLocations"] = json!([{ "fullyQualifiedName": address }]);
    }
    if let Some(allowed) = &finding.allowed {
        result["suppressions"] =
            json!([{ "kind": "inSource", "status": "accepted", "justification": allowed.reason }]);
    }
    if has_baseline {
        result["baselineState"] = if finding.in_baseline { "unchanged" } else { "new" }.into();
    }
    result
}

/// Returns a phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let text = capital(phrase);
    if text.ends_with('.') { text } else { format!("{text}.") }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns a path as a relative reference, as RFC 3986 writes it.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri(r"a\b c/é.hcl"), "a/b%20c/%C3%A9.hcl");
    }
}
