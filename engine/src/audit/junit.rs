//! Writes an audit as JUnit XML: a test case for each rule that nothing breaks, and one for each finding.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{AuditReport, AuditRule, Finding, Rules};

/// Returns the report as JUnit XML.
#[must_use]
pub fn junit(report: &AuditReport, rules: &Rules) -> String {
    let mut suite = TestSuite::new(report.runbook.as_str());
    for rule in rules.iter() {
        let mut found = report.findings.iter().filter(|finding| finding.rule == rule.id).peekable();
        if found.peek().is_none() {
            let mut case = TestCase::new(rule.title, TestCaseStatus::success());
            case.set_classname(rule.id);
            suite.add_test_case(case);
        }
        suite.add_test_cases(found.map(|finding| case(finding, rule)));
    }
    let mut whole = Report::new("arcbook audit");
    whole.add_test_suite(suite);
    // Writing to memory cannot fail: the crate leaves out the characters that XML cannot hold.
    whole.to_string().unwrap_or_default()
}

fn case(finding: &Finding, rule: &AuditRule) -> TestCase {
    let place = format!("{}:{}", finding.range.filename, finding.range.start.line);
    let mut status = if finding.counts() {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    let reason = match (&finding.allowed, finding.in_baseline) {
        (Some(allowed), _) => format!("allowed: {}", allowed.reason),
        (None, true) => "in the baseline".to_owned(),
        (None, false) => finding.message.clone(),
    };
    status.set_message(reason).set_type(finding.level.as_str());
    status.set_description(format!("{place}: {}\n{}", finding.message, rule.remedy));
    let mut case = TestCase::new(format!("{} ({place})", finding.message), status);
    case.set_classname(rule.id);
    case
}
