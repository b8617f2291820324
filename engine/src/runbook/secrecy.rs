//! Defines whether a declared value is sensitive or ephemeral.

use crate::value::Marks;

/// `sensitive = …` and `ephemeral = …` of a variable or an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secrecy {
    /// True if the value is sensitive, and so not shown.
    pub sensitive: bool,
    /// True if the value is ephemeral, and so neither shown nor recorded.
    pub ephemeral: bool,
}

impl Secrecy {
    /// Returns true if the value is sensitive or ephemeral.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self.sensitive || self.ephemeral
    }

    /// Returns the marks of the value declared at the address `origin`.
    pub fn marks(self, origin: impl FnOnce() -> String) -> Marks {
        if self == Self::default() {
            return Marks::NONE;
        }
        let origin = origin();
        let sensitive = self.sensitive.then(|| Marks::sensitive(&*origin));
        sensitive.into_iter().chain(self.ephemeral.then(|| Marks::ephemeral(&*origin))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_as_declared() {
        let (sensitive, ephemeral) = (Marks::sensitive("var.x"), Marks::ephemeral("var.x"));
        let cases = [
            ((false, false), Marks::NONE),
            ((true, false), sensitive.clone()),
            ((false, true), ephemeral.clone()),
            ((true, true), sensitive.union(&ephemeral)),
        ];
        for ((sensitive, ephemeral), marks) in cases {
            assert_eq!(Secrecy { sensitive, ephemeral }.marks(|| "var.x".to_owned()), marks);
        }
    }
}
