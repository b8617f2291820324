//! Handling of tests whose external programs are missing.

use std::io::Write as _;

/// Reports `test` as skipped on standard error; fails if `CI` is set, where nothing may be missing.
pub fn skip(test: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test} cannot be done here: {why}");
    // Written directly, since the test harness captures the output of `eprintln!`.
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: {why} ***\n");
}
