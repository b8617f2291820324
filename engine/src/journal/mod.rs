//! Journals a run: writes its records as they occur, and verifies them afterwards.
//!
//! A journal is JSON Lines. Each line is a [`Record`](crate::run::Record) with `prev`, the SHA-256 of the
//! line before it (without its line feed; 64 zeros for the first line). Changing, removing or inserting a
//! line therefore breaks the chain at the next line. A journal that ends in `run_finished` is complete, and
//! the digest of that last line identifies the whole run. No journal contains a secret.

mod audit;
mod beginning;
mod chain;
mod changes;
mod compressed;
mod directory;
mod error;
mod head;
mod heads;
mod history;
mod known_results;
mod line;
mod lock;
mod marks;
mod outputs;
mod prune;
mod prune_record;
mod read;
mod record_set;
mod recorded_intent;
mod recorded_names;
mod removal;
mod retention;
mod run_record;
mod ship;
mod show;
mod signed;
mod stuck;
mod who;
mod writer;

pub use audit::{Absent, Audit, Audited, Condition, HeadFound, NamedBy};
pub use chain::{Digest, GENESIS};
pub use directory::{Directory, NewFile, RunFacts, is_record_name, misnamed};
pub use error::JournalError;
pub use head::Head;
pub use history::{History, Of, done_of_plan, runbooks};
pub use known_results::known_results;
pub use line::Line;
pub use lock::{Holder, Lock, Locks};
pub use outputs::{OutputOfRun, outputs};
pub use prune::{Doomed, Prune, Pruned};
pub use prune_record::{Left, Removed};
pub use read::{Journal, Verdict};
pub use record_set::{LeftOut, MachineRecords, RecordSet};
pub use recorded_intent::RecordedIntent;
pub use recorded_names::recorded_names;
pub use removal::Removal;
pub use retention::{Kept, Retention};
pub use run_record::{
    IdentityFacts, RecordedOperation, RecordedOutput, RecordedStep, RecordedToken, RunRecord, StepEnding,
    StepResult, StepStart,
};
pub use ship::{LeftBehind, Shipped, Shipping};
pub use show::{Extent, RunView, first_page, show};
pub use signed::{record_bytes, signed_record, signed_records};
pub use who::{Acted, Who};
pub use writer::{Recorder, Storage, Writer};
