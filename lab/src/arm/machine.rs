//! The Arc-enabled server as the `Microsoft.HybridCompute` provider returns it.

use serde_json::{Value, json};

use super::Arm;
use crate::clock;

impl Arm {
    pub(super) fn machine_properties(&self) -> Value {
        let Some(machine) = &self.context.world.machine else { return Value::Null };
        // The provider returns these booleans as strings.
        json!({
            "provisioningState": "Succeeded",
            "status": "Connected",
            "lastStatusChange": clock::iso(clock::now()),
            "agentVersion": machine.agent_version,
            "displayName": machine.name,
            "machineFqdn": machine.name.to_lowercase(),
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
