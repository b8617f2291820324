//! Prevents core dumps, because the memory of the process contains secrets.

/// Disables core dumps, and access to the memory of the process for everyone but root.
///
/// This is best effort: if the system refuses, the program runs nevertheless.
pub fn forbid() {
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
}
