# The PostgreSQL lab: a machine finds the login to a database in a vault, and adds itself to a table there.
#
#   runbooks/postgres/server arcbook run -lab runbooks/postgres    on a computer with PostgreSQL, against a local Azure
#   arcbook run runbooks/postgres                                  on an Arc-enabled server, against Azure
#
# README.md says what it needs, how to change it, and how to open an interactive psql afterwards.

runbook {
  description = "The PostgreSQL lab: find the login in the vault, and use it."
  requires    = ">= 0.1"
}

variable "vault" {
  type        = string
  default     = null
  description = "Name of the vault, if the resource group of the machine has several."
}

variable "host" {
  type        = string
  default     = null
  description = "Host of the database; if it is given, the plan shows it, and a secret with another one is refused."
}

variable "entra" {
  type        = bool
  default     = false
  description = "True to log in with a token of the machine in place of a password."
}

variable "pgpass" {
  type        = string
  default     = "pgpass"
  description = "File that gets the password; a relative path starts beside this runbook."
}

locals {
  group      = step.metadata.machine.resource_group_id
  machine    = step.metadata.machine.name
  datacentre = lookup(step.metadata.machine.tags, "datacentre", "unknown")

  found = step.arm_list.vaults.extract.names
  vault = var.vault != null ? var.vault : length(local.found) == 1 ? local.found[0] : null

  # One of the two is the proof of identity, unless the connection has a password itself.
  password_file = var.entra ? null : step.file.pgpass.path
  entra_token   = var.entra ? true : null
}

# The machine: its agent knows its name, its resource group and its tags.

step "metadata" "machine" {
  description = "Asks the agent on this machine who the machine is."
}

# The vault: there are two ways to find it. The list of all resources has their types, so a query can select the vaults;
# the list of the resource provider has nothing but vaults.

step "arm_list" "resources" {
  description = "Lists the resources beside the machine."
  scope       = local.group
  extract     = { vaults = "value[?lower(type)=='microsoft.keyvault/vaults'].name" }
}

step "arm_list" "vaults" {
  description = "Lists the vaults beside the machine."
  path        = "${local.group}/providers/Microsoft.KeyVault/vaults"
  extract     = { names = "value[].name" }
}

check "vaults" {
  assert {
    condition     = toset(step.arm_list.resources.extract.vaults) == toset(local.found)
    error_message = "The two lists have different vaults: one of them was made while somebody changed a vault."
  }
}

step "assert" "vault" {
  description = "Stops if it is not clear which vault is meant."
  condition   = local.vault != null
  message = (length(local.found) == 0
    ? "The machine sees no vault in ${local.group}. Run runbooks/postgres/prepare; it gives the machine the role Reader there, too."
    : "The machine sees several vaults: choose one of ${join(", ", local.found)} with -var vault=NAME."
  )
}

# The secrets: `psql-cmd` says where the database is, `psql-pgpass` is a line for the file that psql reads passwords from.

step "keyvault_secret" "psql" {
  description = "Reads where the database is: a URI, or the command line of psql."
  vault       = local.vault
  name        = "psql-cmd"
  depends_on  = [step.assert.vault]
}

step "keyvault_secret" "pgpass" {
  description = "Reads the password, as a line of a pgpass file."
  when        = !var.entra
  vault       = local.vault
  name        = "psql-pgpass"
  depends_on  = [step.assert.vault]
}

step "file" "pgpass" {
  description = "Writes the pgpass file, which nobody else may read."
  when        = !var.entra
  path        = var.pgpass
  content     = "${chomp(step.keyvault_secret.pgpass.value)}\n"
  mode        = "0600"
}

# The database: `connection` is read as data. No shell and no psql runs, and TLS is verified whatever it says.

step "postgres_query" "server" {
  description   = "Logs in, and asks the server for its version and for the TLS of this connection."
  connection    = step.keyvault_secret.psql.value
  host          = var.host
  password_file = local.password_file
  entra_token   = local.entra_token
  statement     = <<-SQL
    SELECT current_setting('server_version') AS version, version AS tls
    FROM pg_stat_ssl WHERE pid = pg_backend_pid()
  SQL
}

step "postgres_query" "entry" {
  description   = "Adds the machine to the table, unless it is there."
  connection    = step.keyvault_secret.psql.value
  host          = var.host
  password_file = local.password_file
  entra_token   = local.entra_token
  statement     = "INSERT INTO machines (name, datacentre) VALUES ($1, $2)"
  parameters    = [local.machine, local.datacentre]
  effect        = "changes"

  unless {
    statement  = "SELECT name FROM machines WHERE name = $1"
    parameters = [local.machine]
  }

  undo {
    statement  = "DELETE FROM machines WHERE name = $1"
    parameters = [local.machine]
  }
}

step "postgres_query" "machines" {
  description   = "Reads the table."
  connection    = step.keyvault_secret.psql.value
  host          = var.host
  password_file = local.password_file
  entra_token   = local.entra_token
  statement     = "SELECT name, datacentre FROM machines ORDER BY name"
  depends_on    = [step.postgres_query.entry]
}

output "datacentre" {
  value       = local.datacentre
  description = "The tag of this machine."
}

output "server" {
  value       = step.postgres_query.server.rows[0]
  description = "The version of the server, and the version of TLS."
}

output "machines" {
  value       = { for row in step.postgres_query.machines.rows : row.name => row.datacentre }
  description = "The table, by machine."
}

output "psql" {
  value = format("host=%s port=%d dbname='%s' user='%s'",
    step.postgres_query.server.host,
    step.postgres_query.server.port,
    replace(step.postgres_query.server.database, "/(['\\\\])/", "\\$1"),
    replace(step.postgres_query.server.user, "/(['\\\\])/", "\\$1"),
  )
  description = "The connection for an interactive psql, without the password."
}
