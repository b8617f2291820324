//! Whether time grows as the input does: each shape of file and each sort of work, once at a size and once at four times it.
//!
//! A factor of about 4 is right; one near 16 is the square.

#![expect(clippy::print_stdout, reason = "the tables are what this program is for")]

mod files;
mod measure;
mod queries;

use anyhow::Result;

fn main() -> Result<()> {
    files::measure();
    queries::measure()
}
