# Installs the agent, unless it is there, and connects the machine.

locals {
  version_of = {
    deb = ["dpkg-deb", "--field", step.file.package.path, "Version"]
    rpm = ["rpm", "--query", "--package", "--queryformat", "%%{VERSION}-%%{RELEASE}", step.file.package.path]
  }
  install = {
    deb = ["dpkg", "--install", step.file.package.path]
    rpm = ["rpm", "--upgrade", step.file.package.path]
  }
}

# The package is verified and installed from a copy that only root can write to: nobody replaces it in between.
step "file" "package" {
  description        = "Copies the package to a place of root's own."
  when               = local.package != null
  path               = "${var.cache}/azcmagent.${var.package_format}"
  source             = local.package
  mode               = "0600"
  create_directories = true
  depends_on         = [step.assert.preflight]
}

step "assert" "package" {
  description = "Verifies the copy before any program opens it."
  when        = local.package != null
  condition   = step.file.package.sha256 == lower(var.package_sha256)
  message     = "The copy of the package is not the one that `package_sha256` names. Nothing was installed."
}

step "exec" "version" {
  description = "Reads the version in the package."
  when        = local.package != null
  argv        = local.version_of[var.package_format]
  effect      = "reads"
  timeout     = "1m"
  depends_on  = [step.assert.package]
}

step "exec" "install" {
  description = "Installs the package, unless the agent is there in this version or a newer one."
  when        = local.package != null
  argv        = local.install[var.package_format]
  unless      = ["sh", "installed.sh", var.package_format, trimspace(step.exec.version.stdout)]
  idempotent  = true
  timeout     = "15m"

  # Another program may hold the lock of the package manager.
  retry {
    attempts  = 10
    delay     = "5s"
    max_delay = "30s"
  }
}

step "arc_connect" "machine" {
  description     = "Connects the machine, unless it is connected as configured."
  tenant_id       = var.tenant_id
  subscription_id = var.subscription_id
  resource_group  = var.resource_group
  resource_name   = var.resource_name
  location        = var.location
  tags            = var.tags
  proxy           = var.proxy

  # The agent gets a token of the service principal that expires within the hour, and never its secret. An undo disconnects
  # the machine with another one.
  identity   = identity.client_secret.onboarding
  depends_on = [step.exec.install, step.provider_registration.arc]
}
