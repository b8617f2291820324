//! The kind `managed`: the identity of this machine, under a name.

use std::sync::Arc;

use arcbook_engine::step::{
    ArgumentError, ArgumentValues, Arguments, Identity, IdentitySchema, IdentityType, Platform as _,
};

use crate::azure::Azure;

/// Acts as the managed identity of this machine.
///
/// Steps that name no identity do so too. Declare it to name it where another identity is the default.
#[derive(Arguments)]
struct ManagedIdentity {}

/// The kind `managed`.
pub(crate) struct ManagedKind {
    schema: IdentitySchema,
    azure: Arc<Azure>,
}

impl ManagedKind {
    pub fn new(azure: Arc<Azure>) -> Self {
        let schema = IdentitySchema {
            name: "managed",
            docs: ManagedIdentity::DOCS,
            example: EXAMPLE,
            arguments: ManagedIdentity::fields(),
            groups: ManagedIdentity::GROUPS,
        };
        Self { schema, azure }
    }
}

const EXAMPLE: &str = r#"identity "managed" "machine" {}

step "arm_list" "resources" {
  scope    = "/subscriptions/00000000-0000-0000-0000-000000000000"
  identity = identity.managed.machine
}

output "resources" {
  value = length(step.arm_list.resources.items)
}
"#;

impl IdentityType for ManagedKind {
    fn schema(&self) -> &IdentitySchema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn Identity>, Vec<ArgumentError>> {
        ManagedIdentity::take(arguments).map(|_| self.azure.machine())
    }
}
