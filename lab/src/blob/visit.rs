//! One request and what it is about.

use super::store::Store;
use crate::exchange::Call;
use crate::token::Claims;
use crate::world::{Account, World};

/// One request to one account.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub account: &'a Account,
    pub store: &'a Store,
    pub call: &'a Call,
    pub claims: &'a Claims,
    pub world: &'a World,
}
