//! The challenge's key files: single-use and short-lived.

use std::collections::VecDeque;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;

/// Time until an unused key expires.
const LIFETIME: Duration = Duration::from_mins(5);

/// Maximum number of unused keys; the oldest is removed first.
const MAX_UNUSED_KEYS: usize = 256;

/// The group whose members may request tokens, on Linux.
const GROUP: &str = "himds";

/// The user who may write to the agent's own directory.
const PRIVILEGED: &str = if cfg!(windows) { "an administrator" } else { "root" };

/// A directory that cannot hold the key files.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The directory does not exist and cannot be created, or is not writable; use more privileges or another
    /// directory.
    #[error("token directory {dir}: {source}; run as {PRIVILEGED} or choose another directory", dir = dir.display())]
    Unusable {
        /// The directory.
        dir: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The path is on a network, or is not ASCII without equals signs and quotes, which the challenge's header
    /// cannot carry.
    #[error("token directory {dir}: clients cannot read this path from a challenge; choose a local one in ASCII without \"=\" and quotes", dir = dir.display())]
    Unnameable {
        /// The directory.
        dir: PathBuf,
    },
}

/// The unused keys, each in its own file.
pub(crate) struct KeyStore {
    dir: PathBuf,
    group: Option<u32>,
    waiting: Mutex<VecDeque<UnusedKey>>,
    /// Removes the directory when the lab is dropped, if the lab created it as a private one.
    _private: Option<TempDir>,
}

struct UnusedKey {
    key: String,
    /// A stale key has a file but cannot be redeemed.
    good: bool,
    path: PathBuf,
    since: Instant,
}

impl KeyStore {
    /// Opens a key store in `dir`, which is created if necessary, or in a private directory.
    pub(crate) fn new(dir: Option<PathBuf>) -> Result<Self, KeyStoreError> {
        let private = match &dir {
            Some(_) => None,
            None => Some(private_dir()?),
        };
        let wanted = match (&private, dir) {
            (Some(private), _) => private.path().to_owned(),
            (None, dir) => dir.unwrap_or_default(),
        };
        let group = group_id();
        let unusable = |source| KeyStoreError::Unusable { dir: wanted.clone(), source };
        if !wanted.exists() {
            make_dir(&wanted, group).map_err(unusable)?;
        }
        // Clients compare the challenge's path with the directory's real one.
        let dir = wanted.canonicalize().map_err(unusable)?;
        let Some(dir) = named(&dir) else { return Err(KeyStoreError::Unnameable { dir }) };
        let store = Self { dir, group, waiting: Mutex::default(), _private: private };
        // An unwritable directory is reported at startup, not at the first challenge.
        store.fresh().map_err(unusable)?;
        store.lock().clear_files();
        Ok(store)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a new key to a new file.
    pub(crate) fn fresh(&self) -> io::Result<PathBuf> {
        self.create(true)
    }

    /// Writes a file whose key is not valid, as if it had been used.
    pub(crate) fn stale(&self) -> io::Result<PathBuf> {
        self.create(false)
    }

    /// Returns the path of a file that does not exist.
    pub(crate) fn absent(&self) -> PathBuf {
        self.dir.join(format!("{}.key", Uuid::new_v4()))
    }

    fn create(&self, good: bool) -> io::Result<PathBuf> {
        let path = self.absent();
        let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        write_key(&path, &key, self.group)?;
        let mut waiting = self.lock();
        let now = Instant::now();
        while waiting.front().is_some_and(|first| first.is_expired(now)) || waiting.len() >= MAX_UNUSED_KEYS {
            if let Some(first) = waiting.pop_front() {
                first.remove_file();
            }
        }
        waiting.push_back(UnusedKey { key, good, path: path.clone(), since: now });
        Ok(path)
    }

    /// Returns whether `key` is a valid unused key, and removes it and its file.
    pub(crate) fn redeem(&self, key: &str) -> bool {
        let mut waiting = self.lock();
        let Some(index) = waiting.iter().position(|waiting| waiting.key == key) else { return false };
        let Some(found) = waiting.remove(index) else { return false };
        found.remove_file();
        found.good && !found.is_expired(Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<UnusedKey>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyStore {
    fn drop(&mut self) {
        self.lock().clear_files();
    }
}

/// Creates a directory in that for temporary files, or in a shared one if no challenge can name the former: on Windows it
/// contains the user's name, such as `Jörg`.
fn private_dir() -> Result<TempDir, KeyStoreError> {
    let usual = std::env::temp_dir();
    let shared = ["ProgramData", "PUBLIC"].map(std::env::var_os).into_iter().flatten().map(PathBuf::from);
    let shared: Vec<PathBuf> =
        if cfg!(windows) { shared.collect() } else { vec!["/tmp".into(), "/var/tmp".into()] };
    let dir = nameable(&usual, &shared);
    TempDir::with_prefix_in("lab-tokens-", dir)
        .map_err(|source| KeyStoreError::Unusable { dir: dir.to_owned(), source })
}

/// Returns the first directory that a challenge can name; else the usual one.
fn nameable<'a>(usual: &'a Path, shared: &'a [PathBuf]) -> &'a Path {
    let can_be_named = |dir: &&Path| dir.canonicalize().is_ok_and(|dir| named(&dir).is_some());
    std::iter::once(usual).chain(shared.iter().map(PathBuf::as_path)).find(can_be_named).unwrap_or(usual)
}

/// Returns the canonical path as a challenge names it; none if it cannot.
fn named(dir: &Path) -> Option<PathBuf> {
    dir.to_str().and_then(in_a_challenge).map(PathBuf::from)
}

trait ClearFiles {
    fn clear_files(&mut self);
}

impl ClearFiles for VecDeque<UnusedKey> {
    fn clear_files(&mut self) {
        self.drain(..).for_each(|waiting| waiting.remove_file());
    }
}

impl UnusedKey {
    fn is_expired(&self, now: Instant) -> bool {
        now.duration_since(self.since) > LIFETIME
    }

    fn remove_file(&self) {
        // A client or a cleaner may have removed it already.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes a key file that only root and the agent's group can read. It has no final newline, since clients
/// send the content unchanged.
fn write_key(path: &Path, key: &str, group: Option<u32>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    let mut file = options.open(path)?;
    give_to_group(path, group);
    file.write_all(key.as_bytes())
}

fn make_dir(dir: &Path, group: Option<u32>) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    #[cfg(unix)]
    fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o750))?;
    give_to_group(dir, group);
    Ok(())
}

/// Gives the file to the agent's group. Without permission to do so, the owner alone can read it, which
/// suffices for a private lab.
#[cfg(unix)]
fn give_to_group(path: &Path, group: Option<u32>) {
    if group.is_some() {
        let _ = std::os::unix::fs::chown(path, None, group);
    }
}

#[cfg(not(unix))]
fn give_to_group(_path: &Path, _group: Option<u32>) {}

/// Returns a canonical path as the agent writes it in a challenge; none if clients cannot read it there.
///
/// On Windows a canonical path is `\\?\C:\…`, which clients refuse as they do `\\server\share`.
fn in_a_challenge(canonical: &str) -> Option<&str> {
    let path = match canonical.strip_prefix(r"\\?\") {
        Some(local) if local.get(1..).is_some_and(|rest| rest.starts_with(r":\")) => local,
        _ => canonical,
    };
    let is_carried = |byte: u8| matches!(byte, b' '..=b'~') && !b"=\"'".contains(&byte);
    (!path.starts_with(r"\\") && path.bytes().all(is_carried)).then_some(path)
}

/// Returns the id of the agent's group, if the machine has that group. Windows has no such file.
fn group_id() -> Option<u32> {
    if !cfg!(unix) {
        return None;
    }
    let groups = fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == GROUP).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_works_once_and_its_file_is_removed() {
        let store = KeyStore::new(None).unwrap();
        let path = store.fresh().unwrap();
        let key = fs::read_to_string(&path).unwrap();
        assert!(!key.contains('\n') && path.parent() == Some(store.dir()));
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o640);
        }
        assert!(!store.redeem("something else"));
        assert!(store.redeem(&key));
        assert!(!path.exists());
        assert!(!store.redeem(&key));
    }

    #[test]
    fn a_directory_that_no_challenge_can_name_is_not_used() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            let dir = place.path().join(name);
            fs::create_dir_all(&dir).unwrap();
            dir
        };
        let none = place.path().join("none");
        for (usual, shared, expected) in [
            (at("ann"), vec![at("shared")], at("ann")),
            (at("Jörg"), vec![at("shared")], at("shared")),
            (at("O'Brien"), vec![none.clone(), at("a=b"), at("shared")], at("shared")),
            (at("Jörg"), vec![none], at("Jörg")),
        ] {
            assert_eq!(nameable(&usual, &shared), expected, "{}", usual.display());
        }
    }

