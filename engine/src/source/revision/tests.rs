//! Revisions of a real repository.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::*;

/// Runs git in `directory`, without the settings of the user.
fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    // In a hook of git these name another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    command.arg("-C").arg(directory).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
    command.args(["-c", "commit.gpgsign=false"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns a repository whose commit has files, links and a submodule, and whose working tree has none.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    git(directory.path(), &["init", "--quiet"]);
    std::fs::create_dir_all(at("book/deep")).unwrap();
    for (name, content) in [("book/a", "first\n"), ("book/deep/b", "b"), ("book/large", "123456789")] {
        std::fs::write(at(name), content).unwrap();
    }
    std::fs::write(at("book/.gitattributes"), "a text eol=crlf filter=evil diff=evil\n").unwrap();
    for (target, link) in [
        ("deep", "inner"),
        ("inner/b", "twice"),
        ("../..", "outside"),
        ("/etc/hostname", "absolute"),
        ("loop", "loop"),
        ("none", "broken"),
    ] {
        symlink(target, at("book").join(link)).unwrap();
    }
    git(directory.path(), &["add", "."]);
    let id = "1111111111111111111111111111111111111111";
    git(directory.path(), &["update-index", "--add", "--cacheinfo", &format!("160000,{id},book/sub")]);
    git(directory.path(), &["commit", "--quiet", "-m", "one"]);
    git(directory.path(), &["tag", "one"]);
    std::fs::remove_dir_all(at("book")).unwrap();
    directory
}

#[test]
fn files_that_were_committed_are_read() {
    let directory = repository();
    let at = |name: &str| directory.path().join("book").join(name);
    let marker = directory.path().join("ran");
    let program = format!("touch {}", marker.display());
    for setting in ["filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"] {
        git(directory.path(), &["config", setting, &program]);
    }
    let files = Revision::open("one", &at("")).unwrap();
    assert_eq!(files.commit().len(), 40);
    let read = |name: &str| {
        let read = files.read(&at(name), 8).map_err(|error| error.kind());
        read.map(|bytes| String::from_utf8(bytes).unwrap())
    };
    for (name, expected) in [
        ("a", Ok("first\n")),
        ("deep/../a", Ok("first\n")),
        ("deep/b", Ok("b")),
        ("inner/b", Ok("b")),
        ("twice", Ok("b")),
        ("large", Err(ErrorKind::FileTooLarge)),
        ("a", Ok("first\n")),
        ("deep", Err(ErrorKind::IsADirectory)),
        ("none", Err(ErrorKind::NotFound)),
        ("broken", Err(ErrorKind::NotFound)),
        ("a/b", Err(ErrorKind::NotADirectory)),
        ("loop", Err(ErrorKind::Other)),
        ("outside/x", Err(ErrorKind::Unsupported)),
        ("absolute", Err(ErrorKind::Unsupported)),
        ("sub", Err(ErrorKind::Unsupported)),
        ("sub/x", Err(ErrorKind::Unsupported)),
        ("/etc/hostname", Err(ErrorKind::Unsupported)),
        ("../../x", Err(ErrorKind::Unsupported)),
    ] {
        assert_eq!(read(name), expected.map(str::to_owned), "{name}");
    }
    assert!(!marker.exists(), "git ran a program that the repository names");
}

#[test]
fn a_refusal_names_the_link_or_the_submodule() {
    let directory = repository();
    let files = Revision::open("one", directory.path()).unwrap();
    let refusal = |name: &str| files.read(&directory.path().join(name), 8).unwrap_err().to_string();
    assert_eq!(refusal("book/sub/x"), "`book/sub` is a submodule, whose files are elsewhere");
    assert_eq!(refusal("book/absolute"), "the symbolic link `book/absolute` is an absolute path");
    assert_eq!(refusal("book/outside"), "it leads out of the repository");
}

#[test]
fn directories_are_listed() {
    let directory = repository();
    let files = Revision::open("HEAD", &directory.path().join("book/none")).unwrap();
    let at = |name: &str| directory.path().join("book").join(name);
    assert_eq!(files.list(&at("inner"), 9).unwrap(), ["b"]);
    assert_eq!(files.list(&at(""), 3).unwrap().len(), 3);
    assert_eq!(files.kind(&at("inner")).unwrap(), FileKind::Directory);
    assert_eq!(files.kind(&at("twice")).unwrap(), FileKind::Regular);
    assert!(files.canonical(&at("twice")).unwrap().ends_with("book/deep/b"));
    assert_eq!(files.list(&at("a"), 9).unwrap_err().kind(), ErrorKind::NotADirectory);
}

#[test]
fn a_repository_is_found_through_a_link() {
    let directory = repository();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link");
    symlink(directory.path(), &link).unwrap();
    let files = Revision::open("one", &link.join("book")).unwrap();
    assert_eq!(files.read(&link.join("book/deep/b"), 8).unwrap(), b"b");
    assert_eq!(files.read(&directory.path().join("book/deep/b"), 8).unwrap(), b"b");
    git(directory.path(), &["config", "core.worktree", &elsewhere.path().display().to_string()]);
    let error =
        Revision::open("one", directory.path()).map(|files| files.kind(&directory.path().join("book")));
    assert!(!matches!(error, Ok(Ok(_))), "the working tree is elsewhere: {error:?}");
}

#[test]
fn what_is_no_revision_is_refused() {
    let directory = repository();
    for revision in ["none", "", "-h", "--all", "one:book", "HEAD~1"] {
        let error = Revision::open(revision, directory.path()).unwrap_err();
        assert!(matches!(error, RevisionError::NoCommit { .. }), "{revision}: {error:?}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let error = Revision::open("HEAD", elsewhere.path()).unwrap_err();
    assert!(matches!(error, RevisionError::NoRepository { .. }), "{error:?}");
}
