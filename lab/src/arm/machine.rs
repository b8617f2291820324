//! The Arc-enabled server as the `Microsoft.HybridCompute` provider returns it.

use serde_json::{Value, json};

use super::Arm;
use super::resource::Resource;
use crate::clock;
use crate::himds::ConnectedMachine;

impl Arm {
    pub(super) fn machine_properties(&self, resource: &Resource) -> Value {
        let Some(machine) = &self.context.world.machine else { return Value::Null };
        // The agent of a machine that was disconnected on its side only has no contact any more.
        let connected = self.context.agent.connected();
        let is_own = |own: &ConnectedMachine| own.machine.id.eq_ignore_ascii_case(&resource.id);
        let status = if connected.is_some_and(|own| is_own(&own)) { "Connected" } else { "Disconnected" };
        // The provider returns these booleans as strings.
        json!({
            "provisioningState": "Succeeded",
            "status": status,
            "lastStatusChange": clock::iso(clock::now()),
            "agentVersion": machine.agent_version,
            "displayName": resource.name,
            "machineFqdn": resource.name.to_lowercase(),
            "vmId": machine.vm_id,
            "vmUuid": machine.vm_id,
            "osName": machine.os.name(),
            "osType": machine.os.name(),
            "osVersion": machine.os_version,
            "osSku": machine.os_sku,
            "detectedProperties": { "cloudprovider": "N/A", "manufacturer": "", "model": "" },
            "agentConfiguration": {
                "incomingConnectionsPorts": [],
                "extensionsEnabled": "true",
                "guestConfigurationEnabled": "true",
                "configMode": "full",
            },
            "serviceStatuses": {
                "extensionService": { "status": "active", "startupType": "enabled" },
                "guestConfigurationService": { "status": "active", "startupType": "enabled" },
            },
            "mssqlDiscovered": "false",
            "errorDetails": [],
        })
    }
}
