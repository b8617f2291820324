//! The secrets of a run.

/// The secrets of a run; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {}

impl Secrets {
    /// Adds one.
    pub fn add(&self, _secret: &str) {}
}
