//! Signs plans and records, and checks their signatures.
//!
//! A signature is an [in-toto Statement](https://in-toto.io/Statement/v1) in a DSSE [`Envelope`], signed with Ed25519.
//! The statement names a file by its digest; its predicate says what a plan permits ([`PlanPredicate`]), or which plan a
//! run executed and who approved it ([`RecordPredicate`]).

mod check;
mod claimed_end;
mod envelope;
mod error;
mod key;
mod permits;
mod predicate;
mod statement;

pub use check::{check_plan, check_record, check_run_of_plan, sign_plan, sign_record};
pub use claimed_end::{ClaimedEnd, compare_with_claims};
pub use envelope::Envelope;
pub use error::AttestError;
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use permits::Permits;
pub use predicate::{Approved, PlanPredicate, RecordPredicate, RemovalPredicate, SignedRecord};
