//! Reads access control lists in the security descriptor definition language of Windows.
#![cfg_attr(unix, allow(dead_code, reason = "Unix has other permissions; its tests cover this"))]

/// The accounts that may read every file of a machine anyhow: the system, and administrators.
const ALWAYS: [&str; 4] = ["SY", "BA", "S-1-5-18", "S-1-5-32-544"];

/// The rights that neither show nor change anything of a file, by their names: to read its permissions and attributes, to
/// execute it.
const HARMLESS: [&str; 5] = ["RC", "FX", "GX", "LO", "WP"];

/// The bits of the rights that [`HARMLESS`] names, and of that to wait for the file.
const HARMLESS_BITS: u32 = 0x0002_0000 | 0x2000_0000 | 0x80 | 0x20 | 0x0010_0000;

/// Returns true if a discretionary access control list gives rights only to `own`, the system and administrators.
///
/// A text that is not understood, such as a conditional entry or an unknown right, counts as a list that lets others
/// read.
pub(crate) fn is_private(sddl: &str, own: &str) -> bool {
    // An entry that only children inherit does not apply here.
    is_private_without(sddl, own, |flags| has_flag(flags, "IO"))
}

/// Returns true if the list of a directory gives rights only to `own`, the system and administrators, to itself and to
/// what is created in it.
pub(crate) fn hands_down_privacy(sddl: &str, own: &str) -> bool {
    is_private_without(sddl, own, |_| false)
}

fn has_flag(flags: &str, wanted: &str) -> bool {
    flags.as_bytes().chunks(2).any(|flag| flag == wanted.as_bytes())
}

/// Returns true if a list gives rights only to `own`, the system and administrators, apart from the entries with flags
/// that are `left_out`.
fn is_private_without(sddl: &str, own: &str, left_out: impl Fn(&str) -> bool) -> bool {
    let Some((flags, entries)) = list(sddl) else { return false };
    // A descriptor without a list gives everybody access.
    if flags.contains("NO_ACCESS_CONTROL") {
        return false;
    }
    entries.iter().all(|entry| {
        let fields: Vec<&str> = entry.split(';').collect();
        let [kind, flags, rights, _, _, account] = fields[..] else { return false };
        let is_known = account == own || ALWAYS.contains(&account);
        matches!(kind, "D" | "OD") || left_out(flags) || (kind == "A" && (is_known || is_harmless(rights)))
    })
}

/// Returns true if a list inherits nothing.
pub(crate) fn is_protected(sddl: &str) -> bool {
    list(sddl).is_some_and(|(flags, _)| flags.replace("AI", "").replace("AR", "").contains('P'))
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

/// Returns true if the rights of an entry are all harmless.
fn is_harmless(rights: &str) -> bool {
    if let Some(hexadecimal) = rights.strip_prefix("0x") {
        return u32::from_str_radix(hexadecimal, 16).is_ok_and(|bits| bits & !HARMLESS_BITS == 0);
    }
    let mut names = rights.as_bytes().chunks(2);
    names.all(|name| HARMLESS.iter().any(|harmless| harmless.as_bytes() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_private_if_no_other_account_may_read() {
        const OWN: &str = "S-1-5-21-1-2-3-1001";
        for (sddl, expected) in [
            ("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1001)", true),
            ("D:PAI(A;;FA;;;OW)\0", false),
            ("D:P", true),
            ("D:(A;;FA;;;S-1-5-21-1-2-3-1002)", false),
            ("D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)", false),
            ("D:AI(A;ID;FA;;;SY)(A;OICIIO;0x1200a9;;;BU)", true),
            ("D:(A;;GR;;;WD)", false),
            ("D:(A;;RCCC;;;WD)", false),
            ("D:(A;;RC;;;WD)", true),
            ("D:(A;;0x100000;;;WD)", true),
            // The right to change the list, or the owner, is one to read.
            ("D:(A;;WD;;;AU)", false),
            ("D:(A;;WO;;;AU)", false),
            ("D:(A;;0x40000;;;AU)", false),
            // The system names some masks of files as it does those of keys.
            ("D:(A;;KR;;;WD)", false),
            ("D:(A;;KX;;;WD)", false),
            ("D:(A;;0x2000000;;;WD)", false),
            ("D:(A;;0xzz;;;WD)", false),
            ("D:(A;;??;;;WD)", false),
            ("D:(A;;FW;;;WD)", false),
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
    #[test]
    fn a_directory_hands_down_what_only_children_inherit() {
        for (sddl, expected) in [
            ("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", true),
            ("D:P(A;OICI;FA;;;SY)(A;OICIIO;FR;;;BU)", false),
            ("D:P(A;OICI;FA;;;SY)(A;OICIIO;GA;;;CO)", false),
        ] {
            assert_eq!(hands_down_privacy(sddl, "SY"), expected, "{sddl}");
        }
    }

    #[test]
    fn a_list_may_be_protected() {
        for (sddl, expected) in [
            ("D:P(A;;FA;;;SY)", true),
            ("D:PAI", true),
            ("D:AI(A;ID;FA;;;SY)", false),
            ("D:(A;;FA;;;PA)", false),
        ] {
            assert_eq!(is_protected(sddl), expected, "{sddl}");
        }
    }
}
