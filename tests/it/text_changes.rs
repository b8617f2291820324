//! The changed lines of files, in plans and records.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::chain::holds;
use crate::support::Place;

/// Keeps a file with these lines; `more` has further arguments.
fn file(name: &str, content: &str, more: &str) -> String {
    format!("step \"file\" \"{name}\" {{\n  path = \"{name}.conf\"\n  content = {content}\n{more}}}\n")
}

const VARIABLE: &str = "variable \"pw\" {\n  sensitive = true\n  default   = \"canary-5511\"\n}\n\
                        step \"echo\" \"uses\" {\n  input = var.pw\n}\n";

#[test]
fn the_changed_lines_of_a_public_text_are_shown_and_of_no_other_file() {
    let wanted = r#""one\ntwo\n  three: 4\nfour\nfive\nsix\nseven\n""#;
    let steps = [
        file("public", wanted, ""),
        file("private", wanted, ""),
        file("closing", wanted, "  mode = \"0600\"\n"),
        file("secret", "var.pw", ""),
        file("holds", wanted, ""),
        file("bytes", wanted, ""),
    ];
    let place = Place::with(&[VARIABLE.to_owned(), steps.concat()].concat());
    let old = "one\ntwo\n  three: 3\nfour\nfive\nsix\nseven\n";
    for (name, content) in [
        ("public", old),
        ("private", old),
        ("closing", old),
        ("secret", old),
        ("holds", "one\npassword canary-5511\n"),
        ("bytes", "one\n\0two\n"),
    ] {
        place.write(&format!("{name}.conf"), content);
        let mode = if name == "private" { 0o640 } else { 0o644 };
        fs::set_permissions(place.path().join(format!("{name}.conf")), Permissions::from_mode(mode))
            .expect("set");
    }
    let plan = place.run(&["plan", "-live", "-lab", "-verbose"]);
    let lines = "    ~ content = 1 of its lines removed, 1 added:\n        | one\n        | two\n        -   three: 3\n        \
                 +   three: 4\n        | four\n        | five\n        | six\n        | …\n";
    assert!(plan.out.contains(lines), "{}", plan.seen());
    holds(&plan, 0, &["(sensitive value) -> (sensitive value) (private: mode 0640)"]);
    holds(&plan, 0, &["(sensitive value) -> (sensitive value) (the content is sensitive)"]);
    assert_eq!(plan.out.matches("of its lines removed").count(), 1, "{}", plan.seen());
    holds(&place.run(&["run", "-auto-approve"]), 0, &[]);
    let record = place.run(&["show", "-json"]);
    let content = r#"{"attribute":"content","was":{"value":"one\ntwo\n  three: 3\nfour\nfive\nsix\n…\n"}"#;
    assert_eq!(record.out.matches(content).count(), 1, "{}", record.seen());
    assert_eq!(record.out.matches(r#""attribute":"content""#).count(), 1, "{}", record.seen());
    assert!(!record.seen().contains("canary"), "{}", record.seen());
}
