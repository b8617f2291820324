//! Defines the platform, which steps act on.

use std::sync::Arc;

use super::{ActionFacts, BoxFuture, Identity, Permission, PlatformScript, Right, Setting};

/// The engine's interface to its environment: the machine's identity, the roles, and connections opened early.
pub trait Platform: Send + Sync {
    /// Returns the identity of this machine, as which steps act that name no other.
    fn machine(&self) -> Arc<dyn Identity>;

    /// Opens a connection to the host of `url` for later requests; never fails, and sends no request.
    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()>;

    /// Returns the roles that grant `needs`, by scope, without network access; empty if the platform has no roles.
    fn rights(&self, _needs: &[Permission]) -> Vec<Right> {
        Vec::new()
    }

    /// Returns the right on the machine itself that an action needs, in words; none if any user may perform it.
    fn local_right(&self, _action: &ActionFacts) -> Option<&'static str> {
        None
    }

    /// Returns true if the platform or an own service of the user serves `host`, which may be partly unknown, such as
    /// `(known after step.arm_list.vaults).vault.azure.net`.
    fn serves(&self, _host: &str) -> bool {
        false
    }

    /// Returns true if a store of objects is at a host, of which only the end may be known: whoever may read the store reads
    /// them.
    fn keeps_objects(&self, _host: &str) -> bool {
        false
    }

    /// Returns how a script gets tokens of the machine, and where it finds the platform.
    fn script(&self) -> PlatformScript {
        PlatformScript::default()
    }

    /// Returns the environment that steps act on, such as the cloud, without network access.
    fn setting(&self) -> Setting;
}
