//! Limits the nesting of brackets, blocks and conditionals.

/// The depth limit of nesting, which the lexer and the parser share.
pub(super) const MAX_DEPTH: usize = 128;
