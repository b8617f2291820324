//! The operating system of this host.

use std::path::Path;

use arcbook_engine::source::read_plain;

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
        || ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| pretty_name(&read(path)?));
    System { host, os: product.or_else(release), kernel }
}

/// Reads a small file of the system; none if it cannot be read.
pub fn read(path: &str) -> Option<String> {
    let bytes = read_plain(Path::new(path), LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the name in a file in the format of os-release(5).
fn pretty_name(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim_start().strip_prefix("PRETTY_NAME="))?.trim();
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_system_is_unquoted() {
        let cases = [
            ("NAME=\"Ubuntu\"\nPRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\n", Some("Ubuntu 24.04.1 LTS")),
            ("PRETTY_NAME='Alpine'\n", Some("Alpine")),
            ("PRETTY_NAME=Arch\r\n", Some("Arch")),
            ("PRETTY_NAME=\"\"\n", None),
            ("NAME=x\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(pretty_name(text).as_deref(), expected, "{text:?}");
        }
    }
}
