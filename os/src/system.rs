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
