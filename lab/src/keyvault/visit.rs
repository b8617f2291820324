//! One request and what it is about.

use super::store::Store;
use crate::exchange::Call;
use crate::token::Claims;
use crate::world::Vault;

/// One request to one vault.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub vault: &'a Vault,
    pub store: &'a Store,
    pub call: &'a Call,
    pub claims: &'a Claims,
}
