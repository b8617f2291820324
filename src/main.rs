//! The command line of arcbook.
fn main() {}
