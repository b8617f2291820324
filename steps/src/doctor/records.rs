//! The directories into which runs write.

use std::path::{Path, PathBuf};

use arcbook_os::access::may_write;

use super::Finding;
use super::examination::Examination;
use crate::probe::space;

const DIRECTORY: &str = "records.directory";
const SPACE: &str = "records.space";

/// The free space below which a run cannot be recorded, in bytes.
const LEAST: u64 = 16 << 20;

/// The free space below which there should be more, in bytes.
const SPARSE: u64 = 256 << 20;

/// Checks each directory. Nothing is written.
pub(super) async fn check(it: &mut Examination<'_>) {
    for directory in it.case.directories.clone() {
        let shown = directory.display().to_string();
        let found = tokio::task::spawn_blocking(move || (writable(&directory), free(&directory))).await;
        if let Ok((writable, free)) = found {
            it.add(writable.about(shown.as_str()));
            it.add(free.about(shown));
        }
    }
}

/// Judges the right to write into a directory, or to make it.
fn writable(directory: &Path) -> Finding {
    let there = existing(directory);
    let is_there = there == directory;
    let failed = |reason: String| {
        Finding::error(DIRECTORY, "cannot be written into")
            .detail(format!("{}: {reason}.", there.display()))
            .remedy("choose another directory: -journal DIR or ARCBOOK_JOURNAL")
            .remedy("or give the user that runs arcbook the right to write there")
    };
    if !there.is_dir() {
        return failed("it is no directory".to_owned());
    }
    match may_write(&there) {
        None => Finding::skipped(DIRECTORY, "Windows tells only who tries: the first run will"),
        Some(Err(error)) => failed(error.to_string()),
        Some(Ok(())) if is_there => Finding::ok(DIRECTORY, "can be written into"),
        Some(Ok(())) => Finding::ok(DIRECTORY, format!("can be made in {}", there.display())),
    }
}

fn free(directory: &Path) -> Finding {
    let free = match space(&existing(directory)) {
        Ok(space) => space.free,
        Err(error) => return Finding::skipped(SPACE, format!("the system does not tell: {error}")),
    };
    let summary = format!("{} free", size(free));
    let remedy = "free some space, or choose a directory elsewhere: -journal DIR or ARCBOOK_JOURNAL";
    if free < LEAST {
        Finding::error(SPACE, summary).remedy(remedy)
    } else if free < SPARSE {
        Finding::warning(SPACE, summary).remedy(remedy)
    } else {
        Finding::ok(SPACE, summary)
    }
}

/// Returns the nearest path that exists; it may be no directory.
fn existing(directory: &Path) -> PathBuf {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let found = absolute.ancestors().find(|path| path.symlink_metadata().is_ok()).map(Path::to_owned);
    match found {
        // The path as it was given is easier to recognize.
        Some(found) if found == absolute => directory.to_owned(),
        Some(found) => found,
        None => directory.to_owned(),
    }
}

/// Describes a number of bytes.
fn size(bytes: u64) -> String {
    match bytes {
        ..0x10_0000 => format!("{} KiB", bytes >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_directory_that_is_missing_is_made_in_the_one_above() {
        let top = tempfile::tempdir().unwrap();
        let file = top.path().join("file");
        std::fs::write(&file, "").unwrap();
        for (path, status, expected) in [
            (top.path().to_owned(), Status::Ok, "can be written into"),
            (top.path().join("a/b"), Status::Ok, "can be made in"),
            (file.clone(), Status::Error, "cannot be written into"),
            (file.join("a"), Status::Error, "cannot be written into"),
        ] {
            let finding = writable(&path);
            // Windows does not tell about directories.
            let is_unknown = cfg!(windows) && status == Status::Ok;
            assert!(is_unknown || finding.status == status, "{finding:?}");
            assert!(is_unknown || finding.summary.contains(expected), "{finding:?}");
        }
        assert_ne!(free(top.path()).status, Status::Skipped);
    }
}
