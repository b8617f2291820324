# A token for any resource, such as a database, and what it says about its holder. Steps that call Azure need none of
# this: they get their own tokens.
#
#   arcbook run -lab examples/13-token
#
# `arcbook token -resource URI` prints a token for use in a shell, and with `-claims` its claims.

step "token" "database" {
  resource = "https://ossrdbms-aad.database.windows.net"
}

output "audience" { value = step.token.database.claims.aud }
output "identity" { value = step.token.database.claims.oid }
output "expires" { value = timeadd("1970-01-01T00:00:00Z", "${step.token.database.expires_on}s") }
