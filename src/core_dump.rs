//! What stays of the process when it dies: nothing, for its memory is full of secrets.

/// Lets no core dump be written, and nobody but root look into the memory of the process.
///
/// That is best effort: where the system refuses, the program runs all the same.
pub fn forbid() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // A core dump that goes to a program, as with systemd, is not held to the limit.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
