# Values for the Azure of prepare.lab.hcl, which `arcbook run -lab` uses.

tenant        = "10000000-0000-4000-8000-000000000001"
client_id     = "20000000-0000-4000-8000-000000000001"
client_secret = "the operator of the lab"

subscription   = "00000000-0000-0000-0000-000000000000"
resource_group = "arc_pilot"
location       = "westeurope"
group          = "30000000-0000-4000-8000-000000000001"
machines       = ["ArcBox-Ubuntu-01"]

# The database of runbooks/postgres/server.
database = {
  host = "localhost"
  name = "site"
  user = "visitor"
}

password = "visits"
