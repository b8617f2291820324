# Values for the Azure of offboard.lab.hcl, which `arcbook run -lab` uses.

tenant_id     = "10000000-0000-4000-8000-000000000001"
client_id     = "20000000-0000-4000-8000-000000000001"
client_secret = "a secret of the lab"
group_id      = "30000000-0000-4000-8000-000000000001"

# Nothing on your computer is removed: the lab plays the agent.
remove_package = false
