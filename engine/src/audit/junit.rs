//! Writes an audit as JUnit XML: a test case for each rule that nothing breaks, and one for each finding.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::level::Level;
use super::{AuditReport, AuditRule, Finding, Rules};

/// Returns the report as JUnit XML: a finding fails if it is at least of the weight `fail_on`, as the exit code does.
#[must_use]
pub fn junit(report: &AuditReport, rules: &Rules, fail_on: Level) -> String {
    let mut suite = TestSuite::new(report.runbook.as_str());
    for rule in rules.iter() {
        let mut found = report.findings.iter().filter(|finding| finding.rule == rule.id).peekable();
        if found.peek().is_none() {
            let mut case = TestCase::new(rule.title, TestCaseStatus::success());
            case.set_classname(rule.id);
            suite.add_test_case(case);
        }
        suite.add_test_cases(found.map(|finding| case(finding, rule, fail_on)));
    }
    let mut whole = Report::new("arcbook audit");
    whole.add_test_suite(suite);
    // Writing to memory cannot fail: the crate leaves out the characters that XML cannot hold.
    whole.to_string().unwrap_or_default()
}

fn case(finding: &Finding, rule: &AuditRule, fail_on: Level) -> TestCase {
    let place = format!("{}:{}", finding.range.filename, finding.range.start.line);
    let fails = finding.counts() && finding.level >= fail_on;
    let mut status =
        if fails { TestCaseStatus::non_success(NonSuccessKind::Failure) } else { TestCaseStatus::skipped() };
    let reason = match (&finding.allowed, finding.in_baseline) {
        (Some(allowed), _) => format!("allowed: {}", allowed.reason),
        (None, true) => "in the baseline".to_owned(),
        (None, false) if fails => finding.message.clone(),
        (None, false) => format!("below the weight {}: {}", fail_on.as_str(), finding.message),
    };
    status.set_message(reason).set_type(finding.level.as_str());
    status.set_description(format!("{place}: {}\n{}", finding.message, rule.remedy));
    let mut case = TestCase::new(format!("{} ({place})", finding.message), status);
    case.set_classname(rule.id);
    case
}
