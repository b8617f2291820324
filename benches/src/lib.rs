//! What the benchmark's programs share: where the lab is, what every contender asks of it, and how runs become a table.

mod environment;
pub mod machine;
pub mod measure;
mod served;
pub mod table;
mod work;

pub use environment::{description, environment};
pub use served::Served;
pub use work::{OtherWork, Work};
