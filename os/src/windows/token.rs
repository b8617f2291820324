//! The account whose access token this process has.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountSidW, PSID, SID_AND_ATTRIBUTES, TOKEN_ELEVATION, TOKEN_GROUPS,
    TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TOKEN_USER, TokenElevation, TokenGroups, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::check;
use super::text::{Local, until_zero};

/// The longest name of an account or a domain, in UTF-16 units.
const LONGEST: usize = 512;

/// Returns the security identifier of the account, as in `S-1-5-21-…-1001`.
pub(crate) fn sid() -> io::Result<String> {
    let user = information(TokenUser)?;
    let mut text = null_mut();
    // SAFETY: the identifier is in `user`, which lives longer; the system allocates the text.
    check(unsafe { ConvertSidToStringSidW(sid_in(&user), &raw mut text) })?;
    // SAFETY: the call succeeded, so the text is there, ends with a zero, and is ours to free.
    Ok(unsafe { Local::new(text).text() })
}

/// Returns the name of the account with its domain, as in `SITE\ann`.
pub(crate) fn account_name() -> io::Result<String> {
    let user = information(TokenUser)?;
    // SAFETY: the identifier is in `user`, which lives longer.
    unsafe { name_of(sid_in(&user)) }
}

/// Returns the names of the groups in the token, each with its domain; groups without a name are left out.
pub(crate) fn groups() -> io::Result<Vec<String>> {
    let bytes = information(TokenGroups)?;
    // SAFETY: the buffer is aligned to 8 bytes and holds this structure, which ends with as many entries as it says. Each
    // points to an identifier in the buffer.
    let names = unsafe {
        let groups = bytes.as_ptr().cast::<TOKEN_GROUPS>();
        let first = (&raw const (*groups).Groups).cast::<SID_AND_ATTRIBUTES>();
        let all = std::slice::from_raw_parts(first, (*groups).GroupCount as usize);
        all.iter().filter_map(|group| name_of(group.Sid).ok()).collect()
    };
    Ok(names)
}

/// Returns the name of an identifier with its domain, as in `SITE\ann`.
///
/// # Safety
///
/// The pointer is that of an identifier.
unsafe fn name_of(sid: PSID) -> io::Result<String> {
    let (mut name, mut domain) = ([0; LONGEST], [0; LONGEST]);
    let (mut name_length, mut domain_length) = (LONGEST as u32, LONGEST as u32);
    let mut kind = 0;
    // SAFETY: the buffers have the given lengths, and the caller has an identifier.
    check(unsafe {
        LookupAccountSidW(
            null(),
            sid,
            name.as_mut_ptr(),
            &raw mut name_length,
            domain.as_mut_ptr(),
            &raw mut domain_length,
            &raw mut kind,
        )
    })?;
    let [name, domain] = [name, domain].map(|text| until_zero(&text).to_string_lossy().into_owned());
    Ok(if domain.is_empty() { name } else { format!(r"{domain}\{name}") })
}

/// Returns true if the rights of an administrator are in effect.
pub(crate) fn is_elevated() -> io::Result<bool> {
    let bytes = information(TokenElevation)?;
    // SAFETY: the buffer is aligned to 8 bytes and holds this structure.
    let elevation = unsafe { &*bytes.as_ptr().cast::<TOKEN_ELEVATION>() };
    Ok(elevation.TokenIsElevated != 0)
}

/// Returns a fact about the token, in a buffer that is aligned for every structure of the system.
fn information(class: TOKEN_INFORMATION_CLASS) -> io::Result<Vec<u64>> {
    let mut handle = null_mut();
    // SAFETY: the handle of the process needs no closing, and that of the token is closed by `OwnedHandle`.
    let token = unsafe {
        check(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut handle))?;
        OwnedHandle::from_raw_handle(handle)
    };
    let mut length = 0;
    // SAFETY: without a buffer the call only returns the length, and fails.
    unsafe { GetTokenInformation(token.as_raw_handle(), class, null_mut(), 0, &raw mut length) };
    let mut buffer = vec![0_u64; (length as usize).div_ceil(size_of::<u64>()).max(1)];
    // SAFETY: the buffer has at least that length.
    check(unsafe {
        GetTokenInformation(token.as_raw_handle(), class, buffer.as_mut_ptr().cast(), length, &raw mut length)
    })?;
    Ok(buffer)
}

/// Returns the identifier in the answer to [`TokenUser`], which it points into.
fn sid_in(user: &[u64]) -> windows_sys::Win32::Security::PSID {
    // SAFETY: the buffer is aligned to 8 bytes and holds this structure.
    unsafe { (*user.as_ptr().cast::<TOKEN_USER>()).User.Sid }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_known() {
        assert!(sid().expect("known").starts_with("S-1-5-"));
        assert!(!account_name().expect("known").is_empty());
        is_elevated().expect("known");
        assert!(groups().expect("known").iter().any(|name| name.contains('\\')));
    }
}
