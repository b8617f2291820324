//! The file that keeps the lines of earlier sessions.

use std::io;
use std::path::{Path, PathBuf};

use arcbook_os::private;

use crate::state;

/// The file name in the state directory.
const FILE: &str = "console_history";

/// Returns the history file, and creates it with access for the user alone; none if that fails.
pub fn file() -> Option<PathBuf> {
    let path = state::directory()?.join(FILE);
    make(&path).ok().map(|()| path)
}

fn make(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), private::create_directory)?;
    private::Options { create: true, append: true, ..private::Options::default() }.open(path).map(drop)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_reads_it() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state").join(FILE);
        make(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