    #[test]
    fn a_stale_key_never_works() {
        let store = KeyStore::new(None).unwrap();
        let path = store.stale().unwrap();
        assert!(!store.redeem(&fs::read_to_string(&path).unwrap()));
        assert!(!store.absent().exists());
    }

    #[test]
    fn unused_keys_do_not_accumulate() {
        let store = KeyStore::new(None).unwrap();
        let first = store.fresh().unwrap();
        for _ in 0..MAX_UNUSED_KEYS {
            store.fresh().unwrap();
        }
        assert!(!first.exists());
        assert_eq!(fs::read_dir(store.dir()).unwrap().count(), MAX_UNUSED_KEYS);
        let dir = store.dir().to_owned();
        drop(store);
        assert!(!dir.exists());
    }

    #[test]
    fn a_challenge_names_a_local_path_without_a_prefix() {
        for (canonical, expected) in [
            ("/var/opt/azcmagent/tokens", Some("/var/opt/azcmagent/tokens")),
            ("/a b/c", Some("/a b/c")),
            (r"\\?\C:\ProgramData\Tokens", Some(r"C:\ProgramData\Tokens")),
            (r"C:\ProgramData\Tokens", Some(r"C:\ProgramData\Tokens")),
            (r"\\?\UNC\server\share\Tokens", None),
            (r"\\server\share\Tokens", None),
            (r"\\?\Volume{0}\Tokens", None),
            (r"\\.\C:\Tokens", None),
            (r"\\?\é:\Tokens", None),
            (r"\\?\C:\Users\Jörg", None),
            (r"\\?\C:\Users\O'Brien", None),
            ("/a=b", None),
            ("/a\"b", None),
            ("/a\nb", None),
            ("/a\u{7f}b", None),
        ] {
            assert_eq!(in_a_challenge(canonical), expected, "{canonical}");
        }
    }

    #[test]
    fn a_given_directory_stays_and_its_keys_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("agent").join("tokens");
        let store = KeyStore::new(Some(dir.clone())).unwrap();
        store.fresh().unwrap();
        drop(store);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
        let odd = parent.path().join("a=b");
        assert!(matches!(KeyStore::new(Some(odd)), Err(KeyStoreError::Unnameable { .. })));
    }
}
