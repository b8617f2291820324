//! Wrong options, for people and for tools.

use serde_json::Value as Json;

use crate::support::Place;

/// Every command, with an option that none has; and options that are wrong in other ways.
const CASES: [&[&str]; 23] = [
    &["init", "-nope"],
    &["validate", "-nope"],
    &["fmt", "-nope"],
    &["plan", "-nope"],
    &["run", "-nope"],
    &["apply", "-nope"],
    &["console", "-nope"],
    &["undo", "-nope"],
    &["diff", "-nope"],
    &["graph", "-nope"],
    &["export", "-nope"],
    &["lab", "-nope"],
    &["explain", "-nope"],
    &["token", "-nope"],
    &["runs", "-nope"],
    &["show", "-nope"],
    &["verify", "-nope"],
    &["completions", "-nope"],
    &["rnu"],
    &["run", "-parallelism", "0"],
    &["run", "-timeout", "soon"],
    &["run", "-fault", "keyvault:429"],
    &["plan", "-var"],
];

#[test]
fn tools_are_told_in_json_on_standard_output() {
    for typed in CASES {
        for typed in [[typed, &["-json"]].concat(), [&["-json"], typed].concat()] {
            // An option that wants a value takes the next word, whatever it is.
            if typed.ends_with(&["-var", "-json"]) {
                continue;
            }
            let ran = Place::new().run(&typed);
            assert_eq!((ran.code, ran.err.as_str()), (Some(3), ""), "{typed:?}: {}", ran.seen());
            let object: Json = serde_json::from_str(&ran.out).expect("one JSON object");
            let found = match object.get("diagnostics") {
                Some(all) => {
                    assert_eq!(object["valid"], false, "{typed:?}");
                    &all[0]
                }
                None => &object["diagnostic"],
            };
            assert_eq!(found["code"], "invalid-option", "{typed:?}: {}", ran.seen());
            assert_eq!(found["severity"], "error", "{typed:?}");
            let summary = found["summary"].as_str().expect("a summary");
            assert!(!summary.is_empty() && !summary.starts_with("error"), "{typed:?}: {summary}");
            assert!(found["help"][0].is_string(), "{typed:?}: {}", ran.seen());
        }
    }
}

#[test]
fn what_was_asked_for_by_mistake_is_shown_to_people_as_before() {
    let ran = Place::new().run(&["plan", "-nope"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{}", ran.seen());
    assert!(ran.err.starts_with("error: unexpected argument '-nope' found"), "{}", ran.seen());
    let literal = Place::new().run(&["plan", "-nope", "--", "-json"]);
    assert!(literal.err.starts_with("error: unexpected"), "{}", literal.seen());
    let nothing = Place::new().run(&["-json"]);
    assert!(nothing.out.contains("no command is given"), "{}", nothing.seen());
}

/// A value with a typo around it may be a secret.
#[test]
fn a_value_is_not_quoted_to_tools_either() {
    for typed in [&["run", "-var", "pw", "=", "hunter2"][..], &["run", "-pw=hunter2"]] {
        let ran = Place::new().run(&[typed, &["-json"]].concat());
        assert!(!ran.seen().contains("hunter2"), "{}", ran.seen());
    }
}
