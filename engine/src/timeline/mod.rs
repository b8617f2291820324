//! A run as spans of time, which traces are made of.
//!
//! [`Timeline`] is a fold over the events of a run, as it goes on or as its record has them; [`chrome`] lays the spans
//! out as a trace that Perfetto and Chrome show.

mod chrome;
mod fold;
mod span;
mod work;

pub use chrome::chrome;
pub use fold::Timeline;
pub use span::{Kind, Mark, Span};
