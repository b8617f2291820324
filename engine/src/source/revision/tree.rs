//! Holds the names of the files in a revision.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::unsupported;

/// The size limit of the target of a symbolic link, in bytes.
pub const LONGEST_LINK: u64 = 1 << 12;

/// The number of symbolic links that a path may lead through, which ends cycles.
const MOST_LINKS: usize = 40;

/// A file of a revision.
#[derive(Debug)]
pub enum Entry {
    /// A directory.
    Directory(BTreeMap<OsString, Entry>),
    /// A regular file, by the name of its blob.
    File(String),
    /// A symbolic link, by the name of the blob with its target.
    Link(String),
    /// A commit of another repository.
    Submodule,
}

/// All files of a revision.
#[derive(Debug)]
pub struct Tree {
    root: Entry,
}

impl Tree {
    /// Reads the output of `git ls-tree -r -z`; none if it is malformed.
    pub fn parse(listing: &[u8]) -> Option<Self> {
        let mut root = Entry::Directory(BTreeMap::new());
        for line in listing.split(|&byte| byte == 0).filter(|line| !line.is_empty()) {
            let tab = line.iter().position(|&byte| byte == b'\t')?;
            let mut facts = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
            let (mode, _, id) = (facts.next()?, facts.next()?, facts.next()?);
            let entry = match mode {
                "120000" => Entry::Link(id.to_owned()),
                "160000" => Entry::Submodule,
                _ => Entry::File(id.to_owned()),
            };
            root.insert(Path::new(&os_string(&line[tab + 1..])), entry)?;
        }
        Some(Self { root })
    }

    /// Returns the file at a path from the root, which is neither a link nor a submodule, and its path without
    /// links. `read` returns the target of a link.
    ///
    /// A link out of the repository and a submodule are errors that name them, so that nothing that the
    /// working tree may have is taken to be missing.
    pub fn find(
        &self,
        path: &Path,
        read: impl Fn(&str) -> io::Result<Vec<u8>>,
    ) -> io::Result<(&Entry, PathBuf)> {
        let mut way = vec![(&self.root, OsString::new())];
        let mut rest: Vec<OsString> = parts(path);
        let mut links = 0;
        while let Some(name) = rest.pop() {
            if name == ".." {
                way.pop();
                continue;
            }
            let here = || way.iter().skip(1).map(|(_, name)| name).chain([&name]).collect::<PathBuf>();
            let Some((Entry::Directory(entries), _)) = way.last() else {
                return match way.last() {
                    Some(_) => Err(ErrorKind::NotADirectory.into()),
                    None => Err(unsupported("it leads out of the repository".to_owned())),
                };
            };
            match entries.get(&name).ok_or(ErrorKind::NotFound)? {
                Entry::Submodule => {
                    let here = here().display().to_string();
                    return Err(unsupported(format!("`{here}` is a submodule, whose files are elsewhere")));
                }
                Entry::Link(id) => {
                    links += 1;
                    let target = PathBuf::from(os_string(&read(id)?));
                    if links > MOST_LINKS {
                        let here = here().display().to_string();
                        return Err(io::Error::other(format!("the symbolic link `{here}` leads to itself")));
                    }
                    if target.is_absolute() {
                        let here = here().display().to_string();
                        return Err(unsupported(format!("the symbolic link `{here}` is an absolute path")));
                    }
                    rest.extend(parts(&target));
                }
                entry => way.push((entry, name)),
            }
        }
        match way.last() {
            Some((entry, _)) => {
                let place = way.iter().skip(1).map(|(_, name)| name).collect();
                Ok((entry, place))
            }
            None => Err(unsupported("it leads out of the repository".to_owned())),
        }
    }
}

impl Entry {
    /// Adds an entry at a path; none if the path is not plain.
    fn insert(&mut self, path: &Path, entry: Self) -> Option<()> {
        let mut at = self;
        for component in path.components() {
            let Component::Normal(name) = component else { return None };
            if !matches!(at, Self::Directory(_)) {
                *at = Self::Directory(BTreeMap::new());
            }
            let Self::Directory(entries) = at else { return None };
            at = entries.entry(name.to_owned()).or_insert_with(|| Self::Directory(BTreeMap::new()));
        }
        *at = entry;
        Some(())
    }
}

/// Returns the components of a relative path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().rev().filter(|component| *component != Component::CurDir);
    parts.map(|component| component.as_os_str().to_owned()).collect()
}

/// Returns bytes from git as the name of a file.
#[cfg(unix)]
pub fn os_string(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

/// Returns bytes from git, which are UTF-8, as the name of a file.
#[cfg(not(unix))]
pub fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
