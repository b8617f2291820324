//! Describes the mode and the ownership of a file.

use std::fs::File;
use std::io;

use super::Trouble;

/// The mode and the ownership that a file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// The permission bits.
    pub mode: u32,
    /// The id of the owner; none for the user that runs arcbook.
    pub user: Option<u32>,
    /// The id of the group; none for that of the user or of the directory.
    pub group: Option<u32>,
}

impl Attributes {
    /// Sets the attributes of an open file.
    #[cfg(unix)]
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

    /// Keeps the attributes, since this system has others.
    #[cfg(not(unix))]
    pub(super) fn apply(&self, _file: &File) -> Result<(), Trouble> {
        Ok(())
    }
}
