//! The engine from outside.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod derive;
mod runs;
mod stages;
mod support;
