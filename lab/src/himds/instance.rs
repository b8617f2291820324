//! The instance metadata document.

use crate::world::Machine;
use serde_json::{Value, json};

/// `/metadata/instance`.
pub(super) fn document(subscription: &str, machine: &Machine) -> Value {
    json!({ "compute": compute(subscription, machine), "network": {} })
}

/// `/metadata/instance/compute`: every scalar is a string, and inapplicable ones are empty.
pub(crate) fn compute(subscription: &str, machine: &Machine) -> Value {
    let tags: Vec<String> = machine.tags.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let tags_list: Vec<Value> =
        machine.tags.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "azEnvironment": "AzurePublicCloud",
        "customData": "",
        "isHostCompatibilityLayerVm": "",
        "location": machine.location,
        "name": machine.name,
        "offer": "",
        "osType": machine.os.name(),
        "placementGroupId": "",
        "plan": { "name": "", "product": "", "publisher": "" },
        "platformFaultDomain": "",
        "platformUpdateDomain": "",
        "provider": machine.provider,
        "publicKeys": null,
        "publisher": "",
        "resourceGroupName": machine.group,
        "resourceId": machine.id,
        "securityProfile": { "secureBootEnabled": "", "virtualTpmEnabled": "" },
        "sku": machine.os_sku,
        "storageProfile": {},
        "subscriptionId": subscription,
        "tags": tags.join(";"),
        "tagsList": tags_list,
        "version": machine.os_version,
        "vmId": machine.vm_id,
        "vmScaleSetName": "",
        "vmSize": machine.size,
        "zone": "",
    })
}
