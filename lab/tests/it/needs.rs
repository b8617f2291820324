//! What a test needs of the machine, beside Rust.

use std::io::Write as _;

/// Says that `test` cannot be done here, loudly; where nothing may be missing, which is where `CI` is set, it fails.
pub fn cannot(test: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test} cannot be done here: {why}");
    // Not through a macro, whose words the test harness would keep to itself.
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: {why} ***\n");
}
