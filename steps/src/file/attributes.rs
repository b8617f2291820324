//! Describes the mode and the ownership of a file.

use std::fs::File;
use std::io;
use std::path::Path;

use super::Trouble;

/// The mode and the ownership that a file gets.
///
/// Windows has neither. There, a file is private (`0600`: only this user, the system and administrators have rights to
/// it), or not, which stands as `0644`: a new one has the permissions that its directory hands down, and a file that takes
/// the place of such a one has its access list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// The permission bits.
    pub mode: u32,
    /// The id of the owner; none for the user that runs arcbook.
    pub user: Option<u32>,
    /// The id of the group; none for that of the user or of the directory.
    pub group: Option<u32>,
}

/// Returns the mode that a file of this system gets for a wanted one.
pub(crate) const fn possible_mode(wanted: u32) -> u32 {
    if cfg!(windows) { windows_mode(wanted) } else { wanted }
}

/// Returns true if a file with the mode `is` is as wanted: it has that mode, or it is private because its directory hands
/// down nothing to others, so that no mode would let them read it.
pub(crate) const fn has_mode(is: u32, wanted: u32, is_in_private_directory: bool) -> bool {
    is == wanted || (is_in_private_directory && is == 0o600)
}

/// Returns the mode that a file with the mode `is` keeps if its content becomes secret: the rights of its owner alone, if
/// others have some.
pub(crate) const fn private_mode(is: u32) -> u32 {
    const OTHERS: u32 = 0o007;
    if is & OTHERS == 0 { is } else { is & 0o700 }
}

/// Returns the mode that a file gets on Windows: without bits for others it is private.
const fn windows_mode(wanted: u32) -> u32 {
    if wanted.trailing_zeros() >= 6 { 0o600 } else { 0o644 }
}

#[cfg(unix)]
impl Attributes {
    /// Sets the attributes of an open file that is going to take the place of `path`.
    pub(super) fn apply_in_place_of(&self, file: &File, _path: &Path) -> Result<(), Trouble> {
        self.apply(file)
    }

    /// Reads the attributes of an open file.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let is = file.metadata()?;
        Ok(Self { mode: is.mode() & 0o7777, user: Some(is.uid()), group: Some(is.gid()) })
    }

    /// Sets the attributes of an open file.
    pub(super) fn apply(&self, file: &File) -> Result<(), Trouble> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

        let is = file.metadata().map_err(Trouble::unwritable)?;
        let user = self.user.filter(|user| *user != is.uid());
        let group = self.group.filter(|group| *group != is.gid());
        if user.is_some() || group.is_some() {
            fchown(file, user, group).map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied => Trouble::Owner,
                _ => Trouble::unwritable(error),
            })?;
        }
        // A change of the owner clears some bits, so the mode follows it.
        file.set_permissions(std::fs::Permissions::from_mode(self.mode)).map_err(Trouble::unwritable)
    }
}

#[cfg(windows)]
impl Attributes {
    /// Sets the attributes of an open file that is going to take the place of `path`, whose access list it gets if both
    /// have the same mode.
    pub(super) fn apply_in_place_of(&self, file: &File, path: &Path) -> Result<(), Trouble> {
        match super::state::open(path) {
            Ok(Some(existing))
                if Self::of(&existing).map_err(Trouble::unreadable)?.mode == windows_mode(self.mode) =>
            {
                arcbook_os::private::copy_permissions(&existing, file).map_err(Trouble::unwritable)
            }
            // A link is replaced, not what it leads to.
            Ok(_) | Err(Trouble::Link) => self.apply(file),
            Err(trouble) => Err(trouble),
        }
    }

    /// Reads the attributes of an open file.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let is_private = arcbook_os::private::is_private(file)?;
        Ok(Self { mode: if is_private { 0o600 } else { 0o644 }, user: None, group: None })
    }

    /// Sets the attributes of an open file.
    pub(super) fn apply(&self, file: &File) -> Result<(), Trouble> {
        let is_private = windows_mode(self.mode) == 0o600;
        arcbook_os::private::set_private(file, is_private).map_err(Trouble::unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_leaves_no_rights_to_others() {
        for (is, expected) in [
            (0o644, 0o600),
            (0o755, 0o700),
            (0o666, 0o600),
            (0o602, 0o600),
            (0o4755, 0o700),
            (0o640, 0o640),
            (0o600, 0o600),
            (0o400, 0o400),
            (0o444, 0o400),
        ] {
            assert_eq!(private_mode(is), expected, "{is:o}");
        }
    }

    #[test]
    fn a_mode_without_bits_for_others_is_private_on_windows() {
        for (wanted, expected) in
            [(0o600, 0o600), (0o400, 0o600), (0o700, 0o600), (0o640, 0o644), (0o644, 0o644), (0o755, 0o644)]
        {
            assert_eq!(windows_mode(wanted), expected, "{wanted:o}");
        }
    }
}
