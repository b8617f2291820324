//! Reads access control lists in the security descriptor definition language of Windows.

/// The accounts that may read every file of a machine anyhow: the system, and administrators; and the account that
/// stands for the owner of a file.
#[cfg_attr(unix, allow(dead_code))]
const ALWAYS: [&str; 5] = ["SY", "BA", "OW", "S-1-5-18", "S-1-5-32-544"];

/// The rights that include that to read data, by their names.
const READING: [&str; 5] = ["FA", "FR", "GA", "GR", "KA"];

/// The bits of the rights to read data, to read in general, and to do anything.
const READING_BITS: u32 = 0x1 | 0x8000_0000 | 0x1000_0000;

/// Returns true if a discretionary access control list lets only `own` read, beside the system and administrators.
///
/// A text that is not understood, such as a conditional entry, counts as a list that lets others read.
#[cfg_attr(unix, allow(dead_code))]
pub(crate) fn is_private(sddl: &str, own: &str) -> bool {
    let Some((flags, entries)) = list(sddl) else { return false };
    // A descriptor without a list gives everybody access.
    if flags.contains("NO_ACCESS_CONTROL") {
        return false;
    }
    entries.iter().all(|entry| {
        let fields: Vec<&str> = entry.split(';').collect();
        let [kind, flags, rights, _, _, account] = fields[..] else { return false };
        // An entry that only children inherit does not apply here.
        let is_for_children = flags.as_bytes().chunks(2).any(|flag| flag == b"IO");
        let denies = matches!(kind, "D" | "OD");
        denies
            || is_for_children
            || account == own
            || ALWAYS.contains(&account)
            || (kind == "A" && !reads(rights))
    })
}

/// Returns the flags and the entries of the list in a descriptor that contains nothing else; none if it has no list.
fn list(sddl: &str) -> Option<(&str, Vec<&str>)> {
    let text = sddl.trim_end_matches('\0').strip_prefix("D:")?;
    let (flags, mut rest) = text.split_at(text.find('(').unwrap_or(text.len()));
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (entry, after) = rest.strip_prefix('(')?.split_once(')')?;
        entries.push(entry);
        rest = after;
    }
    Some((flags, entries))
}

/// Returns true if the rights of an entry include that to read data.
fn reads(rights: &str) -> bool {
    if let Some(hexadecimal) = rights.strip_prefix("0x") {
        return u32::from_str_radix(hexadecimal, 16).is_ok_and(|bits| bits & READING_BITS != 0);
    }
    let names = rights.as_bytes().chunks(2);
    // `CC` is the lowest bit, which is that to read data.
    names.into_iter().any(|name| READING.iter().chain(&["CC"]).any(|reading| reading.as_bytes() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_private_if_no_other_account_may_read() {
        const OWN: &str = "S-1-5-21-1-2-3-1001";
        for (sddl, expected) in [
            ("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1001)", true),
            ("D:PAI(A;;FA;;;OW)\0", true),
            ("D:P", true),
            ("D:(A;;FA;;;S-1-5-21-1-2-3-1002)", false),
            ("D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)", false),
            ("D:AI(A;ID;FA;;;SY)(A;OICIIO;0x1200a9;;;BU)", true),
            ("D:(A;;GR;;;WD)", false),
            ("D:(A;;RCCC;;;WD)", false),
            ("D:(A;;0x100000;;;WD)", true),
            ("D:(A;;WD;;;AU)", true),
            ("D:(D;;FA;;;BU)(A;;FA;;;SY)", true),
            ("D:NO_ACCESS_CONTROL", false),
            ("D:(XA;;FR;;;WD;(@User.x == 1))", false),
            ("D:(A;;FA)", false),
            ("D:(A;;FA;;;SY", false),
            ("O:SYG:SYD:(A;;FA;;;SY)", false),
            ("", false),
        ] {
            assert_eq!(is_private(sddl, OWN), expected, "{sddl}");
        }
        assert!(is_private("D:P(A;;FA;;;LA)", "LA"), "an account may have a short name");
    }
}
