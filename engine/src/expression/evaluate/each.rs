//! The names that a `for` binds.

use std::sync::Arc;

use crate::source::Spanned;

/// For the key or index, when it has a name, and for the value.
pub(super) type Names<'a> = (Option<&'a Spanned<Arc<str>>>, &'a Spanned<Arc<str>>);
