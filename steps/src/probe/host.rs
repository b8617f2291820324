//! Facts about this computer.

use std::io;
use std::path::Path;

use arcbook_engine::source::read_plain;
use arcbook_os::disk::{self, Space};
use arcbook_os::{account, groups, system};

use crate::os::Os;

/// The size limit of a system file, in bytes: a thousand times the usual size.
const LARGEST: u64 = 4 << 20;

/// Facts about this computer and the account that runs this process; what the system does not tell is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostFacts {
    pub name: Option<String>,
    pub os: Os,
    /// The name and version of the system, such as `Debian GNU/Linux 12 (bookworm)`.
    pub product: Option<String>,
    /// The name and release of the kernel.
    pub kernel: Option<String>,
    /// The account.
    pub user: Option<String>,
    /// True if the account is root, or an administrator whose rights are in effect.
    pub is_elevated: bool,
    /// The names of the groups in effect for this process.
    pub groups: Vec<String>,
    /// The names of the groups whose list of members has the account: it may have joined them after its login.
    pub listed: Vec<String>,
    /// The size of the main memory, in bytes.
    pub memory: Option<u64>,
}

impl HostFacts {
    /// Reads the facts. Blocks.
    pub fn read() -> Self {
        let [accounts, all] = ["/etc/passwd", "/etc/group"].map(|path| text(path).unwrap_or_default());
        let account = account::of_process(|number| account::name_in(&accounts, number));
        let release = || ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| text(path));
        let system::System { host, product, kernel } = system::here();
        let listed = account.name.as_deref().map(|name| account::groups_of(&all, name));
        Self {
            listed: listed.unwrap_or_default(),
            name: host,
            os: Os::HERE,
            product: product.or_else(|| system::product_in(&release()?)),
            kernel,
            user: account.name,
            is_elevated: account.is_administrator,
            groups: groups::of_process(|number| account::name_in(&all, number)),
            memory: system::memory(),
        }
    }
}

/// Returns the space of the file system with `path`, or of the one that it would be on. Blocks.
pub(crate) fn space(path: &Path) -> io::Result<Space> {
    match (disk::space(path), path.parent()) {
        (Err(error), Some(parent))
            if error.kind() == io::ErrorKind::NotFound && !parent.as_os_str().is_empty() =>
        {
            space(parent)
        }
        (found, _) => found,
    }
}

/// Reads a small file of the system; none if it cannot be read.
fn text(path: &str) -> Option<String> {
    let bytes = read_plain(Path::new(path), LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_missing_has_the_space_of_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        let (own, missing) = (space(directory.path()), space(&directory.path().join("a/b/c")));
        assert_eq!(own.unwrap().size, missing.unwrap().size);
        assert!(space(Path::new("not/here")).is_err());
    }

    #[test]
    fn this_computer_is_known() {
        let facts = HostFacts::read();
        assert!(facts.name.is_some() && facts.kernel.is_some() && !facts.groups.is_empty(), "{facts:?}");
    }
}
