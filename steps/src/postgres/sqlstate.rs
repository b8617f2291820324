//! The error codes of PostgreSQL: which may pass, and what to do about the others.
//!
//! Source: appendix A of PostgreSQL's documentation, "PostgreSQL Error Codes".

/// The codes, or classes of codes, after which the same statement may succeed: the connection broke, the server is
/// full, stops or starts, or the transaction met another one and was rolled back as a whole.
const PASSING: [&str; 7] = ["08", "53300", "57P01", "57P02", "57P03", "40001", "40P01"];

/// Remedies by code or class, the most specific first.
const REMEDIES: [(&str, &str); 24] = [
    ("28P01", "check the user and the password; the server gives the same answer for an unknown user"),
    (
        "28000",
        "check the user, and that pg_hba.conf, or the firewall rules of the service, allow this user, database and machine",
    ),
    ("3D000", "check the name of the database; names are case-sensitive"),
    ("3F000", "check the name of the schema"),
    ("42501", "grant the user the right, such as `GRANT SELECT ON table TO user`"),
    ("42P01", "check the name of the table, and its schema, such as `public.orders`"),
    ("42703", "check the name of the column; a name with capitals needs double quotes"),
    (
        "42883",
        "check the name of the function and the types of its arguments; a parameter may need a type: `$1::int`",
    ),
    ("42P18", "give the parameter a type: `$1::int`"),
    ("42601", "correct the syntax of the statement"),
    ("57014", "raise `statement_timeout`, or find out what takes so long: `EXPLAIN`"),
    ("25001", "set `transaction = false`, with which the statement runs outside of a transaction"),
    ("55P03", "somebody else holds a lock: try again later, or look at `pg_locks`"),
    ("55006", "somebody else uses the object: `pg_stat_activity` shows the sessions"),
    ("22P02", "check the values of the parameters: the server reads each as text of its type"),
    ("22", "check the values that the statement computes with"),
    ("23", "the data break a constraint: correct them, or add `ON CONFLICT`"),
    ("40", "the transaction met another one: try again"),
    ("53300", "close connections, or raise `max_connections`; `limit` bounds the steps that run at once"),
    ("53", "the server lacks disk space or memory"),
    ("57P", "check that the server runs, and whether somebody restarts it"),
    ("08", "check the network, and that the server runs"),
    ("0A", "the server does not support this"),
    ("XX", "look at the log of the server"),
];

/// Returns true if the same statement may succeed later.
pub(super) fn may_pass(code: &str) -> bool {
    PASSING.iter().any(|passing| code.starts_with(passing))
}

/// Returns the remedy for an error code.
pub(super) fn remedy(code: &str, is_read: bool, has_token: bool) -> Option<&'static str> {
    match code {
        "25006" if is_read => Some(
            "the statement changes something: set `effect = \"changes\"`, so that the plan shows it and the run asks",
        ),
        "25006" => Some("the server is a standby, or makes transactions read-only: use the primary server"),
        "28P01" | "28000" if has_token => Some(
            "check that `user` is the name of the identity's role in the database, and that an administrator created that role for Entra (`pgaadauth_create_principal`)",
        ),
        _ => REMEDIES.iter().find(|(class, _)| code.starts_with(class)).map(|(_, remedy)| *remedy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (code, expected) in [
            ("08000", true),
            ("08006", true),
            ("53300", true),
            ("57P01", true),
            ("57P02", true),
            ("57P03", true),
            ("40001", true),
            ("40P01", true),
            ("28000", false),
            ("28P01", false),
            ("3D000", false),
            ("42501", false),
            ("42601", false),
            ("57014", false),
            ("57P04", false),
            ("57P05", false),
            ("25006", false),
            ("23505", false),
            ("40002", false),
            ("40003", false),
            ("53100", false),
            ("53200", false),
            ("55P03", false),
            ("XX000", false),
        ] {
            assert_eq!(may_pass(code), expected, "{code}");
        }
    }

    #[test]
    fn an_error_has_the_remedy_of_its_code_or_class() {
        for (code, is_read, has_token, expected) in [
            ("28P01", true, false, Some("the password")),
            ("28P01", true, true, Some("`user` is the name")),
            ("28000", true, false, Some("pg_hba.conf")),
            ("25006", true, false, Some("effect = \"changes\"")),
            ("25006", false, false, Some("standby")),
            ("22P02", true, false, Some("as text of its type")),
            ("22012", true, false, Some("computes with")),
            ("23505", false, false, Some("constraint")),
            ("53300", true, false, Some("max_connections")),
            ("53100", true, false, Some("disk space")),
            ("02000", true, false, None),
        ] {
            let told = remedy(code, is_read, has_token);
            assert_eq!(told.is_some(), expected.is_some(), "{code}");
            assert!(told.unwrap_or_default().contains(expected.unwrap_or_default()), "{code}");
        }
    }
}
