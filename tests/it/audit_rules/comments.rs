//! The comments of a runbook that allow a finding.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{audited, report};

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
