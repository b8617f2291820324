# The proof that the onboarding works: the machine itself acts, with the token that its agent gives it.

step "keyvault_secret" "check" {
  description = "Reads the secret as the machine."
  vault       = var.vault
  name        = var.secret
  identity    = identity.managed.machine

  # A new membership takes some minutes to reach the vault. These attempts take ten minutes. A token of the vault that the
  # agent had before knows nothing of the membership for up to a day: README.md.
  retry {
    attempts  = 24
    delay     = "1s"
    max_delay = "30s"
    on        = [403, 408, 429, 500, 502, 503, 504, "transport"]
  }
}
