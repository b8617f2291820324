# Credentials for other tools: a program gets a secret and a token in its environment or on its standard input, never on
# its command line, which every user of the machine can read.
#
#   arcbook run -lab examples/14-credentials
#
# `printenv` and `wc` stand for your tools, such as `psql`, which reads PGPASSWORD. What a program prints may hold the
# secret, so its output is sensitive too.

step "keyvault_secret" "scenario" {
  vault = "arcmi00000000"
  name  = "scenario"
}

step "token" "arm" {
  resource = "https://management.azure.com"
}

step "exec" "environment" {
  argv        = ["printenv", "PGPASSWORD"]
  environment = { PGPASSWORD = step.keyvault_secret.scenario.value }
  effect      = "reads"
  timeout     = "10s"
}

step "exec" "stdin" {
  argv    = ["wc", "-c"]
  stdin   = step.token.arm.access_token
  effect  = "reads"
  timeout = "10s"
}

# `nonsensitive` is your word that this part may be seen; a comment says why, and `arcbook audit` lists it.
output "same" {
  # That two texts are equal says nothing about either.
  value = nonsensitive(trimspace(step.exec.environment.stdout) == step.keyvault_secret.scenario.value)
}

output "token_has_characters" {
  # Every token has characters.
  value = nonsensitive(tonumber(trimspace(step.exec.stdin.stdout)) > 0)
}
