//! Lists the exceptions from the rule for the names of actions, as of 2026-06.

use arcbook_engine::step::{Permission, Text};

/// Actions that the rule names otherwise: a request with POST that reads, and one that deletes.
const ACTIONS: [(&str, &str); 8] = [
    ("Microsoft.ResourceGraph/resources/action", "Microsoft.ResourceGraph/resources/read"),
    (
        "Microsoft.OperationalInsights/workspaces/query/action",
        "Microsoft.OperationalInsights/workspaces/query/read",
    ),
    ("Microsoft.Network/networkWatchers/nextHop/action", "Microsoft.Network/networkWatchers/nextHop/read"),
    ("Microsoft.Network/networkWatchers/topology/action", "Microsoft.Network/networkWatchers/topology/read"),
    (
        "Microsoft.Network/networkWatchers/networkConfigurationDiagnostic/action",
        "Microsoft.Network/networkWatchers/networkConfigurationDiagnostic/read",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts/readonlykeys/action",
        "Microsoft.DocumentDB/databaseAccounts/readonlykeys/read",
    ),
    ("Microsoft.ChangeAnalysis/resourceChanges/action", "Microsoft.ChangeAnalysis/resourceChanges/read"),
    (
        "Microsoft.SecurityInsights/sourcecontrols/delete/action",
        "Microsoft.SecurityInsights/SourceControls/delete",
    ),
];

/// Types that have another name in actions than in paths.
const TYPES: [(&str, &str); 4] = [
    ("Microsoft.DigitalTwins/digitalTwinsInstances", "Microsoft.DigitalTwins/digitaltwins"),
    ("Microsoft.EventHub/namespaces/networkRuleSets", "Microsoft.EventHub/namespaces/networkruleset"),
    ("Microsoft.Network/dscpConfigurations", "Microsoft.Network/dscpConfiguration"),
    ("Microsoft.ServiceBus/namespaces/networkRuleSets", "Microsoft.ServiceBus/namespaces/networkruleset"),
];

/// Actions of the data plane at paths of the control plane.
const DATA: [&str; 1] = ["Microsoft.HybridCompute/locations/publishers/extensionTypes/versions/read"];

/// Returns the permission for an action that the rule computed.
pub fn apply(action: String, scope: Text) -> Permission {
    if let Some((_, exception)) = ACTIONS.iter().find(|(computed, _)| computed.eq_ignore_ascii_case(&action))
    {
        return Permission::control(*exception, scope);
    }
    if DATA.iter().any(|data| data.eq_ignore_ascii_case(&action)) {
        return Permission::data(action, scope);
    }
    let renamed = TYPES.iter().find_map(|(path, name)| {
        let start = action.get(..path.len()).filter(|start| start.eq_ignore_ascii_case(path))?;
        let rest = action.strip_prefix(start).filter(|rest| rest.starts_with('/'))?;
        Some(format!("{name}{rest}"))
    });
    Permission::control(renamed.unwrap_or(action), scope)
}
