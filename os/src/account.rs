//! The account of the operating system that runs this process.

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The name; on Windows with its domain, as in `SITE\ann`.
    pub name: Option<String>,
    /// The number; Windows has none.
    pub uid: Option<u32>,
    /// True for root, and for an administrator of Windows whose rights are in effect.
    pub is_administrator: bool,
}

/// Returns the effective account of this process; `name_of` returns the name of a number.
#[cfg(unix)]
#[must_use]
pub fn of_process(name_of: impl FnOnce(u32) -> Option<String>) -> Account {
    let uid = rustix::process::geteuid();
    Account { name: name_of(uid.as_raw()), uid: Some(uid.as_raw()), is_administrator: uid.is_root() }
}

/// Returns the account of this process; numbers, and so `name_of`, do not exist here.
#[cfg(windows)]
#[must_use]
pub fn of_process(_name_of: impl FnOnce(u32) -> Option<String>) -> Account {
    Account {
        name: crate::windows::token::account_name().ok(),
        uid: None,
        is_administrator: crate::windows::token::is_elevated().unwrap_or(false),
    }
}
