//! Tells which process holds the lock of a directory.

use std::path::Path;

/// A process that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockHolder {
    /// The process ID.
    pub process: u32,
    /// The name of its program, which it may choose itself; none if the system does not tell.
    pub program: Option<String>,
    /// The name of its user, or the number; none if the system does not tell.
    pub user: Option<String>,
}

impl LockHolder {
    /// Returns the process that holds the lock of the directory at `path`; none if the system does not tell, as no
    /// other one than Linux does.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let process = process(path)?;
        let (program, user) = facts(process);
        Some(Self { process, program, user })
    }
}

#[cfg(target_os = "linux")]
fn process(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = path.metadata().ok()?;
    let (major, minor) = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
    let file = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
    process_in(&std::fs::read_to_string("/proc/locks").ok()?, &file)
}

#[cfg(not(target_os = "linux"))]
fn process(_path: &Path) -> Option<u32> {
    None
}

/// Returns the process that holds a lock of `file` in a list in the format of `/proc/locks`.
///
/// A waiting process has an arrow before its kind; one that cannot be seen from here has the number 0.
#[cfg(any(target_os = "linux", test))]
fn process_in(locks: &str, file: &str) -> Option<u32> {
    let holder = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, process, held, ..] = fields.as_slice() else { return None };
        process.parse().ok().filter(|process| *held == file && *process > 0)
    };
    locks.lines().find_map(holder)
}

/// Returns the program and the user of a process.
#[cfg(unix)]
fn facts(process: u32) -> (Option<String>, Option<String>) {
    use std::os::unix::fs::MetadataExt as _;

    let directory = Path::new("/proc").join(process.to_string());
    let program = std::fs::read(directory.join("comm")).ok();
    let program = program.map(|name| String::from_utf8_lossy(&name).trim_end().to_owned());
    let user = directory.metadata().ok().map(|metadata| {
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        crate::account::name_in(&accounts, metadata.uid()).unwrap_or_else(|| metadata.uid().to_string())
    });
    (program.filter(|program| !program.is_empty()), user)
}

#[cfg(windows)]
fn facts(_process: u32) -> (Option<String>, Option<String>) {
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_among_other_locks() {
        let locks = "1: POSIX  ADVISORY  WRITE 7 fd:01:42 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 8 fd:02:42 0 EOF\n\
                     3: FLOCK  ADVISORY  READ  9 fd:01:42 0 EOF\n\
                     3: -> FLOCK  ADVISORY  WRITE 10 fd:01:42 0 EOF\n\
                     4: FLOCK  ADVISORY  WRITE 0 fd:01:43 0 EOF\n\
                     5: cut";
        for (file, process) in
            [("fd:01:42", Some(9)), ("fd:02:42", Some(8)), ("fd:01:43", None), ("fd:01:4", None), ("", None)]
        {
            assert_eq!(process_in(locks, file), process, "{file}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_named_as_long_as_it_holds_a_lock() {
        let place = tempfile::tempdir().expect("a directory");
        let lock = crate::lock::DirectoryLock::acquire(place.path()).expect("free");
        let holder = LockHolder::of(place.path()).expect("it is told");
        assert_eq!(holder.process, std::process::id());
        assert!(holder.program.is_some() && holder.user.is_some(), "{holder:?}");
        drop(lock);
        assert_eq!(LockHolder::of(place.path()), None);
    }
}
