//! The operating system of this host.

/// The names of the host and of its system; what the system does not tell is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// The name of the host.
    pub host: Option<String>,
    /// The name and edition of Windows; Linux keeps its own in a file, which is not read here.
    pub product: Option<String>,
    /// The name and release of the kernel.
    pub kernel: Option<String>,
}

/// Describes this host.
#[cfg(unix)]
#[must_use]
pub fn here() -> System {
    let names = rustix::system::uname();
    let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
    System {
        host: Some(text(names.nodename())).filter(|host| !host.is_empty()),
        product: None,
        kernel: Some(format!("{} {}", text(names.sysname()), text(names.release()))),
    }
}

/// Describes this host.
#[cfg(windows)]
#[must_use]
pub fn here() -> System {
    let version = crate::windows::system::version();
    System {
        host: crate::windows::system::host(),
        product: crate::windows::system::product(version),
        kernel: version.map(|(major, minor, build)| format!("Windows NT {major}.{minor}.{build}")),
    }
}

/// Returns the name and version of a system in a file in the format of os-release(5).
#[must_use]
pub fn product_in(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.trim_start().strip_prefix("PRETTY_NAME="))?.trim();
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the size of the main memory in bytes; none if the system does not tell.
#[cfg(unix)]
#[must_use]
pub fn memory() -> Option<u64> {
    let facts = rustix::system::sysinfo();
    let memory = facts.totalram.saturating_mul(u64::from(facts.mem_unit));
    (memory > 0).then_some(memory)
}

/// Returns the size of the main memory in bytes; none if the system does not tell.
#[cfg(windows)]
#[must_use]
pub fn memory() -> Option<u64> {
    crate::windows::system::memory()
}

/// Prevents that the memory of this process, which contains secrets, is written to a dump when the process crashes.
///
/// This is best effort: if the system refuses, the program runs nevertheless.
pub fn forbid_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // The limit does not apply to core dumps that are piped to a program, as with systemd.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    #[cfg(windows)]
    crate::windows::system::forbid_error_reports();
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
            assert_eq!(product_in(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn this_host_has_memory() {
        assert!(memory().expect("known") > 1 << 20);
    }
}
