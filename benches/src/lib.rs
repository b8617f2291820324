//! Code that the benchmark's programs share: the lab's environment, the expected requests, and the tables.

mod environment;
pub mod machine;
pub mod measure;
mod served;
mod shape;
pub mod table;
mod work;

pub use environment::{description, environment};
pub use served::Served;
pub use shape::Shape;
pub use work::{OtherWork, Work};
