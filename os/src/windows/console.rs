//! The console of this process.

use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, ENABLE_VIRTUAL_TERMINAL_PROCESSING, GenerateConsoleCtrlEvent, GetConsoleMode,
    GetStdHandle, STD_ERROR_HANDLE, STD_OUTPUT_HANDLE, SetConsoleMode,
};

/// Makes standard output and standard error interpret escape sequences; returns false if one is a console that cannot.
pub(crate) fn enable_escapes() -> bool {
    [STD_OUTPUT_HANDLE, STD_ERROR_HANDLE].iter().all(|&stream| {
        let mut mode = 0;
        // SAFETY: the handle is this process's own; a call with one that is no console fails.
        unsafe {
            let handle = GetStdHandle(stream);
            // A file or a pipe has no mode, and takes every text.
            GetConsoleMode(handle, &raw mut mode) == 0
                || mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0
                || SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0
        }
    })
}

/// Sends Ctrl-Break to the processes of a console group, which that process leads; returns false if that fails.
pub(crate) fn send_break(leader: u32) -> bool {
    // The group 0 would be this process's own. The call fails if this process has no console.
    // SAFETY: the call has no pointer.
    leader != 0 && unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, leader) } != 0
}
