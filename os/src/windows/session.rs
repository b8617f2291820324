//! The end of the user's session, and that of the system.

use std::io;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, ENDSESSION_LOGOFF, GetMessageW, MSG, RegisterClassW,
    WM_ENDSESSION, WM_QUERYENDSESSION, WNDCLASSW,
};

use super::text::wide;
use crate::session::SessionEnd;

/// The function that is told of the end.
static TOLD: OnceLock<Box<dyn Fn(SessionEnd) + Send + Sync>> = OnceLock::new();

/// The name of the class of the window.
const CLASS: &str = "arcbook";

/// Calls `told` when the session ends, from a thread with a window that nobody sees.
///
/// Windows tells a process with the library of windows, which the line editor needs, by messages to its windows alone.
pub(crate) fn on_end(told: Box<dyn Fn(SessionEnd) + Send + Sync>) -> io::Result<()> {
    if TOLD.set(told).is_err() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::thread::Builder::new().name("session".to_owned()).spawn(|| {
        if open_window() {
            answer_messages();
        }
    })?;
    Ok(())
}

/// Creates the window; returns false if this process may not have one, as without a desktop.
fn open_window() -> bool {
    let class = wide(CLASS);
    let description =
        WNDCLASSW { lpfnWndProc: Some(answer), lpszClassName: class.as_ptr(), ..WNDCLASSW::default() };
    // SAFETY: the name ends with a zero and lives until both calls return; the function has the type of the system. The
    // other pointers may be null.
    unsafe {
        RegisterClassW(&raw const description);
        let window = CreateWindowExW(
            0,
            class.as_ptr(),
            null(),
            0,
            0,
            0,
            0,
            0,
            null_mut(),
            null_mut(),
            null_mut(),
            null(),
        );
        !window.is_null()
    }
}

/// Passes the messages of the window on, for ever.
fn answer_messages() {
    let mut message = MSG::default();
    // SAFETY: the structure is of the type of the calls.
    unsafe {
        while GetMessageW(&raw mut message, null_mut(), 0, 0) > 0 {
            DispatchMessageW(&raw const message);
        }
    }
}

/// Answers a message to the window.
extern "system" fn answer(window: HWND, message: u32, word: WPARAM, long: LPARAM) -> LRESULT {
    match message {
        // The session may end; the process is told with the next message whether it does.
        WM_QUERYENDSESSION => 1,
        WM_ENDSESSION if word != 0 => {
            let is_logoff = long.cast_unsigned() as u32 & ENDSESSION_LOGOFF != 0;
            if let Some(told) = TOLD.get() {
                told(if is_logoff { SessionEnd::LogOff } else { SessionEnd::Shutdown });
            }
            // Windows ends the process when the answer is given, so the process takes the time that it has.
            std::thread::park_timeout(crate::session::TIME_LEFT);
            0
        }
        // SAFETY: the message is handed on as it came.
        _ => unsafe { DefWindowProcW(window, message, word, long) },
    }
}
