//! Texts as Windows reads and writes them: UTF-16 that ends with a zero.

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, Prefix};

use windows_sys::Win32::Foundation::LocalFree;

/// Returns a text with a zero at its end.
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Returns a path for the system, with a zero at its end: absolute, and in the form that has no limit of 260
/// characters.
pub(crate) fn wide_path(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let mut start = Vec::new();
    if let Some(Component::Prefix(prefix)) = path.components().next() {
        match prefix.kind() {
            Prefix::Disk(_) => start.extend(r"\\?\".encode_utf16()),
            Prefix::UNC(..) => start.extend(r"\\?\UNC".encode_utf16()),
            _ => {}
        }
    }
    let is_unc = start.len() > 4;
    // `\\server\share` follows `\\?\UNC` with one backslash.
    let rest = path.as_os_str().encode_wide().skip(usize::from(is_unc));
    start.extend(rest);
    if start.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path contains a zero"));
    }
    start.push(0);
    Ok(start)
}

/// Returns the text before the first zero.
pub(crate) fn until_zero(text: &[u16]) -> OsString {
    OsString::from_wide(text.split(|&unit| unit == 0).next().unwrap_or_default())
}

/// Memory that the system allocated, and that `LocalFree` frees.
pub(crate) struct Local<T>(*mut T);

impl<T> Local<T> {
    /// Takes over memory.
    ///
    /// # Safety
    ///
    /// The pointer is null, or the system returned it for `LocalFree`, and nobody else frees it.
    pub(crate) unsafe fn new(pointer: *mut T) -> Self {
        Self(pointer)
    }

    pub(crate) fn pointer(&self) -> *mut T {
        self.0
    }
}

impl Local<u16> {
    /// Returns the text, which ends with a zero.
    ///
    /// # Safety
    ///
    /// The pointer is not null, and a zero ends the text.
    pub(crate) unsafe fn text(&self) -> String {
        let mut length = 0;
        // SAFETY: every unit before the zero, and the zero, is in the memory.
        while unsafe { *self.0.add(length) } != 0 {
            length += 1;
        }
        // SAFETY: that many units were read above.
        String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(self.0, length) })
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the memory is the system's, and is freed once.
            unsafe { LocalFree(self.0.cast()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_no_limit_of_length() {
        for (path, expected) in [
            (r"C:\site\a.txt", r"\\?\C:\site\a.txt"),
            ("C:/site/./b/../a.txt", r"\\?\C:\site\a.txt"),
            (r"\\server\share\a", r"\\?\UNC\server\share\a"),
            (r"\\?\C:\site", r"\\?\C:\site"),
        ] {
            let wide = wide_path(Path::new(path)).expect("absolute");
            assert_eq!(until_zero(&wide), expected, "{path}");
        }
    }
}
