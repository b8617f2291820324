//! Remembers the results of a lookup for the change that follows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arcbook_engine::value::Value;

/// The results of the lookup of an attempt, shared by its sessions.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Remembered>>);

#[derive(Default)]
struct Remembered {
    version: Option<String>,
    proof: Option<Value>,
}

impl Memory {
    /// Remembers the version of the object, such as its `ETag`.
    pub fn set_version(&self, version: Option<String>) {
        self.lock().version = version;
    }

    /// Returns the version of the object, if the lookup found one.
    pub fn version(&self) -> Option<String> {
        self.lock().version.clone()
    }

    /// Remembers the proof that the change is going to leave.
    pub fn set_proof(&self, proof: Option<Value>) {
        self.lock().proof = proof;
    }

    /// Returns the proof that the change is going to leave, as far as the lookup has learnt it.
    pub fn proof(&self) -> Option<Value> {
        self.lock().proof.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
