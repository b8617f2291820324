//! Vaults that ARM creates, deletes and recovers.

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::store::State;
use super::target::Target;
use super::{Arm, answer, denial};
use crate::exchange::Refused;
use crate::world::Kind;

impl Arm {
    /// Returns the kind of a resource that is about to be created.
    ///
    /// Refuses a vault whose name belongs to a deleted one, unless the body recovers that, and one that decides on access in
    /// another way than the world says.
    pub(super) fn kind_of_new(
        &self,
        state: &mut State,
        target: &Target<'_>,
        body: &Map<String, Value>,
    ) -> Result<Kind, Refused> {
        let world = &self.context.world;
        let kind = world.kind_at(&target.id);
        let Kind::Vault(index) = kind else { return Ok(kind) };
        let property = |name: &str| body.get("properties").and_then(|properties| properties.get(name));
        if state.is_deleted_vault(&target.id) {
            let mode = property("createMode").and_then(Value::as_str).unwrap_or_default();
            if !mode.eq_ignore_ascii_case("recover") {
                let message = format!(
                    "The vault name '{}' belongs to a vault in deleted state. Recover or purge that vault.",
                    target.name
                );
                return Err(denial::conflict("VaultAlreadyExists", &message));
            }
            state.recover_vault(&target.id);
            return Ok(kind);
        }
        let has_roles = property("enableRbacAuthorization").and_then(Value::as_bool).unwrap_or(false);
        if world.vaults.get(index).is_some_and(|vault| vault.rbac != has_roles) {
            let message = format!(
                "The world of this lab declares the vault '{}' with another `rbac` than enableRbacAuthorization.",
                target.name
            );
            return Err(answer::refused(StatusCode::BAD_REQUEST, "BadRequest", &message));
        }
        Ok(kind)
    }
}
