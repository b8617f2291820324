//! Derives spans of time from a run, for traces.
//!
//! [`Timeline`] folds the events of a run, live or from its journal; [`chrome`] converts the spans to a trace
//! for Perfetto and Chrome.

mod chrome;
mod fold;
mod span;
mod work;

pub use chrome::chrome;
pub use fold::Timeline;
pub use span::{Kind, Mark, Span};
