# Twelve servers for the local Azure to serve. No script runs on this computer: the blocks `run_command` say how each ends.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Fleet"

resource_group "operations" { location = "westeurope" }

resource_group "web" { location = "westeurope" }

# The server from which the fleet is run. Grants that name no principal are for its identity.
machine "operator" { resource_group = "operations" }

role_assignment { role = "Reader" }

role_assignment { role = "Azure Connected Machine Resource Administrator" }

resource_type "Microsoft.HybridCompute/machines/runCommands" {}

# The ends of the scripts. Take away the signs `#` of these lines to see a server fail:
#
# run_command "web-07" {
#   exit_code = 1
#   output    = "{\"summary\":{\"format\":1,\"status\":\"failed\",\"exit\":1,\"host\":\"web-07\",\"steps\":{\"total\":3,\"done\":1,\"changed\":0,\"recalled\":0,\"failed\":1,\"tolerated\":0,\"skipped\":1,\"left_out\":0},\"failure\":{\"code\":\"local-problem\",\"address\":\"step.file.page\",\"message\":\"no space left on device\"},\"milliseconds\":80}}\n"
#   error     = "error[local-problem]: no space left on device\n"
# }

run_command "*" {
  output = "{\"summary\":{\"format\":1,\"status\":\"done\",\"exit\":0,\"steps\":{\"total\":3,\"done\":3,\"changed\":2,\"recalled\":0,\"failed\":0,\"tolerated\":0,\"skipped\":0,\"left_out\":0},\"milliseconds\":412}}\n"
}

# The servers. The agent of web-11 has lost contact.

resource "Microsoft.HybridCompute/machines" "web-01" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-02" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-03" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-04" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-05" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-06" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-07" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-08" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-09" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-10" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}

resource "Microsoft.HybridCompute/machines" "web-11" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Disconnected" }
}

resource "Microsoft.HybridCompute/machines" "web-12" {
  resource_group = "web"
  tags           = { fleet = "web" }
  properties     = { osType = "linux", status = "Connected" }
}
