# The Azure of the PostgreSQL lab, as runbooks/postgres/prepare leaves it. Values are literals.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Arc Jumpstart"

resource_group "arc_pilot" {
  location = "westeurope"
}

machine "ArcBox-Ubuntu-01" {
  resource_group = "arc_pilot"
  tags           = { datacentre = "Azure Citadel" }
}

# The group has the rights, and the machine is a member.
group "database-clients" {
  id      = "30000000-0000-4000-8000-000000000001"
  members = ["ArcBox-Ubuntu-01"]

  role_assignment { role = "Reader" }
}

key_vault "arcpg00000000" {
  resource_group = "arc_pilot"
  rbac           = true

  role_assignment {
    role      = "Key Vault Secrets User"
    principal = "database-clients"
  }

  # The database of runbooks/postgres/server, which starts one on this computer.
  secret "psql-cmd" {
    value = "psql --host=localhost --port=5432 --username=visitor --dbname=site"
  }

  secret "psql-pgpass" {
    value = "localhost:*:*:visitor:visits"
  }
}

# A resource that is no vault.
storage_account "arcpg00000000" {
  resource_group = "arc_pilot"
}
