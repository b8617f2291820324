//! A world of everything that ARM has for an Arc-enabled server, and runbooks that write and read it.

pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// A principal that holds a role: its application id, its object id and its secret.
pub const TEAM: [&str; 3] =
    ["20000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000002", "open-sesame"];

/// The object id of another principal.
pub const OTHER: &str = "20000000-0000-4000-8000-000000000004";

pub const WORLD: &str = r#"
tenant_id          = "10000000-0000-4000-8000-000000000001"
subscription       = "00000000-0000-0000-0000-000000000000"
page_size          = 3
run_commands       = true
registration_polls = 1

resource_group "rg" { location = "westeurope" }

machine "vm-1" {
  resource_group = "rg"
  tags           = { city = "Utrecht" }
}

role_assignment { role = "Owner" }

service_principal "team" {
  client_id = "20000000-0000-4000-8000-000000000001"
  object_id = "20000000-0000-4000-8000-000000000002"
  secret "current" { value = "open-sesame" }
  role_assignment { role = "Owner" }
}

service_principal "other" {
  client_id = "20000000-0000-4000-8000-000000000003"
  object_id = "20000000-0000-4000-8000-000000000004"
}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  write_only = ["properties.protectedSettings"]
  operation { kind = "azure-async-operation" }
}

resource_type "Microsoft.HybridCompute/machines/runCommands" {
  write_only = ["properties.protectedParameters"]
  operation {
    kind    = "azure-async-operation"
    methods = ["PUT"]
  }
  # arcbook does not wait for the end of a removal, so it ends without a poll.
  operation {
    kind         = "azure-async-operation"
    methods      = ["DELETE"]
    milliseconds = 1
  }
}

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }

resource_type "Microsoft.GuestConfiguration/guestConfigurationAssignments" { registered = false }

resource_type "Microsoft.OperationalInsights/workspaces" {
  api_versions = ["2023-09-01"]
  defaults     = { retentionInDays = 30 }
}

key_vault "shared01" {
  resource_group = "rg"
  access_policy { secrets = ["all"] }
  access_policy {
    principal = "team"
    secrets   = ["all"]
  }
}

storage_account "shared01" {
  resource_group = "rg"
  role_assignment { role = "Storage Blob Data Contributor" }
  role_assignment {
    role      = "Storage Blob Data Contributor"
    principal = "team"
  }
}
"#;

/// The locals of each runbook.
const LOCALS: &str = r#"
locals {
  subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
  machine      = "${local.subscription}/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/vm-1"

  template = {
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    parameters     = { name = { type = "string" } }

    resources = [{
      type       = "Microsoft.OperationalInsights/workspaces"
      apiVersion = "2023-09-01"
      name       = "[parameters('name')]"
      location   = "[resourceGroup().location]"
    }]

    outputs = { name = { type = "string", value = "[parameters('name')]" } }
  }
}
"#;

/// The steps of `BY` in a group of its own.
const SHARED: &str = r#"
step "resource_group" "own" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  name            = "from-BY"
  location        = "westeurope"
  tags            = { by = "BY" }
}

step "arc_extension" "own" {
  machine            = local.machine
  name               = "from-BY"
  publisher          = "Publisher.BY"
  type               = "Type.BY"
  settings           = { level = "high" }
  protected_settings = { commandToExecute = "hush" }
  tags               = { by = "BY" }
}

step "arm_resource" "own" {
  id          = "${step.resource_group.own.id}/providers/Microsoft.OperationalInsights/workspaces/by-BY"
  api_version = "2023-09-01"
  body = {
    location   = "westeurope"
    tags       = { by = "BY" }
    properties = { retentionInDays = 60 }
  }
}

step "arm_deployment" "own" {
  name       = "main"
  scope      = step.resource_group.own.id
  template   = local.template
  parameters = { name = "deployed-by-BY" }
}
"#;

const WRITES: &str = r#"
step "resource_tags" "group" {
  id   = "${local.subscription}/resourceGroups/rg"
  tags = { owner = "arcbook" }
}

step "provider_registration" "connectivity" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  namespace       = "Microsoft.HybridConnectivity"
}

step "role_assignment" "team" {
  scope        = step.resource_group.own.id
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000002"
  reason       = "reads what arcbook wrote"
}

step "arc_run_command" "hello" {
  machine    = local.machine
  script     = "echo hello"
  depends_on = [step.arc_extension.own]
}
"#;

const READS: &str = r#"
step "resource_tags" "group" {
  id   = step.resource_group.own.id
  tags = { owner = "BY" }
}

step "provider_registration" "configuration" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  namespace       = "Microsoft.GuestConfiguration"
}

step "role_assignment" "other" {
  scope        = "${local.subscription}/resourceGroups/from-arcbook"
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000004"
}

output "deployed" {
  value = step.arm_deployment.own.outputs.name
}
"#;

/// Returns the runbook by which arcbook writes what others read.
pub fn writes() -> String {
    format!("{LOCALS}{SHARED}{WRITES}").replace("BY", "arcbook")
}

/// Returns the runbook that declares what `by` wrote.
pub fn reads(by: &str) -> String {
    format!("{LOCALS}{SHARED}{READS}").replace("BY", by)
}
