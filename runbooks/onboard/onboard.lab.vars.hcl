# Values for the Azure of onboard.lab.hcl, which `arcbook run -lab` uses.

tenant_id       = "10000000-0000-4000-8000-000000000001"
subscription_id = "00000000-0000-0000-0000-000000000000"
resource_group  = "edge"
location        = "westeurope"
tags            = { Site = "Dock 4", Owner = "operations" }

client_id     = "20000000-0000-4000-8000-000000000001"
client_secret = "a secret of the lab"

group_id     = "30000000-0000-4000-8000-000000000001"
vault        = "edge-secrets"
secret       = "site"
certificates = ["web"]

# Nothing is installed on your computer: the lab plays the agent, and needs neither root nor space nor the internet.
package      = null
root         = false
disk_gib     = 0
hosts        = []
vault_domain = null
