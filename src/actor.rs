//! The user of the operating system that started this process, and the host.

use arcbook_engine::step::Actor;
use arcbook_os::account;

use crate::system;

/// Returns the user and the host of this process.
pub fn of_process() -> Actor {
    #[cfg(debug_assertions)]
    if let Some(actor) = of_a_test() {
        return actor;
    }
    of_system()
}

fn of_system() -> Actor {
    let accounts = system::read("/etc/passwd").unwrap_or_default();
    let account = account::of_process(|uid| account::name_in(&accounts, uid));
    let variable = |name: &str| std::env::var(name).ok();
    let caller = (variable("SUDO_USER"), variable("SUDO_UID"));
    Actor {
        sudo_user: account.uid.and_then(|uid| sudo_user(uid, caller, &accounts)),
        user: account.name,
        uid: account.uid,
        host: system::here().host,
    }
}

/// Returns the user who called `sudo`, from the variables `SUDO_USER` and `SUDO_UID`.
///
/// Only root is believed, because any user can set the variables, and only a name, because a variable may hold
/// anything.
fn sudo_user(uid: u32, (name, id): (Option<String>, Option<String>), accounts: &str) -> Option<String> {
    if uid != 0 {
        return None;
    }
    let known = id.and_then(|id| account::name_in(accounts, id.parse().ok()?));
    known.or_else(|| name.filter(|name| account::is_name(name))).filter(|name| name != "root")
}

/// Returns the user and the host that a test names as `user@host`.
#[cfg(debug_assertions)]
fn of_a_test() -> Option<Actor> {
    let named = std::env::var("ARCBOOK_TEST_ACTOR").ok()?;
    let (user, host) = named.split_once('@')?;
    Some(Actor { user: Some(user.to_owned()), host: Some(host.to_owned()), ..Actor::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n";

    #[test]
    fn root_says_who_called_sudo() {
        let cases = [
            (0, Some("ann"), Some("1000"), Some("ann")),
            // The id decides, if it has a name.
            (0, Some("bob"), Some("1000"), Some("ann")),
            (0, Some("CORP\\bob"), Some("1284"), Some("CORP\\bob")),
            (0, Some("bob@corp.test"), None, Some("bob@corp.test")),
            (0, None, None, None),
            (0, Some("root"), Some("0"), None),
            (0, Some("a b; token=hunter2"), Some("x"), None),
            (0, Some("\u{1b}[2J"), None, None),
            // Any user can set the variables.
            (1000, Some("bob"), Some("1001"), None),
        ];
        for (uid, name, id, expected) in cases {
            let caller = (name.map(ToOwned::to_owned), id.map(ToOwned::to_owned));
            assert_eq!(sudo_user(uid, caller, ACCOUNTS).as_deref(), expected, "{uid} {name:?} {id:?}");
        }
    }
}
