//! Private files and directories, by access control lists.

use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _};
use std::path::Path;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_SUCCESS, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1, SE_FILE_OBJECT,
    SetSecurityInfo,
};
use windows_sys::Win32::Security::{
    ACL, DACL_SECURITY_INFORMATION, GetSecurityDescriptorDacl, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES, SetKernelObjectSecurity,
    UNPROTECTED_DACL_SECURITY_INFORMATION,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_ALWAYS, CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_APPEND_DATA, FILE_ATTRIBUTE_NORMAL,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_GENERIC_READ, FILE_GENERIC_WRITE,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_WRITE_DATA, OPEN_ALWAYS, READ_CONTROL,
    WRITE_DAC,
};

use super::handle::open_again;
use super::text::{Local, wide, wide_path};
use super::{check, token};
use crate::private::Options;
use crate::sddl;

/// Opens a file that the options may create, with the access control list of a private file.
pub(crate) fn open(path: &Path, options: Options) -> io::Result<File> {
    let path = wide_path(path)?;
    let descriptor = descriptor(&private_list("")?)?;
    let attributes = attributes(&descriptor);
    let disposition = match options {
        Options { create_new: true, .. } => CREATE_NEW,
        Options { truncate: true, .. } => CREATE_ALWAYS,
        _ => OPEN_ALWAYS,
    };
    let flags = if options.no_follow { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    // SAFETY: the path ends with a zero, and the descriptor lives until the call returns.
    let handle = unsafe {
        CreateFileW(
            path.as_ptr(),
            access(options),
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            &raw const attributes,
            disposition,
            FILE_ATTRIBUTE_NORMAL | flags,
            null_mut(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is valid, and nobody else closes it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Returns the rights of an open file that the options need.
fn access(options: Options) -> u32 {
    let read = if options.read { FILE_GENERIC_READ } else { 0 };
    let write = match options {
        // Without the right to write data, each write goes to the end.
        Options { append: true, .. } => (FILE_GENERIC_WRITE & !FILE_WRITE_DATA) | FILE_APPEND_DATA,
        Options { write: true, .. } => FILE_GENERIC_WRITE,
        _ => 0,
    };
    // The permissions of a file that arcbook writes may be read and set later.
    read | write | READ_CONTROL
}

/// Creates one directory, whose files and directories inherit its access control list.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    let path = wide_path(path)?;
    let descriptor = descriptor(&private_list("OICI")?)?;
    let attributes = attributes(&descriptor);
    // SAFETY: the path ends with a zero, and the descriptor lives until the call returns.
    match check(unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) }) {
        Err(error) if error.raw_os_error() == Some(ERROR_ALREADY_EXISTS.cast_signed()) => {
            Err(io::ErrorKind::AlreadyExists.into())
        }
        created => created,
    }
}

/// Returns true if only this account, the system and administrators may read the file.
pub(crate) fn is_private(file: &File) -> io::Result<bool> {
    Ok(sddl::is_private(&list_of(file)?, &own_account()?))
}

/// Gives an open file the list of a private file, or that of its directory.
pub(crate) fn set_private(file: &File, is_private: bool) -> io::Result<()> {
    let file = open_again(file, WRITE_DAC | READ_CONTROL)?;
    if is_private { protect(&file) } else { inherit(&file) }
}

/// Sets the list of a private file, which inherits nothing.
fn protect(file: &File) -> io::Result<()> {
    let descriptor = descriptor(&private_list("")?)?;
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: the handle is open, and the descriptor lives until the call returns.
    check(unsafe { SetKernelObjectSecurity(file.as_raw_handle(), what, descriptor.pointer()) })
}

/// Gives an open file the list of another one, with what it inherited.
pub(crate) fn copy(from: &File, to: &File) -> io::Result<()> {
    let list = list_of(from)?;
    let is_protected = sddl::is_protected(&list);
    let protection = if is_protected {
        PROTECTED_DACL_SECURITY_INFORMATION
    } else {
        UNPROTECTED_DACL_SECURITY_INFORMATION
    };
    let descriptor = descriptor(&list)?;
    let to = open_again(to, WRITE_DAC | READ_CONTROL)?;
    let what = DACL_SECURITY_INFORMATION | protection;
    // SAFETY: the handle is open, and the descriptor lives until the call returns.
    check(unsafe { SetKernelObjectSecurity(to.as_raw_handle(), what, descriptor.pointer()) })
}

/// Returns true if a directory hands down rights only to this account, the system and administrators.
pub(crate) fn hands_down_privacy(path: &Path) -> io::Result<bool> {
    let mut options = File::options();
    options.access_mode(READ_CONTROL).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    Ok(sddl::hands_down_privacy(&list_of(&options.open(path)?)?, &own_account()?))
}

/// Sets a list without entries of its own, which gets those that the directory hands down.
fn inherit(file: &File) -> io::Result<()> {
    let descriptor = descriptor("D:")?;
    let (mut is_present, mut is_default) = (0, 0);
    let mut list: *mut ACL = null_mut();
    // SAFETY: the descriptor is valid; `list` points into it.
    check(unsafe {
        GetSecurityDescriptorDacl(
            descriptor.pointer(),
            &raw mut is_present,
            &raw mut list,
            &raw mut is_default,
        )
    })?;
    // SAFETY: the handle is open, and the list is in `descriptor`, which lives until the call returns.
    let status = unsafe {
        SetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION,
            null_mut(),
            null_mut(),
            list,
            null(),
        )
    };
    succeeded(status)
}

/// Returns the access control list of an open file as text.
fn list_of(file: &File) -> io::Result<String> {
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: the handle is open; the system allocates the descriptor.
    let status = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        )
    };
    succeeded(status)?;
    // SAFETY: the call succeeded, so the descriptor is ours to free.
    text(&unsafe { Local::new(descriptor) })
}

