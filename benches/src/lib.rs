//! What the benchmark's programs agree on: where the lab is, and what every contender asks of it.

mod environment;
mod work;

pub use environment::{description, environment};
pub use work::{OtherWork, Work};
