//! One request and its storage account.

use super::store::Store;
use crate::access::Access;
use crate::exchange::Call;
use crate::token::Claims;
use crate::world::Account;

/// A request to a storage account, with the account's data.
#[derive(Clone, Copy)]
pub(super) struct AccountRequest<'a> {
    pub account: &'a Account,
    pub store: &'a Store,
    pub call: &'a Call,
    pub claims: &'a Claims,
    pub access: &'a Access,
}
