//! Reads the files that steps copy.

use std::io;
use std::path::Path;

use arcbook_engine::source::open_plain;
use arcbook_engine::step::{Arg, ErrorKind, Form, Part, StepError, Text};
use bytes::Bytes;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// The maximum size of a file that is held in memory, in bytes.
pub(crate) const LONGEST: u64 = 256 * 1024 * 1024;

/// Returns the path of a file that an argument names, with the parts that are known.
///
/// An unknown part stays inside its folder, unless the path starts with it.
pub(crate) fn path(argument: &Arg<String>) -> Text {
    match argument {
        Arg::Partial(path) if matches!(path.parts().first(), Some(Part::Unknown(_))) => path.clone(),
        Arg::Partial(path) => path.encoded(str::to_owned, Form::Segment),
        argument => Text::new().then_arg(argument, Clone::clone),
    }
}

/// Returns true unless a path certainly names no file.
pub(crate) fn names_a_file(path: &str) -> bool {
    !path.contains('\0') && !matches!(path.rsplit('/').next(), Some("" | "." | ".."))
}

/// Reads all bytes of the file at `path`.
pub(crate) async fn read(path: &Path) -> Result<Bytes, StepError> {
    let mut content = Vec::new();
    let file = open(path).await?;
    let read = file.take(LONGEST + 1).read_to_end(&mut content).await;
    read.map_err(|error| unreadable(path, &error))?;
    if content.len() as u64 > LONGEST {
        return Err(too_long(path));
    }
    Ok(content.into())
}

/// Opens the file at `path`, which must be a regular file of at most [`LONGEST`] bytes.
async fn open(path: &Path) -> Result<File, StepError> {
    let failed = |error: io::Error| unreadable(path, &error);
    let place = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || open_plain(&place)).await;
    let file = File::from_std(opened.map_err(io::Error::other).and_then(|opened| opened).map_err(failed)?);
    let metadata = file.metadata().await.map_err(failed)?;
    if metadata.len() > LONGEST {
        return Err(too_long(path));
    }
    Ok(file)
}

fn too_long(path: &Path) -> StepError {
    unusable(path, "The file is held in memory, but it is larger than 256 MiB.")
}

fn unusable(path: &Path, reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, format!("{} cannot be read", path.display()))
        .detail(reason)
        .argument("source")
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> StepError {
    if matches!(error.kind(), io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput) {
        return unusable(path, "It is not a plain file.");
    }
    let failed = StepError::new(ErrorKind::Local, format!("{} cannot be read", path.display()))
        .detail(format!("{error}."))
        .argument("source");
    match error.kind() {
        io::ErrorKind::NotFound => {
            failed.help("check the path; a relative one starts at the directory of the runbook")
        }
        io::ErrorKind::PermissionDenied => {
            failed.help("give the user that runs arcbook read access to the file")
        }
        _ => failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_plain_files_of_bounded_size_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let (small, large) = (dir.path().join("small"), dir.path().join("large"));
        std::fs::write(&small, "hosts").unwrap();
        std::fs::File::create(&large).unwrap().set_len(LONGEST + 1).unwrap();
        assert_eq!(read(&small).await.unwrap(), "hosts");
        for (path, expected) in [
            (large.as_path(), "256 MiB"),
            (dir.path(), "not a plain file"),
            (&dir.path().join("none"), "(os error 2)"),
        ] {
            let error = read(path).await.unwrap_err();
            assert!(error.why().unwrap().contains(expected), "{error:?}");
            assert_eq!(error.about(), Some("source"));
        }
    }
}
