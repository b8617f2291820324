//! The comments of a runbook: those that allow a finding, and those that say why a value is no secret.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{audited, broken, report, with_comment};

/// The number of steps of a large runbook, each with a comment.
const MANY: usize = 4_000;

#[test]
fn many_comments_are_matched_in_a_time_that_grows_with_their_number() {
    let mut runbook = String::new();
    for number in 0..MANY {
        let _ = writeln!(
            runbook,
            "step \"exec\" \"_{number}\" {{ argv = [\"sh\", \"-c\", \"true\"] }} # arcbook:allow shell,unchecked-change it is one of many"
        );
    }
    let began = Instant::now();
    let ran = audited(&runbook, &["-fail-on", "note"]);
    assert_eq!(ran.code, Some(0), "{}", &ran.seen()[..2_000]);
    // With a walk over all blocks for each comment, it takes minutes.
    assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
    assert_eq!(report(&ran)["findings"].as_array().map(Vec::len), Some(2 * MANY));
}

#[test]
fn a_comment_holds_inside_of_its_block_alone() {
    let runbook = r#"
# arcbook:allow shell the first is outside
step "exec" "_a" {
  # arcbook:allow unchecked-change it is not the shell
  argv = [
    "sh", "-c", "true",
  ]
  creates = "a"
}
step "exec" "_b" {
  argv    = ["sh", "-c", "true"]
  creates = "b"
}
"#;
    let found = report(&audited(runbook, &[]));
    let findings = found["findings"].as_array().expect("findings").iter();
    let told: Vec<_> = findings
        .map(|finding| (finding["range"]["start"]["line"].as_u64(), finding["allowed"]["reason"].as_str()))
        .collect();
    // The comment about the argument allows nothing.
    assert_eq!(
        told,
        [(Some(4), None), (Some(5), Some("the first is outside")), (Some(11), None)],
        "{found:#}"
    );
}

#[test]
fn a_comment_that_nobody_would_notice_allows_nothing() {
    for comment in [
        "# arcbook:allow shell until:2020-01-01 a migration",
        "# arcbook:allow shell UNTIL=2020-01-01 a migration",
        "# arcbook:allow shell a migration until=2020-01-01",
        "# arcbook:allow shell until=2999-01-01 until=2020-01-01 a migration",
        "# arcbook:allow shell a migration (until 2020-01-01)",
        "# arcbook:allow shell \u{3164}",
        "# arcbook:allow shell \u{3164}\u{3164}\u{3164}",
        "# arcbook:allow shell x",
        "# arcbook: allow shell because",
        "# ARCBOOK:ALLOW shell because",
        "# arcbook:allowed shell because",
        "# arcbook-allow shell because",
        "# arcbook:ignore shell because",
    ] {
        assert_eq!(with_comment(comment), ["suppression-invalid 3", "shell 4", "shell 8"], "{comment}");
    }
    assert_eq!(with_comment("# arcbook allows what is said here"), ["shell 4", "shell 8"]);
    assert_eq!(with_comment("# arcbook:allow shell it ends with the move of 2031-01-01"), ["shell 8"]);
}

#[test]
fn a_release_needs_a_reason_of_its_own() {
    for (comment, expected) in [
        ("", true),
        ("#", true),
        ("/**/", true),
        ("# ---", true),
        ("# \u{3164}\u{3164}", true),
        ("# arcbook:allow secret-not-ephemeral it is an example", true),
        ("# Its length is public.", false),
    ] {
        let beside = format!(
            "variable \"a\" {{ ephemeral = true }}\noutput \"x\" {{\n  value = ephemeralasnull(nonsensitive(var.a)) {comment}\n}}\n"
        );
        let above = format!(
            "variable \"a\" {{ ephemeral = true }}\noutput \"x\" {{\n  {comment}\n  value = ephemeralasnull(nonsensitive(var.a))\n}}\n"
        );
        for runbook in [beside, above] {
            let found = report(&audited(&runbook, &[]));
            assert_eq!(broken(&found).contains("nonsensitive-unexplained"), expected, "{runbook}\n{found:#}");
        }
    }
    // What is said to arcbook does not hide the reason above it.
    let both = "variable \"a\" { ephemeral = true }\noutput \"x\" {\n  # Its length is public.\n  # arcbook:allow shell it is an example\n  value = ephemeralasnull(nonsensitive(var.a))\n}\n";
    let found = report(&audited(both, &[]));
    assert_eq!(found["released"][0]["reason"], "Its length is public.", "{found:#}");
}
