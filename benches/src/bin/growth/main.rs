//! Measures how time grows with the input: each shape of file and each kind of work, at one size and at four
//! times it.
//!
//! A factor of about 4 is linear; one near 16 is quadratic.

#![expect(clippy::print_stdout, reason = "the tables are what this program is for")]

mod files;
mod measure;
mod queries;

use anyhow::Result;

fn main() -> Result<()> {
    files::measure();
    queries::measure()
}
