//! A program together with the processes that it starts.

use std::io;
use std::process::Command;

/// The processes of a program: a process group on Unix, a job object on Windows.
///
/// A process that leaves the group on Unix (`setsid`) is not part of it any more; nothing leaves a job.
#[derive(Debug)]
pub struct ProcessGroup {
    #[cfg(unix)]
    id: rustix::process::Pid,
    #[cfg(windows)]
    job: crate::windows::job::Job,
    #[cfg(windows)]
    leader: u32,
}

#[cfg(unix)]
impl ProcessGroup {
    /// Prepares a command whose program is to lead a group; [`of`](Self::of) must follow its start.
    pub fn prepare(command: &mut Command) {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }

    /// Returns the group that the process with that id leads.
    pub fn of(leader: u32) -> io::Result<Self> {
        let id = i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw);
        Ok(Self { id: id.ok_or(io::ErrorKind::InvalidInput)? })
    }

    /// Asks the processes to end; returns false if they cannot be asked.
    ///
    /// A stopped process continues, so that it gets the signal.
    #[must_use]
    pub fn terminate(&self) -> bool {
        let asked = rustix::process::kill_process_group(self.id, rustix::process::Signal::TERM);
        let _ = rustix::process::kill_process_group(self.id, rustix::process::Signal::CONT);
        asked.is_ok()
    }

    /// Ends the processes at once.
    pub fn kill(&self) {
        let _ = rustix::process::kill_process_group(self.id, rustix::process::Signal::KILL);
    }

    /// Returns true if no process of the group is left; a leader that nobody has waited for counts as one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        rustix::process::test_kill_process_group(self.id).is_err()
    }
}

#[cfg(windows)]
impl ProcessGroup {
    /// Prepares a command whose program is to lead a group; [`of`](Self::of) must follow its start.
    ///
    /// The program starts suspended, so that it is in the group before it can start another one.
    pub fn prepare(command: &mut Command) {
        use windows_sys::Win32::System::Threading::{
            CREATE_DEFAULT_ERROR_MODE, CREATE_NEW_PROCESS_GROUP, CREATE_SUSPENDED,
        };
        // Error reports are disabled for arcbook alone.
        let flags = CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED | CREATE_DEFAULT_ERROR_MODE;
        std::os::windows::process::CommandExt::creation_flags(command, flags);
    }

    /// Puts the process with that id into a new group, and lets it run.
    pub fn of(leader: u32) -> io::Result<Self> {
        let job = crate::windows::job::Job::new()?;
        job.adopt(leader)?;
        crate::windows::job::resume(leader)?;
        Ok(Self { job, leader })
    }

    /// Asks the processes to end, as Ctrl-Break in their console does; returns false if they cannot be asked.
    ///
    /// They can only be asked if this process has a console, which a service has not.
    #[must_use]
    pub fn terminate(&self) -> bool {
        crate::windows::console::send_break(self.leader)
    }

    /// Ends the processes at once.
    pub fn kill(&self) {
        self.job.terminate();
    }

    /// Returns true if no process of the group is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.job.active() == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    /// Returns a command that starts another program, and does not end before that one.
    fn parent() -> Command {
        let words = if cfg!(windows) {
            ["cmd", "/c", "echo started& ping -n 60 127.0.0.1"]
        } else {
            ["sh", "-c", "(echo started; sleep 60); true"]
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    #[test]
    fn a_group_ends_with_all_that_its_program_started() {
        let mut command = parent();
        ProcessGroup::prepare(&mut command);
        let mut child = command.spawn().expect("started");
        let group = ProcessGroup::of(child.id()).expect("a group");
        let mut out = child.stdout.take().expect("piped");
        out.read_exact(&mut [0; 7]).expect("the other program runs");
        assert!(!group.is_empty());
        group.kill();
        // The pipe closes with the last process that has it.
        out.read_to_end(&mut Vec::new()).expect("read");
        assert!(!child.wait().expect("ended").success());
        let deadline = Instant::now() + Duration::from_mins(1);
        while !group.is_empty() {
            assert!(Instant::now() < deadline, "a process is left");
            std::thread::yield_now();
        }
    }
}
