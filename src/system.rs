//! The operating system of this host.

use std::path::Path;

use arcbook_engine::source::read_plain;
use arcbook_os::system::product_in;

/// The size limit of a system file, in bytes: a thousand times the usual size.
const LARGEST: u64 = 4 << 20;

/// The operating system of a host.
#[derive(Debug, Default)]
pub struct System {
    /// The name of the host.
    pub host: Option<String>,
    /// The name and version of the operating system.
    pub os: Option<String>,
    /// The name and release of the kernel.
    pub kernel: Option<String>,
}

/// Describes the operating system of this host.
pub fn here() -> System {
    let arcbook_os::system::System { host, product, kernel } = arcbook_os::system::here();
    let release =
        || ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| product_in(&read(path)?));
    System { host, os: product.or_else(release), kernel }
}

/// Reads a small file of the system; none if it cannot be read.
pub fn read(path: &str) -> Option<String> {
    let bytes = read_plain(Path::new(path), LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
