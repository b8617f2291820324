//! One row of a table of codes.

/// Error codes that share a remedy.
pub(super) struct Row {
    /// The codes, as the service writes them; comparison ignores case.
    pub codes: &'static [&'static str],
    /// The remedy.
    pub remedy: Remedy,
}

/// A remedy.
pub(super) enum Remedy {
    /// The identity lacks a role; the call knows which.
    Role,
    /// Literal texts, one remedy each. `{…}` is a placeholder for a fact of the response (`facts.rs`).
    Words(&'static [&'static str]),
}

/// Returns a row of codes with these remedies.
pub(super) const fn words(codes: &'static [&'static str], words: &'static [&'static str]) -> Row {
    Row { codes, remedy: Remedy::Words(words) }
}

/// Returns a row of codes that mean a missing role.
pub(super) const fn role(codes: &'static [&'static str]) -> Row {
    Row { codes, remedy: Remedy::Role }
}

impl Row {
    /// Returns the remedy of `code` in a table.
    pub fn find(table: &'static [Self], code: &str) -> Option<&'static Remedy> {
        let has = |row: &&Self| row.codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        table.iter().find(has).map(|row| &row.remedy)
    }
}
