//! The record of a run: written as it goes, checked afterwards.
//!
//! A journal is JSON Lines. Each line is one [`Record`](crate::run::Record) with `prev`, the SHA-256 of the line before
//! it (without its line feed; 64 zeros for the first line), so that no line can be changed, taken out or put in without
//! every later line giving it away. A journal that ends in `run_finished` is complete; the digest of that last line
//! stands for the whole run. No secret is ever in it.

mod chain;
mod changes;
mod directory;
mod error;
mod history;
mod known_results;
mod lock;
mod read;
mod recorded_names;
mod show;
mod writer;

pub use chain::{Digest, GENESIS};
pub use directory::{Directory, NewFile, RunFacts};
pub use error::JournalError;
pub use history::{History, Of, Undone, done_of_plan, runbooks};
pub use known_results::known_results;
pub use lock::{Holder, Lock, Locks};
pub use read::{Journal, Verdict};
pub use recorded_names::recorded_names;
pub use show::show;
pub use writer::{Recorder, Storage, Writer};
