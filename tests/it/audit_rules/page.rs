//! `docs/rules.md` has a section for each rule, with its own words.

use std::fmt::Write as _;

use arcbook_engine::audit::AuditRule;
use arcbook_steps::audit_rules;

use crate::support::repository;

/// The line before the sections.
const BEGIN: &str = "## Rules\n";

/// Returns the section of a rule.
fn section(rule: &AuditRule) -> String {
    let mut text = format!("### {}\n\n", rule.id);
    let _ = writeln!(text, "**{}**: {}.\n", rule.level.as_str(), rule.title);
    let _ = writeln!(text, "{}\n", rule.explanation);
    let _ = writeln!(text, "- Remedy: {}.", rule.remedy);
    let _ = writeln!(text, "- Prevents: {}", rule.prevents);
    text
}

/// `RULES=write cargo test --test it the_page_of_rules` writes the page.
#[test]
fn the_page_of_rules_has_the_words_of_the_rules() {
    let path = repository().join("docs/rules.md");
    let written = std::fs::read_to_string(&path).expect("the page");
    let (before, _) = written.split_once(BEGIN).expect("its list");
    let sections: Vec<String> = audit_rules().iter().map(section).collect();
    let wanted = format!("{before}{BEGIN}\n{}", sections.join("\n"));
    if std::env::var_os("RULES").is_some_and(|value| value == "write") {
        std::fs::write(&path, &wanted).expect("written");
        return;
    }
    assert_eq!(written, wanted, "run RULES=write cargo test --test it the_page_of_rules");
}

#[test]
fn each_rule_is_written_as_the_others() {
    for rule in audit_rules().iter() {
        let id = rule.id;
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
        assert!(
            rule.title.starts_with(|first: char| first.is_lowercase() || first == '`'),
            "{id}: a title is a phrase"
        );
        assert!(!rule.title.ends_with('.') && !rule.remedy.ends_with('.'), "{id}: a phrase has no full stop");
        assert!(rule.explanation.ends_with('.') && rule.prevents.ends_with('.'), "{id}: whole sentences");
        assert!(!rule.explanation.contains("  "), "{id}: one blank between words");
    }
}
