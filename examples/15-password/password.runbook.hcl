# An ephemeral password: arcbook makes it, and only the vault keeps it. No plan, no output and no record ever has it.
#
#   arcbook run -lab examples/15-password

step "random" "password" {
  length  = 24
  exclude = "0O1lI"
}

# An existing secret keeps its value: a later run makes another password, and does not store it.
# arcbook:allow secret-without-expiry the database of the example knows no other password
step "keyvault_secret_set" "password" {
  vault      = "sandbox00000000"
  name       = "database-password"
  value      = step.random.password.value
  keep_value = true
}

# Whoever needs the password reads it from the vault, where it is the same in every run.
step "keyvault_secret" "password" {
  vault      = "sandbox00000000"
  name       = "database-password"
  depends_on = [step.keyvault_secret_set.password]
}

output "version" { value = step.keyvault_secret.password.version }

# The length is in this file.
output "has_24_characters" { value = nonsensitive(length(step.keyvault_secret.password.value) == 24) }