/// Returns this account as the system writes it in a list, which may be a short name such as `LA`.
fn own_account() -> io::Result<String> {
    let list = text(&descriptor(&format!("D:(A;;FA;;;{})", token::sid()?))?)?;
    let account = list.trim_end_matches(')').rsplit(';').next().map(str::to_owned);
    account.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Returns the list of a private file; `inherited` has the flags of a directory's.
fn private_list(inherited: &str) -> io::Result<String> {
    let entry = |account: &str| format!("(A;{inherited};FA;;;{account})");
    Ok(["SY", "BA", &token::sid()?].iter().fold("D:P".to_owned(), |list, account| list + &entry(account)))
}

/// Returns the security descriptor that a text describes.
fn descriptor(text: &str) -> io::Result<Local<core::ffi::c_void>> {
    let text = wide(text);
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: the text ends with a zero; the system allocates the descriptor.
    check(unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            null_mut(),
        )
    })?;
    // SAFETY: the call succeeded, so the descriptor is ours to free.
    Ok(unsafe { Local::new(descriptor) })
}

/// Returns the access control list of a security descriptor as text.
fn text(descriptor: &Local<core::ffi::c_void>) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: the descriptor is valid; the system allocates the text.
    check(unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor.pointer(),
            SDDL_REVISION_1,
            DACL_SECURITY_INFORMATION,
            &raw mut text,
            null_mut(),
        )
    })?;
    // SAFETY: the call succeeded, so the text is there, ends with a zero, and is ours to free.
    Ok(unsafe { Local::new(text).text() })
}

fn attributes(descriptor: &Local<core::ffi::c_void>) -> SECURITY_ATTRIBUTES {
    SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.pointer(),
        bInheritHandle: 0,
    }
}

fn succeeded(status: u32) -> io::Result<()> {
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wine forgets which accounts a list names, so the list is read before it is given to the system.
    #[test]
    fn the_list_of_a_private_file_gives_nobody_else_a_right() {
        for flags in ["", "OICI"] {
            let list = private_list(flags).expect("a list");
            let text = text(&descriptor(&list).expect("understood")).expect("a text");
            assert!(sddl::is_private(&text, &own_account().expect("known")), "{text}");
            assert!(sddl::is_protected(&text), "{text}");
        }
    }
}
