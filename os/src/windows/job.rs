//! Job objects: processes with all that they start.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION,
    JobObjectBasicAccountingInformation, QueryInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, OpenThread, PROCESS_SET_QUOTA, PROCESS_TERMINATE, ResumeThread, THREAD_SUSPEND_RESUME,
};

use super::check;

/// The exit code of the processes that [`Job::terminate`] ends.
const TERMINATED: u32 = 1;

/// A job; its processes go on when it is dropped.
#[derive(Debug)]
pub(crate) struct Job(OwnedHandle);

impl Job {
    /// Creates a job without processes.
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null.
        owned(unsafe { CreateJobObjectW(null(), null()) }).map(Self)
    }

    /// Adds a process: from now on, those that it starts belong to the job too.
    pub(crate) fn adopt(&self, process: u32) -> io::Result<()> {
        // SAFETY: the call has no pointer.
        let process = owned(unsafe { OpenProcess(PROCESS_SET_QUOTA | PROCESS_TERMINATE, 0, process) })?;
        // SAFETY: both handles are open.
        check(unsafe { AssignProcessToJobObject(self.0.as_raw_handle(), process.as_raw_handle()) })
    }

    /// Ends all processes.
    pub(crate) fn terminate(&self) {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.0.as_raw_handle(), TERMINATED) };
    }

    /// Returns the number of processes that have not ended.
    pub(crate) fn active(&self) -> Option<u32> {
        let mut facts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        // SAFETY: the handle is open, and the structure has the given length.
        let answered = check(unsafe {
            QueryInformationJobObject(
                self.0.as_raw_handle(),
                JobObjectBasicAccountingInformation,
                (&raw mut facts).cast(),
                size_of::<JOBOBJECT_BASIC_ACCOUNTING_INFORMATION>() as u32,
                null_mut(),
            )
        });
        answered.ok().map(|()| facts.ActiveProcesses)
    }
}

/// Lets a process run that was started suspended.
pub(crate) fn resume(process: u32) -> io::Result<()> {
    // SAFETY: the call has no pointer.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) };
    let snapshot = owned(if snapshot == INVALID_HANDLE_VALUE { null_mut() } else { snapshot })?;
    let mut entry = THREADENTRY32 { dwSize: size_of::<THREADENTRY32>() as u32, ..THREADENTRY32::default() };
    // SAFETY: the handle is open, and the structure knows its own length.
    let mut more = unsafe { Thread32First(snapshot.as_raw_handle(), &raw mut entry) };
    let mut is_resumed = false;
    while more != 0 {
        if entry.th32OwnerProcessID == process {
            // SAFETY: the call has no pointer.
            let thread = owned(unsafe { OpenThread(THREAD_SUSPEND_RESUME, 0, entry.th32ThreadID) })?;
            // SAFETY: the handle is open.
            is_resumed |= unsafe { ResumeThread(thread.as_raw_handle()) } != u32::MAX;
        }
        // SAFETY: as above.
        more = unsafe { Thread32Next(snapshot.as_raw_handle(), &raw mut entry) };
    }
    if is_resumed { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Takes over a handle that a call returned; a null one is its error.
fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is valid, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
