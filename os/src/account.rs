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

/// Returns the name of a number in a file in the format of passwd(5) or group(5).
#[must_use]
pub fn name_in(accounts: &str, number: u32) -> Option<String> {
    let name = |line: &str| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(number) && is_name(name)).then(|| name.to_owned())
    };
    accounts.lines().find_map(name)
}

/// Returns the names of the groups that list `user` as a member, from a file in the format of group(5).
#[must_use]
pub fn groups_of(groups: &str, user: &str) -> Vec<String> {
    let name = |line: &str| {
        let mut fields = line.split(':');
        let (name, members) = (fields.next()?, fields.nth(2)?);
        (members.trim().split(',').any(|member| member == user) && is_name(name)).then(|| name.to_owned())
    };
    groups.lines().filter_map(name).collect()
}

/// Returns true if `text` can be the name of a user or a group: letters and digits of any script, and `._-@\$`, as in
/// the names of directory services, at most 256 bytes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let may_be = |c: char| c.is_alphanumeric() || "._-@\\$".contains(c);
    !text.is_empty() && text.len() <= 256 && text.chars().all(may_be)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_number_is_in_the_file() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n\
            broken\nbad name:x:7:7::/:/bin/false\n+::::::\n";
        let cases = [(0, Some("root")), (1000, Some("ann")), (7, None), (1284, None)];
        for (number, expected) in cases {
            assert_eq!(name_in(accounts, number).as_deref(), expected, "{number}");
        }
        assert_eq!(name_in("himds:x:998:ann,bob\n", 998).as_deref(), Some("himds"));
        assert_eq!(name_in("", 0), None);
        let groups = "himds:x:998:ann,bob\nsudo:x:27:bob\nann:x:1000:\nbroken\n";
        assert_eq!(groups_of(groups, "ann"), ["himds"]);
        assert_eq!(groups_of(groups, "bob"), ["himds", "sudo"]);
    }
}
