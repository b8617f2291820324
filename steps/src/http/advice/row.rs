//! One row of a table of codes.

/// Error codes that have the same remedy.
pub(super) struct Row {
    /// The codes, as the service writes them; they are compared without regard to case.
    pub codes: &'static [&'static str],
    /// The remedy.
    pub remedy: Remedy,
}

/// A remedy.
pub(super) enum Remedy {
    /// The identity lacks a role, which the call knows.
    Role,
    /// These words, one remedy each. `{…}` stands for a fact of the answer (`facts.rs`).
    Words(&'static [&'static str]),
}

/// Codes that are mended by these words.
pub(super) const fn words(codes: &'static [&'static str], words: &'static [&'static str]) -> Row {
    Row { codes, remedy: Remedy::Words(words) }
}

/// Codes that mean a missing role.
pub(super) const fn role(codes: &'static [&'static str]) -> Row {
    Row { codes, remedy: Remedy::Role }
}

impl Row {
    /// The remedy of `code` in a table.
    pub fn find(table: &'static [Self], code: &str) -> Option<&'static Remedy> {
        let has = |row: &&Self| row.codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        table.iter().find(has).map(|row| &row.remedy)
    }
}
