//! The kinds of blocks of the language, as data: what may stand in each, and an example.

/// A kind of block. The reader of the block accepts what is listed here and nothing else.
#[derive(Debug)]
pub struct BlockType {
    /// The name that it begins with.
    pub name: &'static str,
    /// The meaning of each of its labels.
    pub labels: &'static [&'static str],
    /// The blocks that it stands in; none when it stands in a file.
    pub within: &'static [&'static str],
    /// The documentation: the first line is one sentence.
    pub docs: &'static str,
    /// The arguments, in the order in which they are explained.
    pub arguments: &'static [BlockArgument],
    /// The blocks that may stand in it.
    pub blocks: &'static [&'static str],
    /// Further arguments that it takes, whose names are not fixed.
    pub further: Option<&'static str>,
    /// A whole file in which it stands.
    pub example: &'static str,
}

/// An argument of a block.
#[derive(Debug)]
pub struct BlockArgument {
    /// The name.
    pub name: &'static str,
    /// The values that it takes, in words.
    pub ty: &'static str,
    /// Its value when it is left out.
    pub default: Absent,
    /// Its meaning, as one sentence.
    pub docs: &'static str,
}

/// The effect of leaving out an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It is an error.
    Refused,
    /// The same as nothing of the kind.
    Nothing,
    /// The same as this value.
    Is(&'static str),
}

impl BlockType {
    /// The names of its arguments.
    pub(super) fn argument_names(&self) -> Vec<&'static str> {
        self.arguments.iter().map(|argument| argument.name).collect()
    }

    /// The argument of that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static BlockArgument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// Its form, such as `step "type" "name" { … }`.
    #[must_use]
    pub fn form(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|label| format!(" \"{label}\"")).collect();
        format!("{}{} {{ … }}", self.name, labels.concat())
    }

    /// The first line of the documentation.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.docs.lines().next().unwrap_or_default()
    }
}

/// An argument that must be given.
pub(super) const fn required(name: &'static str, ty: &'static str, docs: &'static str) -> BlockArgument {
    BlockArgument { name, ty, default: Absent::Refused, docs }
}

/// An argument that may be left out.
pub(super) const fn optional(name: &'static str, ty: &'static str, docs: &'static str) -> BlockArgument {
    BlockArgument { name, ty, default: Absent::Nothing, docs }
}

impl BlockArgument {
    /// The same with the value that it has when it is left out.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Absent::Is(default);
        self
    }
}
