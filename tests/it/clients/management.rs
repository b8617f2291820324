//! Microsoft's management clients read what arcbook wrote, and arcbook finds as wanted what they wrote.

use serde_json::json;

use super::bench::{self, Bench};
use super::runbooks::{OTHER, SUBSCRIPTION, TEAM, WORLD, reads, writes};
use crate::chain::holds;
use crate::support::Place;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of answers")]
fn each_manages_what_the_other_wrote() {
    let Some(python) = bench::python("tests/sdk") else { return };
    let bench = Bench::start(WORLD);
    holds(&bench.run(&Place::with(&writes())), 0, &["8 of 8 steps done"]);
    let mut client = bench.script(&python, "management.py");
    client.args([&bench.cloud.lab.azure().arm, SUBSCRIPTION, TEAM[1], OTHER]);
    let told = bench::report(client.env("ARM_TOKEN", bench.token("https://management.azure.com")));
    assert_eq!(
        told["machines"],
        json!({
            "machine": ["westeurope", { "city": "Utrecht" }, "Connected"],
            "machines": ["vm-1"],
            "in_subscription": ["vm-1"],
            "extension":
                ["Publisher.arcbook", "Type.arcbook", { "level": "high" }, null, "Succeeded", { "by": "arcbook" }],
            "status": "Information",
            "missing": "ResourceNotFound",
            "created": ["from-python", "Succeeded", null],
            "updated": { "size": 2 },
            "extensions": ["brief", "from-arcbook", "from-python"],
            "left": ["from-arcbook", "from-python"],
        })
    );
    assert_eq!(
        told["scripts"],
        json!({
            "created": ["echo \"$greeting\"; exit 3", null],
            "ended": ["Failed", 3, "hello"],
            "listed": ["script"],
            "left": [],
            "gone": "ResourceNotFound",
        })
    );
    assert_eq!(
        told["resources"],
        json!({
            "group": ["westeurope", { "by": "arcbook" }],
            "resources": ["by-arcbook", "deployed-by-arcbook"],
            "resource":
                ["westeurope", { "by": "arcbook" }, { "retentionInDays": 60, "provisioningState": "Succeeded" }],
            "tags": { "owner": "arcbook" },
            "registration": "Registered",
            "own_tags": { "by": "python", "owner": "python" },
            "registered": ["Registering", "Registered"],
            "types": [
                "Microsoft.Authorization/locks",
                "Microsoft.GuestConfiguration/guestConfigurationAssignments",
                "Microsoft.HybridCompute/machines",
                "Microsoft.HybridCompute/machines/extensions",
                "Microsoft.HybridCompute/machines/runCommands",
                "Microsoft.HybridConnectivity/endpoints",
                "Microsoft.KeyVault/vaults",
                "Microsoft.OperationalInsights/workspaces",
                "Microsoft.Resources/deployments",
                "Microsoft.Resources/resourceGroups",
                "Microsoft.Storage/storageAccounts",
            ],
        })
    );
    let name = |name: &str| json!({ "name": { "type": "string", "value": name } });
    assert_eq!(
        told["deployments"],
        json!({
            "deployed":
                ["Succeeded", "Incremental", name("deployed-by-arcbook"), name("deployed-by-arcbook")],
            "predicted": [["by-arcbook", "Ignore"], ["deployed-by-arcbook", "NoChange"]],
            "valid": ["Succeeded", ["deployed-by-arcbook"]],
            "invalid": "InvalidTemplate",
            "exists": [true, false],
            "listed": ["main"],
            "ended": ["Succeeded", name("deployed-by-python")],
        })
    );
    assert_eq!(
        told["assignments"],
        json!({
            "held": [[true, "reads what arcbook wrote", "ServicePrincipal"]],
            "role": [true],
            "twin": "RoleAssignmentExists",
            "own": [true, 2],
            "left": ["40000000-0000-4000-8000-000000000001"],
            "roles": [[true, "Reader", "BuiltInRole"]],
        })
    );
    let ran = bench.finds_as_wanted(&Place::with(&reads("python")));
    holds(&ran, 0, &["7 of 7 steps done", "deployed = \"deployed-by-python\""]);
}
