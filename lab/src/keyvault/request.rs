//! One request and its vault.

use super::store::Store;
use crate::exchange::Call;
use crate::token::Claims;
use crate::world::Vault;

/// A request to a vault, with the vault's data.
#[derive(Clone, Copy)]
pub(super) struct VaultRequest<'a> {
    pub vault: &'a Vault,
    /// The place of the vault among those of the world.
    pub index: usize,
    pub store: &'a Store,
    pub call: &'a Call,
    pub claims: &'a Claims,
}
