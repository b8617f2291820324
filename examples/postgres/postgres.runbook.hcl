# This runbook reads the connection to a PostgreSQL database from a vault, and queries the database.
#
# The secret is a URI or the command line of `psql`, as Azure offers them (`psql-cmd`). Its password stays secret; the
# plan says where the statements may go, because `host` and `database` hold the connection to it.
#
#   arcbook plan examples/postgres
#
# It needs a server: `localhost` here, whose certificate is for that name. If its authority is not one of the system,
# SSL_CERT_FILE names the file with its certificate.
#
#   SSL_CERT_FILE=ca.crt arcbook run -lab examples/postgres

variable "vault" {
  type    = string
  default = "arcmi00000000"
}

step "keyvault_secret" "psql" {
  vault = var.vault
  name  = "psql-cmd"
}

step "postgres_query" "visit" {
  connection = step.keyvault_secret.psql.value
  host       = "localhost"
  database   = "site"
  statement  = "INSERT INTO visits (name) VALUES ($1) RETURNING id"
  parameters = ["arcbook"]
  effect     = "changes"
}

step "postgres_query" "visits" {
  connection = step.keyvault_secret.psql.value
  host       = "localhost"
  database   = "site"
  statement  = "SELECT name, count(*) AS visits FROM visits GROUP BY name ORDER BY name"
  depends_on = [step.postgres_query.visit]
}

output "visits" {
  value = { for row in step.postgres_query.visits.rows : row.name => row.visits }
}
